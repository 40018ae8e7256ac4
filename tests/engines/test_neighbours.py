"""Fills from the record before or behind: against brute force, in any chunks, beside a state, and not for events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.api import Plan, make_settings
from dq.dtypes import types
from dq.engines.batch import BatchRun
from dq.engines.doors import MemoryDoors
from dq.plan.compiler import lint
from dq.states.group_counts import VALUE
from dq.steps.fitted.base import FitTarget
from dq.steps.fitted.neighbours import BackwardFill, ForwardFill, Neighbour, NeighbourParams

SPEC = """
dq: 1
event: reading
version: 1.0.0
fields:
  id: {type: integer}
  sensor: {type: string}
  at: {type: integer}
  value:
    type: number
    impute:
    - {ffill: {order_by: at, by: [sensor]}, indicator: carried}
    - {bfill: {order_by: at}}
    - median
  note: {type: string, impute: {bfill: at}}
filter: [{keep: "id is null or id <> 7"}]
dedupe: {key: [id], keep: last}
"""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["", "1", "2", "7"]),
            "sensor": st.sampled_from(["a", "b", ""]),
            "at": st.sampled_from(["1", "2", "3", "10", "", "x"]),
            "value": st.sampled_from(["1", "2", "3.5", "", "", "bad"]),
            "note": st.sampled_from(["u", "v", ""]),
        }
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    path = tmp_path_factory.mktemp("spec") / "reading.dq.yaml"
    path.write_text(SPEC)
    return dq.load(path)


def nearest(row: dict[str, Any], rows: list[dict[str, Any]], field: str, *, behind: bool, by: bool) -> Any:
    """Return the value of the nearest record in one direction; of those at one place, the earliest's."""
    if row["at"] is None:
        return None
    sign = 1 if behind else -1
    found = [
        (sign * (other["at"] - row["at"]), number, other[field])
        for number, other in enumerate(rows)
        if other[field] is not None
        and other["at"] is not None
        and sign * (other["at"] - row["at"]) >= 0
        and (not by or other["sensor"] == row["sensor"])
    ]
    return min(found)[2] if found else None


def literal(records: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Do by hand what the spec says, and return the accepted rows."""
    rows: list[dict[str, Any]] = []
    for record in records:
        row: dict[str, Any] = {key: text or None for key, text in record.items()}
        row["bad"], row["blocked"] = record["at"] == "x" or record["value"] == "bad", record["value"] == "bad"
        row["id"] = int(record["id"]) if record["id"] else None
        row["at"] = int(record["at"]) if record["at"].isdigit() else None
        row["value"] = float(record["value"]) if record["value"] not in ("", "bad") else None
        rows.append(row)
    rows = [row for row in rows if row["id"] != 7]
    last = {row["id"]: row for row in rows}
    rows = [row for row in rows if row["id"] is None or last[row["id"]] is row]
    seen = [dict(row) for row in rows]
    for row in rows:
        before = row["value"]
        if before is None and not row["blocked"]:
            row["value"] = nearest(row, seen, "value", behind=False, by=True)
        row["carried"] = before is None and row["value"] is not None
        row["note"] = row["note"] or nearest(row, seen, "note", behind=True, by=False)
    for _, fill in enumerate(("bfill", "median")):
        seen = [dict(row) for row in rows]
        pool = sorted(row["value"] for row in seen if row["value"] is not None)
        middle = (pool[(len(pool) - 1) // 2] + pool[len(pool) // 2]) / 2 if pool else None
        for row in rows:
            if row["value"] is None and not row["blocked"]:
                row["value"] = middle if fill == "median" else nearest(row, seen, "value", behind=True, by=False)
    names = ["id", "sensor", "at", "value", "carried", "note"]
    return [{name: row[name] for name in names} for row in rows if not row["bad"]]


@settings(max_examples=100)
@given(RECORDS)
def test_a_missing_value_is_that_of_the_nearest_record(plan: Plan, records: list[dict[str, str]]) -> None:
    assert plan.run(records, now=NOW).accepted.to_dicts() == literal(records)


@settings(max_examples=30)
@given(RECORDS, st.integers(1, 5))
def test_no_chunking_and_no_spill_changes_a_row(plan: Plan, records: list[dict[str, str]], size: int) -> None:
    found = []
    for how in (make_settings(NOW), replace(make_settings(NOW), chunk_records=size, memory=0)):
        doors = MemoryDoors(plan.compiled)
        run = BatchRun(plan.compiled, plan.inputs(records), how, doors)
        run.run()
        found.append(([frame.to_dicts() for frame in doors.frames()], run.state and run.state.json()))
    assert found[0] == found[1]


@settings(max_examples=30)
@given(RECORDS, RECORDS)
def test_a_state_is_applied_and_neighbours_are_of_the_batch(
    plan: Plan, train: list[dict[str, str]], new: list[dict[str, str]]
) -> None:
    state = plan.fit(train, now=NOW)
    assert set(state.steps) == {"value.impute#3"}
    learnt = state.steps["value.impute#3"].values["levels"]
    median = float(learnt[-1]["values"][0][0]) if learnt and learnt[-1]["values"] else None
    own = [row["value"] for row in literal(new)]
    given_state = [row["value"] for row in plan.run(new, state=state, now=NOW).accepted.to_dicts()]
    without = [row["value"] for row in plan.run(new, now=NOW).accepted.to_dicts()]
    assert without == own
    assert all(a in (b, median) for a, b in zip(given_state, own, strict=True))


def test_a_plan_that_only_looks_around_freezes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.dq.yaml"
    path.write_text(SPEC.replace("    - median\n", ""))
    plan = dq.load(path)
    assert plan.run([{"at": "1", "value": "5"}, {"at": "2"}], now=NOW).state is None
    with pytest.raises(dq.UsageError, match="no step that learns"):
        plan.fit([])
    with pytest.raises(dq.UsageError, match=r"value\.impute, .*fill it from another field"):
        plan.check_event({"at": "1"})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("order_by: at, by", "order_by: att, by", "DQ311 ffill.order_by names the field 'att'"),
        ("order_by: at, by", "order_by: value, by", "DQ308 "),
        ("order_by: at, by", "order_by: sensor, by", "DQ308 "),
        ("order_by: at, by: [sensor]", "by: [sensor]", "DQ306 'ffill' needs the parameter 'order_by'"),
        ("by: [sensor]", "by: [censor]", "DQ311 ffill.by names the field 'censor'"),
        ("by: [sensor]", "on: [sensor]", "DQ305 'ffill' has no parameter 'on'"),
        ("{ffill: {order", "{fill: {order", "DQ302 "),
        ("order_by: at, by", "order_by: carried, by", "DQ321 'carried' does not fit here"),
        ("event: reading", "event: reading\nml: {target: value}", "DQ317 'value' is the target"),
    ],
)
def test_what_cannot_be_meant_is_said(old: str, new: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "r.dq.yaml"
    path.write_text(SPEC.replace(old, new, 1))
    found = [f"{d.code} {d.message}" for d in lint(path)]
    assert any(line.startswith(said) for line in found), found


@pytest.mark.parametrize(("kind", "missing"), [(ForwardFill, 2), (BackwardFill, 0)])
def test_of_records_at_one_place_in_two_frames_the_earlier_speaks(kind: type[Neighbour], missing: int) -> None:
    kinds = {"at": types.INTEGER, "value": types.NUMBER}
    step = kind(NeighbourParams(order_by="at"), FitTarget("value", kinds))
    schema = {name: of.polars for name, of in kinds.items()}
    rows = [{"at": 1, "value": 5.0}, {"at": 1, "value": 6.0}, {"at": missing, "value": None}]
    frames = [pl.DataFrame([row], schema=schema) for row in rows]
    assert step.decide(lambda: iter(frames))[VALUE].to_list() == [5.0]
