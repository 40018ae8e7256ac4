"""The laws with every step on: conservation, determinism, split invariance, the ledger (events: `test_one_event`)."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path
from typing import Any

import pytest
from every_step import (
    ALONE,
    CELLS,
    KEEPS,
    MORE,
    NOW,
    batches,
    everything,
    plan_in,
    traced,
    whole,
    write_jsonl,
)
from everything import command, contents, run
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ledger_replay import check_law

import dq
from dq import plugins
from dq.api import make_settings
from dq.steps.base import TEXT_STEPS
from dq.steps.fitted.base import FITTED_STEPS

Rows = list[dict[str, Any]]
FILLED_BEHIND_A_MASK: Rows = [  # the newest record has no card, is given the older one's, and shows it redacted
    {"id": "a", "card": "4111", "secret": " Ann", "seen_at": "2026-01-01T00:00:00Z"},
    {"id": "a", "secret": " Ann", "seen_at": "2026-01-02T00:00:00Z"},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("every")


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dq.Plan]:
    return {keep: plan_in(tmp_path_factory.mktemp(keep), whole(keep)) for keep in KEEPS}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dq.Plan:
    return plan_in(tmp_path_factory.mktemp("alone"), ALONE)


def test_the_spec_says_every_step(plans: dict[str, dq.Plan], alone: dq.Plan) -> None:
    plugins.load()
    bound = plans["merge"].compiled
    said = {
        type(step.step).kind
        for plan in (plans["merge"], alone)
        for field in plan.compiled.fields
        for step in field.steps
    }
    fitted = {fit.step.kind for field in bound.fields for fit in field.fits}
    assert sorted({kind.kind for kind in TEXT_STEPS} - said) == []
    assert sorted({kind.kind for kind in FITTED_STEPS} - fitted) == []
    events = {fit.step.kind for field in alone.compiled.fields for fit in field.fits}
    assert fitted - events == {"ffill", "bfill"}, "one event is asked for everything but its neighbours"
    assert {field.mask for field in bound.fields} == {None, "redact", "drop"}


@settings(max_examples=8)
@given(rows=batches, keep=st.sampled_from(["merge", *KEEPS]), key=st.sampled_from([None, b"sixteen bytes or more"]))
@example(rows=FILLED_BEHIND_A_MASK, keep="merge", key=b"sixteen bytes or more")
def test_conservation_and_the_ledger(plans: dict[str, dq.Plan], rows: Rows, keep: str, key: bytes | None) -> None:
    plan, how = plans[keep], make_settings(NOW)
    inputs = plan.inputs(rows)
    result = traced(plan, inputs, how, key)
    check_law(plan, inputs, result, how, key)
    counts = result.report["records"]
    assert counts["read"] == len(rows) == sum(counts[door] for door in counts if door != "read")
    assert result.index is not None
    numbers = [*result.index["record"], *result.quarantined["record"], *result.removed["record"]]
    assert sorted(numbers) == list(range(1, len(rows) + 1))


@settings(max_examples=2)
@given(
    rows=batches,
    keep=st.sampled_from(["merge", *KEEPS]),
    chunk=st.sampled_from([2, 3, 5]),
    block=st.integers(1, 2000),
    spilled=st.booleans(),
)
def test_chunks_change_nothing(
    folder: Path, plans: dict[str, dq.Plan], rows: Rows, keep: str, chunk: int, block: int, *, spilled: bool
) -> None:
    plan, path = plans[keep], write_jsonl(folder / "in.jsonl", rows)
    base = make_settings(NOW)
    memory = 0 if spilled else base.memory
    cut = dataclasses.replace(base, chunk_records=chunk, block_size=block, memory=memory, workdir=folder)
    found, expected = (everything(traced(plan, plan.inputs(path), how)) for how in (cut, base))
    for part, value in expected.items():
        assert found[part] == value, part


LOOKED_UP = """\
dq: 1
event: e
version: 1.0.0
fields:
  id: {type: string}
  code: {type: string}
  upper: {type: string, derive: "upper(code)"}
  place: {type: string, lookup: {file: places.csv, by: {code: code}, otherwise: refuse}}
dedupe: {key: [id], keep: merge}
"""


def test_merging_takes_no_answer_of_a_table_back(tmp_path: Path) -> None:
    """A key that the table lacks stays refused where another record's gap is filled; a filled key is looked up."""
    plan = plan_in(tmp_path, LOOKED_UP)
    rows = [{"id": "a", "code": "n1"}, {"id": "b", "code": "q9"}, {"id": "c", "code": "n2"}, {"id": "a"}]
    for chunk in (1, 100):
        result = traced(plan, plan.inputs(rows), dataclasses.replace(make_settings(NOW), chunk_records=chunk))
        assert sorted(result.accepted["place"]) == ["Norton", "Sutton"]
        assert result.quarantined["record"].to_list() == [2]
        [check] = [one for one in result.report["checks"] if one["id"] == "place.lookup"]
        assert (check["passed"], check["failed"]) == (2, 1)
    with pytest.raises(dq.SpecError, match="upper is derived"):
        plan_in(tmp_path, LOOKED_UP.replace("{code: code}", "{upper: code}"))


def generated(count: int, seed: int = 3) -> Rows:
    """Return records drawn by chance from the cells."""
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        row = {name: chance.choice(cells) for name, cells in CELLS.items()} | chance.choice(MORE)
        row["id"] = chance.choice([row["id"], f"g{chance.randrange(10**6)}"])
        row["rate"] = round(chance.gauss(5, 2), 3) if chance.random() < 0.5 else row["rate"]
        row["size"] = chance.choice([row["size"], chance.randrange(5)])
        rows.append({name: value for name, value in row.items() if value is not None})
    return rows


def test_worlds(tmp_path: Path) -> None:
    """Threads, hash seeds and time zones show in no byte."""
    plan_in(tmp_path, whole("merge"))
    write_jsonl(tmp_path / "in.jsonl", generated(600))
    worlds = (
        {"POLARS_MAX_THREADS": "1", "TZ": "UTC", "PYTHONHASHSEED": "0"},
        {"POLARS_MAX_THREADS": "4", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "7"},
    )
    found = []
    for number, world in enumerate(worlds):
        argv = command(
            "run", "spec.dq.yaml", "in.jsonl", "--out", f"o{number}", "--now", "2026-11-01T12:00:00Z", "--ledger"
        )
        ended = run([*argv, "-q"], tmp_path, **world)
        assert (ended.returncode, ended.stderr) == (1, ""), "rows were refused by checks that are errors"
        found.append(contents(tmp_path / f"o{number}"))
    assert found[0] == found[1]
    assert "ledger.parquet" in found[0]
