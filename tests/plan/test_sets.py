"""What concerns several records, held to the literal reading where keys collide and orders have gaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .small_specs import Mapping
from .test_kernel import NOW, compare, load

RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "k": st.sampled_from(["a", "b", "", "refused"]),
            "o": st.sampled_from(["1", "2", "3", "", "x"]),
            "v": st.sampled_from(["1", "2", "9", ""]),
        }
    ),
    max_size=10,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sets")


@st.composite
def specs(draw: st.DrawFn) -> Mapping:
    """Three fields; what concerns several records, what is imputed and what refuses vary."""
    k: Mapping = {"type": "string"}
    o: Mapping = {"type": "integer"}
    v: Mapping = {"type": "integer", "checks": [{"maximum": 5}]}
    if draw(st.booleans()):
        k["clean"] = [{"map": {"a": "a", "b": "b"}, "otherwise": "refuse"}]
    if draw(st.booleans()):
        k["impute"] = {"constant": "a"}
    if draw(st.booleans()):
        o["impute"] = {"constant": 2}
    if draw(st.booleans()):
        o["checks"] = [{"type": {}, "on_fail": draw(st.sampled_from(["set_null", "keep"]))}]
    if draw(st.booleans()):
        v["required"] = True
    rule: Mapping = {"key": draw(st.sampled_from([["k"], ["k", "v"], ["o"]]))}
    rule |= draw(st.fixed_dictionaries({}, optional={"keep": st.sampled_from(["first", "last"])}))
    rule |= draw(
        st.fixed_dictionaries({}, optional={"order_by": st.sampled_from(["o", "v"]), "prefer": st.just("valid")})
    )
    spec: Mapping = {"dq": 1, "event": "e", "version": "1.0.0", "fields": {"k": k, "o": o, "v": v}}
    if draw(st.booleans()):
        spec["dedupe"] = rule
    unique: Mapping = {"unique": draw(st.sampled_from([["k"], ["k", "o"], ["v"]]))}
    if draw(st.booleans()):
        unique["where"] = draw(st.sampled_from(["v > 1", "o = 2", "o is null", "v is not null"]))
    spec["checks"] = [unique, {"assert": "v > o", "where": "k = 'a'"}, {"assert": "v >= 1 and k <> 'c'"}]
    return spec


@settings(max_examples=100)
@given(spec=specs(), rows=RECORDS)
def test_against_the_reference(folder: Path, spec: Mapping, rows: list[Mapping]) -> None:
    compare(spec, rows, load(folder, spec).run(rows, now=NOW))


def lost(folder: Path, rule: Mapping, rows: list[Mapping], **fields: Mapping) -> list[tuple[int, int]]:
    """Return which record lost to which."""
    known = {"k": {"type": "string"}, "o": {"type": "integer"}, "v": {"type": "integer", "checks": [{"maximum": 5}]}}
    spec = {"dq": 1, "event": "e", "version": "1.0.0", "fields": known | fields, "dedupe": {"key": ["k"], **rule}}
    result = load(folder, spec).run(rows, now=NOW)
    return list(zip(result.removed["record"], result.removed["lost_record"], strict=True))


def row(k: str | None, o: Any = None, v: Any = None) -> Mapping:
    return {"k": k, "o": o, "v": v}


RULES = [
    ("the first stays", {}, [row("a"), row("a"), row("a")], [(2, 1), (3, 1)]),
    ("the last stays", {"keep": "last"}, [row("a"), row("a"), row("a")], [(1, 3), (2, 3)]),
    ("null never matches", {}, [row(None), row(None)], []),
    ("the smallest stays", {"order_by": "o"}, [row("a", 2), row("a", 1), row("a", 3)], [(1, 2), (3, 2)]),
    ("the largest stays", {"keep": "last", "order_by": "o"}, [row("a", 2), row("a", 3), row("a", 1)], [(1, 2), (3, 2)]),
    ("a null order loses", {"order_by": "o"}, [row("a"), row("a", 9)], [(1, 2)]),
    ("a null order loses to the last, too", {"keep": "last", "order_by": "o"}, [row("a", 9), row("a")], [(2, 1)]),
    ("a failed order loses", {"order_by": "o"}, [row("a", "x"), row("a", 9)], [(1, 2)]),
    ("nulls tie to the earliest", {"keep": "last", "order_by": "o"}, [row("a"), row("a")], [(2, 1)]),
    ("ties go to the earliest", {"keep": "last", "order_by": "o"}, [row("a", 1), row("a", 1)], [(2, 1)]),
    ("valid ones first", {"prefer": "valid"}, [row("a", 1, 9), row("a", 1, 1)], [(1, 2)]),
    ("valid before the order", {"prefer": "valid", "order_by": "o"}, [row("a", 1, 9), row("a", 2, 1)], [(1, 2)]),
    ("invalid ones by the order", {"prefer": "valid", "order_by": "o"}, [row("a", 2, 9), row("a", 1, 8)], [(1, 2)]),
    ("a failed cast is not valid", {"prefer": "valid"}, [row("a", "x"), row("a", 1)], [(1, 2)]),
]


@pytest.mark.parametrize(("rule", "rows", "expected"), [case[1:] for case in RULES], ids=[case[0] for case in RULES])
def test_who_stays(folder: Path, rule: Mapping, rows: list[Mapping], expected: list[tuple[int, int]]) -> None:
    assert lost(folder, rule, rows) == expected


def test_keys_and_orders_are_those_before_imputation(folder: Path) -> None:
    k = {"type": "string", "impute": {"constant": "a"}}
    o = {"type": "integer", "impute": {"constant": 0}}
    assert lost(folder, {}, [row("a"), row(None), row(None)], k=k) == []
    assert lost(folder, {"order_by": "o"}, [row("a"), row("a", 5)], o=o) == [(1, 2)]


def test_a_record_is_valid_as_it_will_be_judged(folder: Path) -> None:
    v = {"type": "integer", "required": True, "impute": {"constant": 1}}
    assert lost(folder, {"prefer": "valid"}, [row("a"), row("a", v=3)], v=v) == [(2, 1)]


def test_checks_that_set_to_null_see_what_was_cast(folder: Path) -> None:
    fields = {
        "a": {"type": "integer", "checks": [{"maximum": 5, "on_fail": "set_null", "where": "b = 9"}]},
        "b": {"type": "integer", "checks": [{"maximum": 5, "on_fail": "set_null", "where": "a = 9"}]},
    }
    spec = {"dq": 1, "event": "e", "version": "1.0.0", "fields": fields}
    result = load(folder, spec).run([{"a": 9, "b": 9}, {"a": 9, "b": 1}], now=NOW)
    assert result.accepted.rows() == [(None, None), (9, 1)]


def test_an_unknown_assertion_is_excused_by_the_reason_of_its_own_row_alone(folder: Path) -> None:
    fields = {
        "a": {"type": "integer", "checks": [{"maximum": 5}]},
        "b": {"type": "integer"},
    }
    spec = {"dq": 1, "event": "e", "version": "1.0.0", "fields": fields, "checks": [{"id": "rule", "assert": "a < b"}]}
    rows = [{"a": 9}, {"a": 1}, {"a": 1, "b": 2}]
    result = load(folder, spec).run(rows, now=NOW)
    compare(spec, rows, result)
    [rule] = [check for check in result.report["checks"] if check["id"] == "rule"]
    assert (rule["passed"], rule["failed"], rule["skipped"], rule["blocked"]) == (1, 1, 1, 0)
    assert result.quarantined["record"].to_list() == [1, 2]
