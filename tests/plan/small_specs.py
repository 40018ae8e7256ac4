"""Random small specifications, and random records that bite on them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from hypothesis import strategies as st

Mapping = dict[str, Any]

CELLS: dict[str, list[str]] = {
    "string": ["a", "b", " A ", "-", "x1", "", "N/A", 'b,"c', "ё"],
    "integer": ["0", "1", "2", "3", " 3", "-5", "007", "x", "", "-", "N/A", "9223372036854775808"],
    "number": ["0.5", "1", "2", "-0", "1e3", "nan", "1e400", "-", "", "1,5"],
    "decimal(6,2)": ["1.50", "1.5", "2", "0.005", "12345.00", "-3", "x", ""],
    "boolean": ["true", "NO", "1", "f", "maybe", "", " Yes"],
    "date": ["2026-01-02", "2026-01-03", "2026-02-30", "02.01.2026", "1.2.2026", "2026-1-2", ""],
    "datetime": [
        "2026-11-01T10:00:00Z", "2026-11-01T13:00:00+03:00", "2026-11-01T10:00:00.5Z", "2026-11-01T10:00:60Z", "",
    ],
}  # fmt: skip
VALUES = [None, 0, 1, 2, True, False, 1.0, 2.5, [1], {"q": "a"}]
NUMERIC = ("integer", "number", "decimal(6,2)")
IMPUTED = {"string": "q", "integer": 1, "number": 0.5, "decimal(6,2)": 2, "boolean": True, "date": "2026-01-02"}
STEPS = [
    "strip", "lower", "upper", {"slice": {"start": 0, "length": 3}},
    {"map": {"x": "1", "a": "b", "no": "false"}},
    {"map": {"a": "b", "1": "2", "b": "N/A"}, "otherwise": "refuse"},
    {"map": {"a": "a", "1": "1", "2": "2"}, "otherwise": "blank"},
]  # fmt: skip
QUESTIONS: dict[str, list[Mapping]] = {
    "string": [
        {"pattern": "^[a-z]"}, {"max_length": 1}, {"accepted_values": ["a", "b", "x1"]},
        {"not_accepted_values": ["b"]}, {"equals": "a"},
    ],
    "boolean": [{"equals": True}],
    "date": [{"minimum": "2026-01-03"}, {"between": ["2026-01-01", "2026-01-02"]}],
    "datetime": [{"lt": "2026-11-01T10:00:00.5Z"}],
    **{
        name: [{"between": [0, 2]}, {"minimum": 1}, {"lt": 3}, {"accepted_values": [1, 2]}, {"equals": 1}]
        for name in NUMERIC
    },
}  # fmt: skip


def condition(fields: Mapping) -> st.SearchStrategy[str]:
    """Boolean expressions over these fields."""
    atoms = []
    for name, one in fields.items():
        atoms += [f"{name} is null", f"{name} is not null"]
        if one["type"] in NUMERIC:
            atoms += [f"{name} > 0", f"{name} = 1", f"{name} in (1, 2)", f"{name} + 1 < 3"]
        elif one["type"] == "string":
            atoms += [f"{name} = 'a'", f"length({name}) > 1", f"coalesce({name}, 'a') = 'a'"]
        elif one["type"] == "boolean":
            atoms += [name, f"not {name}"]
    atom = st.sampled_from(atoms)
    return st.one_of(atom, st.tuples(atom, st.sampled_from([" and ", " or "]), atom).map("".join))


@st.composite
def options(draw: st.DrawFn, fields: Mapping, kind: str, *, may_set_null: bool) -> Mapping:
    """What stands beside the name of a check; `fields` are those that its `where` may read."""
    found: Mapping = {}
    on_fail = ["quarantine", "keep", "abort"] + ["set_null"] * (4 * may_set_null)
    if draw(st.integers(0, 2)) == 2:
        chosen = draw(st.sampled_from(on_fail))
        if chosen != "abort" or draw(st.integers(0, 3)) == 3:
            found["on_fail"] = chosen
    if draw(st.integers(0, 2)) == 2:
        found["severity"] = draw(st.sampled_from(["warning", "error"]))
    if draw(st.integers(0, 3)) == 3 and found.get("on_fail") != "abort":
        found["mostly"] = draw(st.sampled_from([0.5, 0.9, 0.25]))
    if kind != "type" and draw(st.integers(0, 2)) == 2:
        found["where"] = draw(condition(fields))
    return found


@st.composite
def base_field(draw: st.DrawFn, type_: str) -> Mapping:
    """A field that is read, without its checks."""
    one: Mapping = {"type": type_}
    if draw(st.booleans()):
        one["clean"] = draw(st.lists(st.sampled_from(STEPS), max_size=3))
    if draw(st.integers(0, 3)) == 3:
        one["missing"] = draw(st.sampled_from([[], ["-"], ["", "b"]]))
    if type_ == "date" and draw(st.booleans()):
        one["formats"] = draw(st.sampled_from([["%d.%m.%Y"], ["%Y-%m-%d", "%d.%m.%Y"]]))
    if type_ in IMPUTED and draw(st.integers(0, 3)) == 3:
        one["impute"] = {"constant": IMPUTED[type_]}
    if draw(st.integers(0, 3)) == 3:
        one["required"] = True
    if draw(st.integers(0, 3)) == 3:
        one["expect"] = [{"missing": {"max": draw(st.sampled_from([0.2, 0.5]))}}]
    return one


def derived_field(fields: Mapping) -> st.SearchStrategy[Mapping]:
    """A field that is computed from others."""
    ways = [{"type": "integer", "derive": "1 + 1"}]
    for name, one in fields.items():
        if one["type"] == "integer":
            ways += [
                {"type": "integer", "derive": f"{name} + 1"},
                {"type": "integer", "derive": f"coalesce({name}, 0)"},
            ]
        elif one["type"] == "string":
            ways += [
                {"type": "string", "derive": f"upper({name})"},
                {"type": "string", "derive": f"coalesce({name}, 'q')"},
            ]
    return st.sampled_from(ways).map(dict)


def late_fields(fields: Mapping) -> set[str]:
    """The derived fields that read an imputed one (names stand in expressions as words of their own)."""
    late = {name for name, one in fields.items() if "impute" in one}
    for name, one in fields.items():
        if "derive" in one and any(other in one["derive"] for other in late):
            late.add(name)
    return {name for name in late if "derive" in fields[name]}


@st.composite
def checks_of(
    draw: st.DrawFn, name: str, one: Mapping, base: Mapping, fields: Mapping, late: set[str]
) -> list[Mapping]:
    """The list `checks` of one field."""
    listed: list[Mapping] = []
    free = name not in late and not (one.get("required") and "impute" not in one)
    if "derive" not in one and draw(st.integers(0, 2)) == 2:
        listed.append({"type": {}, **draw(options({}, "type", may_set_null=free))})
    for question in draw(st.lists(st.sampled_from([*QUESTIONS[one["type"]], {"unique": {}}]), max_size=2)):
        unique = "unique" in question
        found = draw(options(fields, "check", may_set_null=free and not unique))
        if found.get("on_fail") == "set_null" and "where" in found:
            found["where"] = draw(condition(base))
        listed.append({**question, **found})
    return listed


@st.composite
def specs(draw: st.DrawFn) -> Mapping:
    """A specification of two to four fields that are read, and up to two that are derived."""
    types = draw(st.lists(st.sampled_from(["string", "integer", *CELLS]), min_size=2, max_size=4))
    base = {f"f{at}": draw(base_field(type_)) for at, type_ in enumerate(types)}
    fields = dict(base)
    for at in range(draw(st.integers(0, 2))):
        fields[f"z{at}"] = draw(derived_field(fields))
    late = late_fields(fields)
    early = {name: one for name, one in fields.items() if name not in late}
    for name, one in fields.items():
        if listed := draw(checks_of(name, one, base, fields, late)):
            one["checks"] = listed
    spec: Mapping = {"dq": 1, "event": "e", "version": "1.0.0", "missing": ["", "N/A"], "fields": fields}
    if draw(st.integers(0, 2)) == 2:
        spec["filter"] = [{"keep": draw(condition(early))} for _ in range(draw(st.integers(1, 2)))]
    rows = []
    for _ in range(draw(st.integers(0, 2))):
        way = draw(st.sampled_from(["assert", "assert", "unique"]))
        keys = draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=2, unique=True))
        question = {"assert": draw(condition(fields))} if way == "assert" else {"unique": keys}
        rows.append({**question, **draw(options(fields, way, may_set_null=False))})
    if rows:
        spec["checks"] = rows
    if draw(st.integers(0, 1)) == 1:
        spec["dedupe"] = draw(dedupe(sorted(early)))
    if draw(st.integers(0, 3)) == 3:
        spec["gate"] = draw(st.sampled_from([{"quarantined": 0.5}, {"fail_on": "warning"}, {"quarantined": 0.0}]))
    if draw(st.integers(0, 3)) == 3:
        spec["expect"] = [{"row_count": draw(st.sampled_from([{"min": 2}, {"max": 3}]))}]
    if draw(st.integers(0, 3)) == 3:
        spec["unknown_fields"] = draw(st.sampled_from(["quarantine", "keep"]))
    return spec


@st.composite
def dedupe(draw: st.DrawFn, names: list[str]) -> Mapping:
    """A rule of deduplication over these fields."""
    rule: Mapping = {"key": draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))}
    if draw(st.booleans()):
        rule["keep"] = draw(st.sampled_from(["first", "last"]))
    if draw(st.booleans()):
        rule["order_by"] = draw(st.sampled_from(names))
    if draw(st.booleans()):
        rule["prefer"] = "valid"
    return rule


@st.composite
def records(draw: st.DrawFn, spec: Mapping, *, typed: bool, most: int = 8) -> list[Mapping]:
    """Records of text; with `typed` also of JSON values, with absent and with unknown fields."""
    read = {name: one for name, one in spec["fields"].items() if "derive" not in one}
    found = []
    for _ in range(draw(st.integers(0, most))):
        record = {}
        for name, one in read.items():
            cells = st.sampled_from(CELLS[one["type"]])
            record[name] = draw(st.one_of(cells, cells, st.sampled_from(VALUES)) if typed else cells)
            if typed and draw(st.integers(0, 9)) == 9:
                del record[name]
        if typed and draw(st.integers(0, 5)) == 5:
            record["more"] = "7"
        found.append(record)
    return found


def csv_text(spec: Mapping, rows: list[Mapping]) -> str:
    """Return records of text as CSV with a header."""
    names = [name for name, one in spec["fields"].items() if "derive" not in one]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    return out.getvalue()


def spec_text(spec: Mapping) -> str:
    """Return a specification as it is written: JSON is YAML."""
    return json.dumps(spec, ensure_ascii=False)
