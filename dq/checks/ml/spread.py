"""Whether a target that is a number varies."""

from __future__ import annotations

from typing import ClassVar

import polars as pl
from pydantic import Field

from dq.checks.ml.base import ML_CHECKS, Answer, Evidence, Finding, MlCheck, MlParams, Training, found, percent, rows
from dq.checks.ml.base import share as share_of
from dq.checks.ml.columns import Against, against_target
from dq.params import Share
from dq.states.contingency import COUNT, X


@ML_CHECKS.register
class Spread(MlCheck):
    """No single value of a target that is a number has more than a share of the rows.

    A target that is nearly always the same number is learnt by repeating it.  Asked where the task is regression.
    The count is exact up to 512 different values; beyond, it is that of the fullest of about 512 narrow ranges.
    """

    kind = "spread"
    title = "No single number has more than a share of the rows."
    example = "spread: {max_share: 50%}"

    class Params(MlParams):
        """The share."""

        shorthand: ClassVar[str | None] = "max_share"
        max_share: Share = Field("50%", validate_default=True, description="The largest share of one number.")

    @classmethod
    def missing(cls, training: Training) -> str | None:
        """Ask where the target is a number."""
        return None if training.task == "regression" else "a target that is a number"

    def measures(self) -> tuple[Against, ...]:
        """Return the target, against itself."""
        return (against_target(self.training, self.training.label),)

    def expected(self) -> str:
        """Say how much of one number."""
        return f"no number that {self.training.label} is in more than {percent(self.params.max_share)} of the rows"

    def answer(self, evidence: Evidence) -> Answer:
        """Compare the share of the commonest number."""
        name = self.training.label
        table = evidence.measured.of(self.measures()[0]).table.filter(pl.col(X).is_not_null())
        most = int(table.group_by(X).agg(pl.col(COUNT).sum())[COUNT].max() or 0)  # type: ignore[arg-type]
        share = share_of(most, int(table[COUNT].sum()))
        words = f"one number in {found(float(share))} of them ({rows(most)})"
        findings = (Finding(name, float(share), words),) if share > self.params.max_share else ()
        return Answer(findings, {name: float(share)})
