"""The last gate: what splitter and pandera, or two counts, do not agree on is never published."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

import dq
from dq.checks.bounds import Minimum
from dq.engines import batch
from dq.engines.narrow import NarrowScan
from dq.outcome import Outcome
from dq.plan.departure import Departure

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  name: {type: string, required: true}
  amount: {type: integer, checks: [{minimum: 0}]}
"""


@pytest.fixture
def plan(tmp_path: Path) -> dq.Plan:
    return write(tmp_path)


def write(folder: Path, more: str = "") -> dq.Plan:
    (folder / "spec.dq.yaml").write_text(SPEC + more, encoding="utf-8")
    (folder / "in.csv").write_text("name,amount\nSecret,1\nSecret,-1\n", encoding="utf-8")
    return dq.load(folder / "spec.dq.yaml")


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in {"in.csv", "spec.dq.yaml"})


def test_without_a_defect_there_is_no_disagreement(tmp_path: Path, plan: dq.Plan) -> None:
    assert plan.run(tmp_path / "in.csv", now=NOW).report.records["accepted"] == 1


@pytest.mark.parametrize("out", [False, True])
def test_a_splitter_that_accepts_too_much_is_stopped(
    tmp_path: Path, plan: dq.Plan, monkeypatch: pytest.MonkeyPatch, *, out: bool
) -> None:
    monkeypatch.setattr(Minimum, "expression", lambda _, value, now: value.is_not_null())
    with pytest.raises(
        dq.InternalError, match=r"the pandera gate refuses \(amount.minimum\).*nothing was published"
    ) as error:
        plan.run(tmp_path / "in.csv", out=tmp_path / "out" if out else None, now=NOW)
    assert "Secret" not in str(error.value)
    assert "-1" not in str(error.value)
    assert left(tmp_path) == []


def test_a_null_in_a_required_field_is_stopped(tmp_path: Path, plan: dq.Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in.csv").write_text("name,amount\n,1\n", encoding="utf-8")
    required = next(check for check in plan.compiled.checks if check.kind == "required")
    monkeypatch.setattr(type(required.check), "expression", lambda _, value, now: value.is_null() | True)
    with pytest.raises(dq.InternalError, match="not_nullable"):
        plan.run(tmp_path / "in.csv", now=NOW)


def test_a_kernel_that_loses_a_row_is_stopped(tmp_path: Path, plan: dq.Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    leave = Departure.leave

    def lose_one(self: Departure, *arguments: object) -> Outcome:
        from dataclasses import replace

        outcome = leave(self, *arguments)  # type: ignore[arg-type]
        return replace(outcome, accepted=outcome.accepted.head(0), accepted_rows=outcome.accepted_rows[:0])

    monkeypatch.setattr(Departure, "leave", lose_one)
    with pytest.raises(dq.InternalError, match="2 records were framed, 2 read, and 1 left through the four doors"):
        plan.run(tmp_path / "in.csv", out=tmp_path / "out", now=NOW)
    assert left(tmp_path) == []


def test_a_file_that_changes_between_two_scans_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = write(tmp_path, "dedupe: {key: [name]}\n")
    path, learn = tmp_path / "in.csv", NarrowScan.learn

    def and_then_it_changes(self: NarrowScan, inputs: list[batch.Input]) -> batch.Learnt:
        learnt = learn(self, inputs)
        path.write_text("name,amount\nSecret,1\nSecret,2\n", encoding="utf-8")
        return learnt

    monkeypatch.setattr(NarrowScan, "learn", and_then_it_changes)
    with pytest.raises(dq.SourceError, match=r"in.csv: the file changed while it was read"):
        plan.run(path, out=tmp_path / "out", now=NOW)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "switch", [{"PANDERA_VALIDATION_ENABLED": "False"}, {"PANDERA_VALIDATION_DEPTH": "SCHEMA_ONLY"}]
)
def test_a_gate_that_is_switched_off_is_noticed(tmp_path: Path, plan: dq.Plan, switch: dict[str, str]) -> None:
    assert plan.fingerprint
    environment = {**os.environ, **switch, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "dq", "run", "spec.dq.yaml", "in.csv", "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "pandera validates nothing" in done.stderr
    assert left(tmp_path) == []


def test_the_public_schema_refuses_what_the_splitter_refuses(plan: dq.Plan) -> None:
    good = pl.DataFrame({"name": ["a"], "amount": [1]})
    assert plan.pandera.validate(good).equals(good)
    for bad in (pl.DataFrame({"name": ["a"], "amount": [-1]}), pl.DataFrame({"name": [None], "amount": [1]})):
        with pytest.raises(Exception, match=r"minimum|of at least 0|non-nullable"):
            plan.pandera.validate(bad.cast({"name": pl.String}))
