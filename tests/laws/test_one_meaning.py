"""One meaning: the same records from a frame, an iterable, CSV, JSON Lines, an array and Parquet; one alone, or many."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dq

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  a: {type: integer, checks: [{maximum: 6, on_fail: set_null}, {minimum: 0, severity: warning}]}
  b: {type: string, required: true, clean: [strip, lower, {map: {y: z, w: w, q: q}, otherwise: refuse}]}
  c: {type: "decimal(6,2)", impute: {constant: 1.5}, checks: [{type: {on_fail: set_null}}]}
  d: {type: boolean}
  e: {type: datetime, formats: ["%Y-%m-%d %H:%M"], timezone: Europe/Moscow, checks: [{before: now}]}
  f: {type: list<integer>, checks: [{max_items: 2}]}
  g: {type: integer, derive: "a + 1", checks: [{lt: 4}]}
filter:
  - {keep: "d is null or d"}
checks:
  - {assert: "c > 0"}
SETS
"""
SETS = """\
  - unique: [a, c]
dedupe: {key: [b], keep: last, order_by: e, prefer: valid}
"""
CELLS: dict[str, list[str | None]] = {
    "a": ["1", "3", "9", "-1", "x", "1.0", None],
    "b": ["q", " Y", "w", "other", None],
    "c": ["1.5", "2.50", "0", "1.005", "x", None],
    "d": ["true", "NO", "?", None],
    "e": ["2026-10-01 10:00", "2026-12-01 9:05", "2026-02-30 00:00", None],
    "f": ["[1,2]", "[1,2,3]", '["x"]', "[]", None],
}
records_ = st.lists(st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()}), max_size=7)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("meaning")


@pytest.fixture(scope="module")
def plan(folder: Path) -> dq.Plan:
    path = folder / "spec.dq.yaml"
    path.write_text(SPEC.replace("SETS\n", SETS), encoding="utf-8")
    return dq.load(path)


@pytest.fixture(scope="module")
def plan_of_one(folder: Path) -> dq.Plan:
    path = folder / "one.dq.yaml"
    path.write_text(SPEC.replace("SETS\n", ""), encoding="utf-8")
    return dq.load(path)


def outcome(result: dq.Result) -> tuple[Any, ...]:
    """Return what does not depend on the form of the input."""
    refused = [(row["record"], json.loads(row["reasons"])) for row in result.quarantined.to_dicts()]
    removed = [(row["record"], row["outcome"], row["lost_record"]) for row in result.removed.to_dicts()]
    report = {key: result.report[key] for key in ("verdict", "because", "records", "checks", "cleaning", "dedupe")}
    for check in report["checks"]:
        check["examples"] = [example["value"] for example in check["examples"]]
    for conflict in report["dedupe"]["duplicates"]["examples"]:
        conflict["source"] = conflict["lost_to"]["source"] = "the input"
    return result.accepted.to_dicts(), refused, removed, report, result.report["fields"]


def as_inputs(folder: Path, rows: list[dict[str, str | None]]) -> dict[str, Any]:
    """Return the same records in every form."""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(CELLS, pl.String))
    frame.write_parquet(folder / "in.parquet")
    with (folder / "in.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CELLS)
        writer.writerows([["" if row[name] is None else row[name] for name in CELLS] for row in rows])
    (folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "in.json").write_text(json.dumps(rows), encoding="utf-8")
    lines = [json.dumps(row) for row in rows]
    inputs = {
        "records": rows,
        "texts": lines,
        "frame": frame,
        "lazy": frame.lazy(),
        "arrow": frame.to_arrow() if arrow() else frame,
    }
    return inputs | {form: folder / f"in.{form}" for form in ("csv", "jsonl", "json", "parquet")}


def arrow() -> bool:
    try:
        import pyarrow as pa
    except ImportError:
        return False
    return bool(pa)


@settings(max_examples=15)
@given(rows=records_)
def test_every_form_of_the_same_records(folder: Path, plan: dq.Plan, rows: list[dict[str, str | None]]) -> None:
    outcomes = {name: outcome(plan.run(source, now=NOW)) for name, source in as_inputs(folder, rows).items()}
    for name, found in outcomes.items():
        assert found == outcomes["records"], name


@settings(max_examples=25)
@given(rows=records_)
def test_an_event_is_judged_as_in_a_batch(
    plan: dq.Plan, plan_of_one: dq.Plan, rows: list[dict[str, str | None]]
) -> None:
    batch = plan_of_one.run(rows, now=NOW)
    refused = {row["record"]: json.loads(row["reasons"]) for row in batch.quarantined.to_dicts()}
    removed = {row["record"]: json.loads(row["reasons"]) for row in batch.removed.to_dicts()}
    accepted = iter(batch.accepted.to_dicts())
    for number, row in enumerate(rows, 1):
        for judge in (plan, plan_of_one):  # what concerns a set is not asked of one
            verdict = judge.check_event(json.dumps(row) if number % 2 else row, now=NOW)
            if number in refused:
                assert (verdict.door, verdict.record, verdict.reasons) == ("quarantined", None, refused[number])
            elif number in removed:
                assert (verdict.door, verdict.record, verdict.reasons) == ("filtered", None, removed[number])
            else:
                assert (verdict.door, verdict.reasons) == ("accepted", [])
        if number not in refused and number not in removed:
            assert verdict.record == next(accepted)
    assert next(accepted, None) is None
