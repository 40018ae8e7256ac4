"""What the library gives back: the result of a run, the verdict on one event."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from dq.errors import GateError
from dq.plan.state import State
from dq.report.model import Report


@dataclass(frozen=True, slots=True)
class Result:
    """What a run gave: the report, and, where the rows stayed in memory, three Polars frames.

    With `out`, the frames are empty and `folder` says where the files are; it is None where the run was
    aborted and nothing was published.  `index` and `ledger` are None where they were not asked for.
    """

    report: Report
    accepted: pl.DataFrame
    quarantined: pl.DataFrame
    removed: pl.DataFrame
    folder: Path | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    state: State | None = None
    index: pl.DataFrame | None = None
    ledger: pl.DataFrame | None = None

    def raise_for_verdict(self) -> None:
        """Raise GateError if the batch failed its gate; for ETL jobs."""
        if self.report.verdict == "fail":
            reasons = "; ".join(self.report["because"])
            raise GateError(f"the batch failed its gate: {reasons}", self.report)


def about_state(given: State | None, learnt: State | None) -> dict[str, Any] | None:
    """Return what a report says of the state that was applied: where it is from, and its sum."""
    state = given or learnt
    if state is None:
        return None
    origin = "given" if given is not None else "this batch"
    return {"from": origin, "records": state.records, "sha256": hashlib.sha256(state.json()).hexdigest()}
