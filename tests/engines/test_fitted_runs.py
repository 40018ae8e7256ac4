"""Whole runs with steps that learn: chain of barriers, any chunking, frozen states, single events."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.api import Plan, load_state, make_settings, save_state
from dq.cli.main import cli
from dq.engines.batch import BatchRun
from dq.engines.doors import MemoryDoors
from dq.engines.freeze import freeze
from dq.report.build import build

SPEC = """
dq: 1
event: order
version: 1.0.0
missing: ["", "-"]
fields:
  id: {type: integer, required: true, checks: [unique]}
  shop: {type: string}
  city:
    type: string
    repair:
    - agree: {by: [shop], min_share: 60%}
    - agree: {by: [id]}
  amount:
    type: number
    outliers: {iqr: 1.5, action: clip}
    impute: {median: {by: [city, shop]}}
  qty:
    type: integer
    outliers: {bounds: [0, 10], action: quarantine}
    impute: most_frequent
    checks: [unique: {where: shop = 'c', severity: warning}]
  total: {type: number, derive: amount * qty, checks: [{maximum: 500}]}
filter: [{keep: shop is null or shop <> 'x'}]
dedupe: {key: [id], keep: last}
"""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.one_of(st.integers(0, 12).map(str), st.sampled_from(["-", "n/a"])),
            "shop": st.sampled_from(["a", "b", "c", "x", "-"]),
            "city": st.sampled_from(["Rome", "Rmoe", "Oslo", "-"]),
            "amount": st.one_of(st.integers(0, 30).map(str), st.sampled_from(["-", "9999", "1e5", "abc", "0.1"])),
            "qty": st.one_of(st.integers(-1, 12).map(str), st.just("-")),
        }
    ),
    max_size=30,
)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    path = tmp_path_factory.mktemp("spec") / "order.dq.yaml"
    path.write_text(SPEC)
    return dq.load(path)


def outputs(plan: Plan, records: Any, state: Any = None, **driven: Any) -> tuple[Any, ...]:
    """Run over CSV text in memory-sized pieces and return everything that is deterministic."""
    doors = MemoryDoors(plan.compiled)
    fitted = state.thaw(plan.compiled) if state is not None else None
    how = replace(make_settings(NOW), **driven)
    run = BatchRun(plan.compiled, plan.inputs(records), how, doors, fitted)
    tally = run.run()
    report = build(plan.compiled, tally, NOW)
    frames = tuple(frame.to_dicts() for frame in doors.frames())
    return frames, report, (state or run.state).json()


@settings(max_examples=60)
@given(RECORDS)
def test_the_chain_of_barriers_is_what_it_says(plan: Plan, records: list[dict[str, Any]]) -> None:
    expected = literal(records)
    accepted = plan.run(records, now=NOW).accepted
    assert [row["id"] for row in accepted.to_dicts()] == [row["id"] for row in expected]
    for found, wanted in zip(accepted.to_dicts(), expected, strict=True):
        assert found == wanted


def literal(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Do by hand what the spec says: filter, dedupe, repair twice, clip, fill, judge."""
    rows = []
    for record in records:
        row = {key: None if value == "-" else value for key, value in record.items()}
        row["bad"] = [
            key for key, kind in (("id", int), ("amount", float)) if row[key] is not None and not reads(kind, row[key])
        ]
        row |= {
            key: None if row[key] is None or key in row["bad"] else kind(row[key])
            for key, kind in (("id", int), ("amount", float), ("qty", int))
        }
        if row["shop"] != "x":
            rows.append(row)
    last = {row["id"]: row for row in rows if row["id"] is not None}
    rows = [row for row in rows if row["id"] is None or last[row["id"]] is row]
    for key, share in (("shop", 0.6), ("id", 0.5)):
        agree(rows, key, share)
    values = sorted(row["amount"] for row in rows if row["amount"] is not None)
    if values:
        low, high = fences(values)
        for row in rows:
            if row["amount"] is not None:
                row["amount"] = min(max(row["amount"], low), high)
    for row in rows:
        row["far"] = row["qty"] is not None and not 0 <= row["qty"] <= 10
    fill(rows)
    accepted = []
    for row in rows:
        known = row["amount"] is not None and row["qty"] is not None
        total = row["amount"] * row["qty"] if known else None
        if row["bad"] or row["id"] is None or row["far"] or (total is not None and total > 500):
            continue
        accepted.append({key: row[key] for key in ("id", "shop", "city", "amount", "qty")} | {"total": total})
    return accepted


def reads(kind: Any, text: str) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return kind is float or "e" not in text


def agree(rows: list[dict[str, Any]], key: str, share: float) -> None:
    before = [(row[key], row["city"]) for row in rows]
    for row in rows:
        pool = [city for group, city in before if group == row[key] and city is not None]
        if row[key] is None or row["city"] is None:
            continue
        counts = sorted(((pool.count(city), city) for city in set(pool)), reverse=True)
        tie = len(counts) > 1 and counts[0][0] == counts[1][0]
        if not tie and counts[0][0] >= 2 and counts[0][0] >= share * len(pool):
            row["city"] = counts[0][1]


def fences(values: list[float]) -> tuple[float, float]:
    exact = [Fraction(value) for value in values]

    def at(share: Fraction) -> Fraction:
        place = share * (len(exact) - 1)
        low = int(place)
        return exact[low] + (exact[min(low + 1, len(exact) - 1)] - exact[low]) * (place - low)

    first, third = at(Fraction(1, 4)), at(Fraction(3, 4))
    return float(first - Fraction(3, 2) * (third - first)), float(third + Fraction(3, 2) * (third - first))


def fill(rows: list[dict[str, Any]]) -> None:
    known = [dict(row) for row in rows]
    for row in rows:
        for by in (("city", "shop"), ("city",), ()):
            pool = [r["amount"] for r in known if r["amount"] is not None and all(r[k] == row[k] for k in by)]
            if row["amount"] is None and "amount" not in row["bad"] and pool:
                row["amount"] = median(pool)
                break
        pool = [r["qty"] for r in known if r["qty"] is not None]
        if row["qty"] is None and pool:
            row["qty"] = min(pool, key=lambda value: (-pool.count(value), value))


@settings(max_examples=25)
@given(RECORDS, st.integers(1, 7))
def test_no_chunking_and_no_spill_changes_a_byte(plan: Plan, records: list[dict[str, Any]], size: int) -> None:
    lines = ["id,shop,city,amount,qty", *(",".join(record.values()) for record in records)]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        file.write_text("\n".join(lines) + "\n")
        whole = outputs(plan, file)
        assert outputs(plan, file, chunk_records=size, memory=0) == whole


@settings(max_examples=40)
@given(RECORDS, RECORDS)
def test_a_state_is_applied_unchanged_to_batches_and_to_single_events(
    plan: Plan, train: list[dict[str, Any]], new: list[dict[str, Any]]
) -> None:
    state = plan.fit(train, now=NOW)
    result = plan.run(new, state=state, now=NOW)
    assert result.state is state
    by_batch = {row["id"]: row for row in result.accepted.to_dicts()}
    for record in new:
        verdict = plan.check_event(record, state=state, now=NOW)
        if verdict.accepted and verdict.record is not None and verdict.record["id"] in by_batch:
            alone = by_batch[verdict.record["id"]]
            same = [r for r in new if r["id"] == record["id"]]
            if len(same) == 1:
                assert verdict.record == alone


@settings(max_examples=25)
@given(RECORDS)
def test_fitting_alone_learns_what_a_run_learns(plan: Plan, records: list[dict[str, Any]]) -> None:
    assert plan.fit(records, now=NOW).json() == outputs(plan, records)[2]


def test_a_state_is_refused_where_the_meaning_changed_and_only_there(plan: Plan, tmp_path: Path) -> None:
    records = [{"id": "1", "shop": "a", "city": "Rome", "amount": "5", "qty": "1"}]
    state = plan.fit(records, now=NOW)
    same = {
        "checks: [{maximum: 500}]": "checks: [{maximum: 7, severity: warning}]",
        "checks: [unique]}": "checks: [unique, {minimum: 0}]}",
        "version: 1.0.0": "version: 1.1.0",
    }
    other = {
        "iqr: 1.5": "iqr: 2",
        "by: [city, shop]": "by: [city]",
        "min_share: 60%": "min_share: 70%",
        'missing: ["", "-"]': 'missing: [""]',
        "keep: last": "keep: first",
        "shop: {type: string}": "shop: {type: string, clean: [lower]}",
        "shop <> 'x'": "shop <> 'y'",
        "bounds: [0, 10]": "bounds: [0, 11]",
    }
    for change, refused in ((same, False), (other, True)):
        for old, new in change.items():
            assert SPEC.count(old) >= 1, old
            path = tmp_path / "changed.dq.yaml"
            path.write_text(SPEC.replace(old, new))
            changed = dq.load(path)
            if not refused:
                changed.run(records, state=state, now=NOW)
            elif old == "bounds: [0, 10]":
                # Stated fences are upstream of imputation, and of nothing that was learnt before.
                with pytest.raises(dq.UsageError, match="impute"):
                    changed.run(records, state=state, now=NOW)
            else:
                with pytest.raises(dq.UsageError, match="does not fit this spec: "):
                    changed.run(records, state=state, now=NOW)


def test_a_cell_that_could_not_be_read_is_not_filled(plan: Plan) -> None:
    rows = [
        {"id": str(i), "shop": "a", "city": "Rome", "amount": amount, "qty": "1"} for i, amount in enumerate("56-a")
    ]
    changed = {step["step"]: step["changed"] for step in plan.run(rows, now=NOW).report["cleaning"]}
    assert changed["amount.impute"] == 1


def test_one_event_teaches_nothing(plan: Plan) -> None:
    with pytest.raises(dq.UsageError, match="state"):
        plan.check_event({"id": "1"})


def test_fit_and_state_on_the_command_line(tmp_path: Path) -> None:
    spec, data, state = tmp_path / "order.dq.yaml", tmp_path / "train.csv", tmp_path / "state.json"
    spec.write_text(SPEC)
    data.write_text("id,shop,city,amount,qty\n1,a,Rome,5,1\n2,a,Rome,7,1\n3,a,-,-,1\n")
    runner = CliRunner()
    fitted = runner.invoke(cli, ["fit", str(spec), str(data), "--out", str(state)])
    assert fitted.exit_code == 0, fitted.output
    assert state.stat().st_mode & 0o777 == 0o600
    values = json.loads(state.read_bytes())["steps"]["amount.impute"]["values"]
    assert values["levels"][-1] == {"by": [], "values": [["6.0"]]}
    new = tmp_path / "new.csv"
    new.write_text("id,shop,city,amount,qty\n9,a,Rome,-,1\n")
    out = tmp_path / "out"
    runner.invoke(cli, ["run", str(spec), str(new), "--state", str(state), "--out", str(out)], catch_exceptions=False)
    assert (out / "state.json").read_bytes() == state.read_bytes()
    report = json.loads((out / "report.json").read_bytes())
    assert report["state"]["from"] == "given"
    assert {step["step"]: step["changed"] for step in report["cleaning"]}["amount.impute"] == 1
    again = runner.invoke(cli, ["fit", str(spec), str(data), "--out", str(state)])
    assert isinstance(again.exception, dq.SinkError)
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    with pytest.raises(dq.UsageError, match="no state written by dq"):
        load_state(broken)


def test_a_state_survives_its_file(plan: Plan, tmp_path: Path) -> None:
    state = plan.fit([{"id": "1", "shop": "a", "city": "Rome", "amount": "5", "qty": "1"}], now=NOW)
    save_state(state, tmp_path / "state.json")
    assert load_state(tmp_path / "state.json").json() == state.json()


def test_a_plan_without_anything_to_learn_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.dq.yaml"
    path.write_text("dq: 1\nevent: e\nversion: 1.0.0\nfields: {a: {type: string, impute: {constant: x}}}\n")
    plain = dq.load(path)
    with pytest.raises(dq.UsageError, match="no step that learns"):
        plain.fit([{"a": "1"}])

    assert freeze(plain.compiled, (), 0, {}) is None
