"""The ledger law: input + ledger = output, and the report counts as many changes as the ledger has entries."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from everything import write
from golden.stories import ROOT, STORIES, Story
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ledger_replay import check_law
from plan.small_specs import records, spec_text, specs
from whole_runs import load

import dq
from dq.api import make_settings
from dq.engines.base import Settings
from dq.engines.batch import BatchRun
from dq.engines.doors import MemoryDoors
from dq.engines.ledger import INDEX_FILE, LEDGER_FILE, MemoryTraces, Tracing
from dq.report.build import build

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def traced(plan: dq.Plan, source: Any, key: bytes | None = None, **driven: Any) -> dq.Result:
    """Run with a ledger, and hold it to the law."""
    how: Settings = dataclasses.replace(make_settings(NOW), **driven)
    inputs = plan.inputs(source)
    doors, traces = MemoryDoors(plan.compiled), MemoryTraces()
    recorders = Tracing(ledger=True, key=key).recorders(plan.compiled, traces.create)
    tally = BatchRun(plan.compiled, inputs, how, doors, recorders=recorders).run()
    report = dq.Report(build(plan.compiled, tally, NOW))
    accepted, quarantined, removed = doors.frames()
    index, ledger = traces.frame(INDEX_FILE), traces.frame(LEDGER_FILE)
    result = dq.Result(report, accepted, quarantined, removed, index=index, ledger=ledger)
    if tally.aborted is None:
        check_law(plan, inputs, result, how, key)
    return result


@settings(max_examples=60)
@given(data=st.data())
def test_random_specs(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    spec = data.draw(specs())
    folder = tmp_path_factory.mktemp("spec")
    try:
        plan = load(folder, spec_text(spec))
    except dq.SpecError as error:
        assume({diagnostic.code for diagnostic in error.diagnostics} != {"DQ322"})  # no value could pass
        raise
    traced(plan, data.draw(records(spec, typed=True)))


LEARNT = """
dq: 1
event: order
version: 1.0.0
missing: ["", "-"]
fields:
  shop: {type: string, clean: [strip, upper]}
  city: {type: string, clean: [strip], repair: [agree: {by: [shop]}, agree: {by: [amount]}], impute: most_frequent}
  amount: {type: number, outliers: {iqr: 1, action: clip}, impute: {median: {by: [city]}, indicator: was_empty}, checks: [type: {on_fail: keep}]}
  qty: {type: integer, outliers: {bounds: [0, 10], action: set_null}, impute: {constant: 7}}
  who: {type: string, pii: true, clean: [strip, lower], repair: {agree: {by: [shop]}}, impute: {constant: nobody}}
  total: {type: number, derive: amount * qty, checks: [{maximum: 500}]}
  early: {type: string, derive: "coalesce(shop, 'none')"}
filter: [{keep: "shop is null or shop <> 'X'"}]
dedupe: {key: [shop, amount], keep: last}
"""
MERGED = """
dq: 1
event: order
version: 1.0.0
missing: ["", "-"]
fields:
  shop: {type: string, clean: [strip]}
  city: {type: string, repair: {vocabulary: [Rome, Oslo]}}
  amount: {type: integer, checks: [{maximum: 100, on_fail: set_null}]}
  qty: {type: integer, impute: [{from: amount}, {median: {by: [shop]}, indicator: guessed}, {constant: 7}]}
  who: {type: string}
  late: {type: integer, derive: qty + 1}
dedupe: {key: [shop], keep: merge}
"""
CELLS = {
    "shop": ["a", " a", "b ", "x", "-"],
    "city": ["Rome", "Rmoe", " Rome", "Oslo", "-"],
    "amount": ["1", "2", "3", "-", "9999", "abc", "0.1"],
    "qty": ["-1", "3", "12", "-"],
    "who": [" Ann", "ann", "Bob", "-"],
}


@settings(max_examples=50)
@given(rows=st.lists(st.fixed_dictionaries({n: st.sampled_from(c) for n, c in CELLS.items()}), max_size=25))
@pytest.mark.parametrize("key", [None, b"sixteen bytes or more"])
def test_steps_that_learn(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], key: bytes | None
) -> None:
    plan = load(tmp_path_factory.mktemp("spec"), LEARNT)
    result = traced(plan, rows, key)
    assert result.ledger is not None
    hidden = result.ledger.filter("hidden")
    assert set(hidden["field"]) <= {"who"}
    assert "ann" not in hidden["after"].to_list()


@settings(max_examples=40)
@given(rows=st.lists(st.fixed_dictionaries({n: st.sampled_from(c) for n, c in CELLS.items()}), max_size=12))
def test_merged_records_and_chains_of_fills(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    traced(load(tmp_path_factory.mktemp("spec"), MERGED), rows)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_golden_stories(story: Story) -> None:
    folder = ROOT / "examples" / story.name
    result = traced(dq.load(folder / story.spec), [folder / name for name in story.inputs])
    assert result.ledger is not None
    assert (result.ledger.height > 0) == any(step["accepted"] for step in result.report["cleaning"])


def test_every_door_and_any_chunking(tmp_path: Path) -> None:
    write(tmp_path, 400)
    plan = dq.load(tmp_path / "spec.yaml")
    paths = [tmp_path / "crm.csv", tmp_path / "web.jsonl.gz"]
    whole = traced(plan, paths)
    assert whole.ledger is not None
    assert whole.index is not None
    assert set(whole.ledger["stage"]) == {"text", "value"}
    parts = traced(plan, paths, chunk_records=7, block_size=311, memory=0)
    assert whole.ledger.equals(parts.ledger)
    assert whole.index.equals(parts.index)
