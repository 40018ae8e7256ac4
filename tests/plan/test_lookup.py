"""Fields that are looked up in a table beside the spec: by hand, in batches and one by one, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.api import Plan, make_settings
from dq.engines.batch import BatchRun
from dq.engines.doors import MemoryDoors
from dq.plan.compiler import lint

TABLE = "code,day,region,tier,price\nRU,1,Europe,3,1.50\nRU,2,Asia,4,\nDE,1,Europe,5,2.00\n,3,Nowhere,6,3\n"
SPEC = """
dq: 1
event: sale
version: 1.0.0
fields:
  country: {type: string, clean: [upper]}
  day: {type: integer}
  region: {type: string, lookup: {file: table.csv, by: {country: code, day: day}}}
  tier:
    type: integer
    lookup: {file: table.csv, by: {country: code, day: day}, otherwise: refuse}
    checks: [{le: 4, on_fail: set_null}]
  price:
    type: decimal(6,2)
    lookup: {file: table.csv, by: {country: code, day: day}, default: 9.99, fill: true}
    impute: {constant: 0}
  loud: {type: string, derive: upper(region)}
filter: [{id: here, keep: region is null or region <> 'Asia'}]
checks: [{id: named, assert: loud is null or loud = 'EUROPE'}]
"""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
KNOWN: dict[tuple[str, int], tuple[str, int, float | None]] = {
    ("RU", 1): ("Europe", 3, 1.5),
    ("RU", 2): ("Asia", 4, None),
    ("DE", 1): ("Europe", 5, 2.0),
}
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "country": st.sampled_from(["ru", "RU", "de", "xx", ""]),
            "day": st.sampled_from(["1", "2", "3", "", "one"]),
            "price": st.sampled_from(["", "4.25", "dear"]),
        }
    ),
    max_size=12,
)


def compiled(folder: Path, text: str = SPEC, table: str = TABLE) -> Plan:
    (folder / "table.csv").write_text(table)
    path = folder / "spec.dq.yaml"
    path.write_text(text)
    return dq.load(path)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return compiled(tmp_path_factory.mktemp("spec"))


def literal(record: dict[str, str]) -> tuple[str, dict[str, Any] | list[str]]:
    """Return the door of a record, and its row or the checks that refuse it."""
    country, day = record["country"].upper() or None, int(record["day"]) if record["day"] in ("1", "2", "3") else None
    keyed = country is not None and day is not None
    region, tier, price = KNOWN.get((str(country), day or 0), (None, None, None))
    if region == "Asia":
        return "filtered", []
    faults = ["day.type"] if record["day"] == "one" else []
    if keyed and region is None:
        faults.append("tier.lookup")
    if record["price"] == "dear":
        faults.append("price.type")
    if faults:
        return "quarantined", sorted([*faults, "tier.maximum"] if (tier or 0) > 4 else faults)
    if record["price"]:
        price = float(record["price"])
    elif keyed and region is None:
        price = 9.99
    row = {"country": country, "day": day, "region": region, "tier": tier if (tier or 0) <= 4 else None}
    return "accepted", row | {"price": price or 0, "loud": region and region.upper()}


@settings(max_examples=80)
@given(RECORDS)
def test_a_record_gets_what_the_table_says_of_its_key(plan: Plan, records: list[dict[str, str]]) -> None:
    expected = [literal(record) for record in records]
    result = plan.run(records, now=NOW)
    rows = [{**row, "price": float(row["price"])} for row in result.accepted.to_dicts()]
    assert rows == [row for door, row in expected if door == "accepted"]
    assert result.report.records["filtered"] == sum(door == "filtered" for door, _ in expected)
    for record, (door, found) in zip(records, expected, strict=True):
        alone = plan.check_event(record, now=NOW)
        assert alone.door == door
        if door == "quarantined":
            assert sorted(reason["check"] for reason in alone.reasons) == found
        if alone.record is not None:
            assert {**alone.record, "price": float(alone.record["price"])} == found


@settings(max_examples=25)
@given(RECORDS, st.integers(1, 4))
def test_no_chunking_changes_what_is_looked_up(plan: Plan, records: list[dict[str, str]], size: int) -> None:
    frames = []
    for settings_ in (make_settings(NOW), replace(make_settings(NOW), chunk_records=size)):
        doors = MemoryDoors(plan.compiled)
        BatchRun(plan.compiled, plan.inputs(records), settings_, doors).run()
        frames.append([frame.to_dicts() for frame in doors.frames()])
    assert frames[0] == frames[1]


def test_an_unknown_key_is_a_reason_that_shows_the_key(plan: Plan) -> None:
    (reason,) = plan.check_event({"country": "xx", "day": "1"}, now=NOW).reasons
    assert reason["code"] == "lookup.unknown"
    assert (reason["check"], reason["field"], reason["value"]) == ("tier.lookup", "tier", "XX, 1")
    assert "XX" not in reason["message"]


def test_the_counts_of_a_lookup_add_up(plan: Plan) -> None:
    records = [{"country": c, "day": d} for c, d in (("ru", "1"), ("xx", "1"), ("", "1"), ("ru", "one"))]
    report = plan.check(records, now=NOW)
    check = next(check for check in report["checks"] if check["id"] == "tier.lookup")
    assert [check[key] for key in ("passed", "failed", "skipped", "blocked")] == [1, 1, 1, 1]
    assert {step["step"]: step["changed"] for step in report["cleaning"]}["price.lookup"] == 2


def test_what_is_looked_up_by_an_imputed_key_comes_after_the_imputation(tmp_path: Path) -> None:
    late = SPEC.replace("day: {type: integer}", "day: {type: integer, impute: {constant: 1}}")
    text = late.replace("    impute: {constant: 0}\n", "").replace("filter: ", "#").replace(", on_fail: set_null", "")
    row = compiled(tmp_path, text).check_event({"country": "ru", "day": ""}, now=NOW).record
    assert row is not None
    assert (row["region"], row["tier"], row["loud"]) == ("Europe", 3, "EUROPE")


def test_keys_are_compared_as_values_and_parquet_is_read_typed(tmp_path: Path) -> None:
    table = pl.DataFrame({"at": [date(2026, 1, 2), None], "n": [1.0, 2.0], "name": ["a", "b"]})
    table.write_parquet(tmp_path / "t.parquet")
    path = tmp_path / "spec.dq.yaml"
    path.write_text(
        "dq: 1\nevent: e\nversion: 1.0.0\nfields:\n  d: {type: date, formats: ['%d.%m.%Y']}\n"
        "  name: {type: string, lookup: {file: t.parquet, by: {d: at}}}\n"
        "  n: {type: integer, lookup: {file: t.parquet, by: {d: at}}}\n"
    )
    assert dq.load(path).check_event({"d": "2.1.2026"}).record == {"d": date(2026, 1, 2), "name": "a", "n": 1}


def test_a_key_that_is_personal_data_makes_what_is_looked_up_personal(tmp_path: Path) -> None:
    plan = compiled(tmp_path, SPEC.replace("country: {type: string,", "country: {type: string, pii: true,"))
    assert {bound.name for bound in plan.compiled.fields if bound.pii} == {"country", "region", "tier", "price", "loud"}
    report = plan.check([{"country": "secretland", "day": "1"}], now=NOW)
    assert b"SECRETLAND" not in report.json().upper()


def test_the_fingerprint_is_of_the_content_of_the_table(tmp_path: Path) -> None:
    one = compiled(tmp_path)
    assert compiled(tmp_path).fingerprint == one.fingerprint
    other = compiled(tmp_path, table=TABLE.replace("Asia", "ASIA"))
    assert other.fingerprint != one.fingerprint


def test_a_state_that_was_learnt_from_a_table_is_bound_to_it(tmp_path: Path) -> None:
    text = SPEC.replace("impute: {constant: 0}", "impute: {median: {by: [region]}}")
    plan = compiled(tmp_path, text)
    state = plan.fit([{"country": "ru", "day": "1"}], now=NOW)
    assert plan.check_event({"country": "", "day": "1"}, state=state, now=NOW).record is not None
    changed = compiled(tmp_path, text, TABLE.replace("1.50", "1.51"))
    with pytest.raises(dq.UsageError, match=r"price\.impute"):
        changed.run([], state=state, now=NOW)


LINE = "lookup: {file: table.csv, by: {country: code, day: day}}}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            LINE,
            LINE.replace("table", "tabel"),
            "7:41: error DQ320: the reference file 'tabel.csv' cannot be used: it does not",
        ),
        (LINE, LINE.replace("code", "kode"), "it has no column 'kode' (did you mean 'code'?)"),
        (LINE, LINE.replace("}}}", "}, take: regio}}"), "it has no column 'regio' (did you mean 'region'?)"),
        (LINE, LINE.replace("country:", "county:"), "DQ311: lookup.by names the field 'county'"),
        (LINE, LINE.replace("country:", "region:"), "DQ321: 'by' does not fit here: region is what is looked up"),
        (LINE, LINE.replace("by:", "bye:"), "DQ201"),
        (LINE, LINE.replace("}}}", "}, otherwise: refused}}"), "(did you mean 'refuse'?)"),
        (LINE, LINE.replace("}}}", "}, otherwise: refuse, default: x}}"), "DQ321: 'default' does not fit here"),
        (LINE, LINE.replace("table.csv", "../table.csv"), "it holds '..'"),
        (LINE, LINE.replace("{country: code, day: day}", "{}"), "DQ203"),
        (LINE, LINE[:-1] + ", clean: [strip]}", "DQ321: 'clean' does not fit here: the field is looked up, not read"),
        (LINE, LINE[:-1] + ", derive: country}", "DQ321: 'lookup' does not fit here: a derived field"),
        ("default: 9.99", "default: cheap", "DQ318: 'cheap' in 'lookup' is not of the field's type decimal(6,2)"),
        (
            "day: {type: integer}",
            "day: {type: integer, lookup: {file: table.csv, by: {tier: tier}, take: day}}",
            "DQ501",
        ),
        (
            "region: {type: string, ",
            "region: {type: integer, ",
            "record 1 has something else than an integer in column 'region'",
        ),
        (
            "by: {country: code, day: day}, otherwise",
            "by: {country: code}, otherwise",
            "records 1 and 2 have the same key",
        ),
        ("day: {type: integer}", "day: {type: integer, impute: {constant: 1}}", "which a filter comes before"),
        ("day: {type: integer}", "day: {type: integer, impute: {constant: 1}}", "it is looked up by an imputed value"),
    ],
)
def test_what_cannot_be_meant_is_said(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert SPEC.count(old) == 1
    (tmp_path / "table.csv").write_text(TABLE)
    path = tmp_path / "spec.dq.yaml"
    path.write_text(SPEC.replace(old, new).lstrip())
    found = [str(diagnostic) for diagnostic in lint(path)]
    words = said.rsplit(": error ", maxsplit=1)[-1].replace("DQ", "DQ")
    assert any(words.replace(": ", " ", 1) in line or words in line for line in found), found


def test_a_table_behind_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text(TABLE)
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "table.csv").symlink_to(tmp_path / "outside.csv")
    path = folder / "spec.dq.yaml"
    path.write_text(SPEC)
    assert any("symbolic link" in str(diagnostic) for diagnostic in lint(path))


def test_a_source_cannot_map_what_is_looked_up(tmp_path: Path) -> None:
    text = SPEC + "sources: {s: {format: csv, fields: {region: r, price: p}}}\n"
    (tmp_path / "table.csv").write_text(TABLE)
    path = tmp_path / "spec.dq.yaml"
    path.write_text(text)
    assert [diagnostic.code for diagnostic in lint(path)] == ["DQ503"]
