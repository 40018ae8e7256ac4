"""Runs against the accepted rows of earlier runs: what is in them already, whatever the format, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.api import Plan, make_settings
from dq.cli.main import cli
from dq.engines.batch import BatchRun
from dq.engines.doors import MemoryDoors
from dq.engines.earlier import open_earlier
from dq.errors import SourceError, UsageError

HEAD = "dq: 1\nevent: visit\nversion: 1.0.0\nmissing: [none]\n"
FIELDS = """fields:
  who: {type: string}
  day: {type: date}
  at: {type: datetime}
  paid: {type: "decimal(6,2)"}
  rate: {type: number}
  note: {type: string, impute: {constant: filled}}
  tags: {type: list<string>}
"""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEYS = ("who", "day", "at", "paid", "rate")
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["a", "", " a", '"', "x,\n,y", "\\N", "null", "é", None]),
            "day": st.sampled_from(["2026-01-01", "0001-01-01", None]),
            "at": st.sampled_from(["2026-01-01T10:00:00Z", "2026-01-01T10:00:00.000001Z", None]),
            "paid": st.sampled_from(["1", "1.10", "-0.01", None]),
            "rate": st.sampled_from(["0.1", "1e300", "-0", None]),
            "note": st.sampled_from(["old", "new", None]),
        }
    ),
    max_size=8,
)


def load(folder: Path, text: str, fields: str = FIELDS) -> Plan:
    path = folder / "spec.dq.yaml"
    path.write_text(HEAD + fields + text)
    return dq.load(path)


@settings(max_examples=25, deadline=None)
@given(
    first=RECORDS,
    second=RECORDS,
    keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True),
    form=st.sampled_from(["parquet", "csv", "jsonl"]),
    unique=st.booleans(),
    size=st.integers(1, 4),
)
def test_what_was_accepted_before_is_a_duplicate(
    first: list[Any], second: list[Any], keys: list[str], form: str, unique: bool, size: int
) -> None:
    rule = f"checks: [unique: [{', '.join(keys)}]]\n" if unique else f"dedupe: {{key: [{', '.join(keys)}]}}\n"
    with TemporaryDirectory() as name:
        folder = Path(name)
        earlier = load(folder, f"output: {{format: {form}}}\n")
        kept, rows = (earlier.run(records, now=NOW).accepted.rows(named=True) for records in (first, second))
        earlier.run(first, out=folder / "before", now=NOW)
        plan = load(folder, rule)
        doors = MemoryDoors(plan.compiled)
        outputs = open_earlier(plan.compiled, [folder / "before"])
        driven = replace(make_settings(NOW), chunk_records=size, memory=0)
        tally = BatchRun(plan.compiled, plan.inputs(second), driven, doors, earlier=outputs).run()
        accepted, refused, removed = doors.frames()
    before = [key_of(row, keys) for row in kept]
    here = [key_of(row, keys) for row in rows]
    if unique:
        failing = [n for n, key in enumerate(here, 1) if key and (key in before or here.count(key) > 1)]
        assert refused["record"].to_list() == failing
        return
    expected = []
    for number, key in enumerate(here, 1):
        if key in before and key:
            expected.append((number, f"before/accepted.{form}", before.index(key) + 1, "duplicate.earlier"))
        elif key and key in here[: number - 1]:
            expected.append((number, "records", here.index(key) + 1, "duplicate"))
    found = [
        (row["record"], row["lost_source"], row["lost_record"], json.loads(row["reasons"])[0]["code"])
        for row in removed.to_dicts()
    ]
    assert [(*one[:3], one[3] if one[3] == "duplicate.earlier" else "duplicate") for one in found] == expected
    assert tally.duplicates.earlier == sum(one[3] == "duplicate.earlier" for one in expected)
    assert accepted.height == len(second) - len(expected)


def key_of(row: dict[str, Any], keys: list[str]) -> tuple[Any, ...] | None:
    """Return the key of a canonical row; null never matches."""
    key = tuple(row[name] for name in keys)
    return None if None in key else key


def published(folder: Path, records: Any, text: str = "", fields: str = FIELDS) -> Path:
    """Return the output folder of a run that came before."""
    load(folder, text, fields).run(records, out=folder / "before", now=NOW)
    return folder / "before"


def test_the_earlier_row_stays_whatever_the_order(tmp_path: Path) -> None:
    before = published(tmp_path, [{"who": "z"}, {"who": "a", "day": "2026-01-01"}])
    plan = load(tmp_path, "dedupe: {key: [who], keep: last, order_by: day, prefer: valid}\n")
    records = [{"who": "a", "day": "2026-02-01"}, {"who": "b"}, {"who": "a", "day": "2026-03-01"}, {"who": "b"}]
    plan.run(records, out=tmp_path / "out", now=NOW, against=[before])
    removed = [json.loads(line) for line in (tmp_path / "out/removed.jsonl").read_text().splitlines()[1:]]
    place = {"source": "before/accepted.parquet", "record": 2, "door": "accepted"}
    assert [(one["record"], one["lost_to"]) for one in removed[:2]] == [(1, place), (3, place)]
    assert (removed[2]["record"], removed[2]["lost_to"]["source"]) == (4, "records")
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert [(one["name"], one["rows"]) for one in report["against"]] == [("before/accepted.parquet", 2)]
    assert report["dedupe"]["duplicates"]["earlier"] == 2
    assert report["dedupe"]["keys_without_accepted_record"] == 0
    run = json.loads((tmp_path / "out/run.json").read_text())
    assert run["against"] == [{"name": "before/accepted.parquet", "path": str(before / "accepted.parquet")}]


def test_several_folders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    folders = [published(tmp_path / "x", [{"who": "a"}]), published(tmp_path / "y", [{"who": "a"}, {"who": "b"}])]
    plan = load(tmp_path, "dedupe: {key: [who]}\n")
    removed = plan.run([{"who": "b"}, {"who": "a"}], now=NOW, against=folders).removed
    assert removed["lost_source"].to_list() == ["before#2/accepted.parquet", "before/accepted.parquet"]
    assert removed["lost_record"].to_list() == [2, 1]


def test_the_condition_of_uniqueness_holds_for_earlier_rows_too(tmp_path: Path) -> None:
    before = published(tmp_path, [{"who": "a", "note": "new"}, {"who": "b", "note": "old"}])
    plan = load(tmp_path, "checks: [{unique: [who], where: note = 'new'}]\n")
    records = [{"who": "a", "note": "new"}, {"who": "b", "note": "new"}, {"who": "a", "note": "old"}]
    assert plan.run(records, now=NOW, against=[before]).quarantined["record"].to_list() == [1]


def test_the_command_line_takes_several(tmp_path: Path) -> None:
    before = published(tmp_path, [{"who": "a"}])
    (tmp_path / "in.csv").write_text("who\na\nb\n")
    load(tmp_path, "dedupe: {key: [who]}\n", "fields:\n  who: {type: string}\n")
    words = [str(tmp_path / "spec.dq.yaml"), str(tmp_path / "in.csv"), "--against", str(before), "--format", "json"]
    done = CliRunner().invoke(cli, ["check", *words, "--against", str(before)], standalone_mode=False)
    report = json.loads(done.stdout)
    assert report["records"]["deduplicated"] == 1
    assert [one["name"] for one in report["against"]] == ["before/accepted.parquet", "before#2/accepted.parquet"]
    CliRunner().invoke(cli, ["run", *words, "--out", str(tmp_path / "out")], standalone_mode=False)
    assert json.loads((tmp_path / "out/report.json").read_text())["records"]["deduplicated"] == 1


def test_rows_that_were_held_are_refused(tmp_path: Path) -> None:
    before = published(tmp_path, [{"who": "a"}], "gate: {quarantined: 0}\nexpect: [{row_count: {min: 5}}]\n")
    with pytest.raises(UsageError, match="failed the gate, so its rows were held"):
        load(tmp_path, "dedupe: {key: [who]}\n").check([{"who": "a"}], against=[before])


def test_what_is_no_whole_output_is_refused(tmp_path: Path) -> None:
    plan = load(tmp_path, "dedupe: {key: [who]}\n")
    with pytest.raises(UsageError, match="no output folder of dq"):
        plan.check([{"who": "a"}], against=[tmp_path])
    before = published(tmp_path, [{"who": "a"}], "output: {format: csv}\n")
    plan = load(tmp_path, "dedupe: {key: [who]}\n")
    with (before / "accepted.csv").open("a") as file:
        file.write("b,,,,,,\n")
    with pytest.raises(SourceError, match="not what was written"):
        plan.check([{"who": "a"}], against=[before])


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("fields:\n  who: {type: integer}\n", "the column 'who' is not of the type integer"),
        ("fields:\n  who: {type: string}\n  other: {type: string}\n", "has no column 'other'"),
    ],
)
def test_what_cannot_be_compared_is_refused(tmp_path: Path, form: str, fields: str, words: str) -> None:
    before = published(tmp_path, [{"who": "a"}], f"output: {{format: {form}}}\n")
    key = "who, other" if "other" in fields else "who"
    plan = load(tmp_path, f"dedupe: {{key: [{key}]}}\n", fields)
    with pytest.raises(UsageError, match=words):
        plan.check([{"who": "1"}], against=[before])


def test_a_plan_without_keys_has_nothing_to_compare(tmp_path: Path) -> None:
    before = published(tmp_path, [{"who": "a"}])
    with pytest.raises(UsageError, match="neither deduplicates by a key nor asks for unique ones"):
        load(tmp_path, "").check([{"who": "a"}], against=[before])
    with pytest.raises(UsageError, match="note is a key of dedupe, and repaired or filled after it"):
        load(tmp_path, "dedupe: {key: [note]}\n").check([{"who": "a"}], against=[before])


def test_an_output_that_changes_during_the_run_publishes_nothing(tmp_path: Path) -> None:
    before = published(tmp_path, [{"who": "a"}])
    plan = load(tmp_path, "dedupe: {key: [who]}\n")

    def meddle(_count: int) -> None:
        with (before / "accepted.parquet").open("ab") as file:
            file.write(b"x")

    (tmp_path / "in.csv").write_text("who,day,at,paid,rate,note,tags\na,,,,,,\n")
    with pytest.raises(SourceError, match=r"before/accepted\.parquet: it cannot be read"):
        plan.run(tmp_path / "in.csv", out=tmp_path / "out", against=[before], progress=meddle)
    assert not (tmp_path / "out").exists()
