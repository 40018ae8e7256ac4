"""Whether every row has a target."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from dq.checks.ml.base import ML_CHECKS, Answer, Evidence, Finding, MlCheck, MlParams, Training, found, percent, rows
from dq.checks.ml.base import share as share_of
from dq.params import Share
from dq.states.counts import Counts
from dq.states.measures import StateOf


@ML_CHECKS.register
class TargetMissing(MlCheck):
    """No more than a share of the rows has no target.

    A row without a target teaches nothing, and most libraries refuse it or, worse, take the gap for a class.
    """

    kind = "target_missing"
    title = "No more than a share of the rows has no target."
    example = "target_missing: {max: 0%, severity: error}"

    class Params(MlParams):
        """The share."""

        shorthand: ClassVar[str | None] = "max"
        max: Share = Field("0%", validate_default=True, description="The largest share of rows without a target.")

    @classmethod
    def missing(cls, training: Training) -> str | None:
        """Ask where there is a target."""
        return None if training.target is not None else "target"

    def measures(self) -> tuple[StateOf[Counts], ...]:
        """Return the counts of the target."""
        return (StateOf(self.training.label, Counts),)

    def expected(self) -> str:
        """Say how much may be missing."""
        return f"at most {percent(self.params.max)} of {self.training.label} missing"

    def answer(self, evidence: Evidence) -> Answer:
        """Compare the share of rows without a target, exactly."""
        name = self.training.label
        counts = evidence.measured.of(StateOf(name, Counts))
        share = share_of(counts.nulls, counts.rows)
        words = f"{found(float(share))} ({rows(counts.nulls)})"
        findings = (Finding(name, float(share), words),) if share > self.params.max else ()
        return Answer(findings, {name: float(share)})
