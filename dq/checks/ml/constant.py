"""Whether every feature varies."""

from __future__ import annotations

from typing import ClassVar

import polars as pl
from pydantic import Field

from dq.checks.ml.base import ML_CHECKS, Answer, Evidence, Finding, MlCheck, MlParams, Training, found, percent
from dq.checks.ml.base import share as share_of
from dq.checks.ml.columns import Against, against_target
from dq.params import Share
from dq.states.contingency import COUNT, X


@ML_CHECKS.register
class Constant(MlCheck):
    """No feature has one value, or none, in nearly all rows.

    Such a feature teaches nothing, and often was broken on its way.  A missing value counts as a value.  Counts are
    exact up to 4096 different values (512 where the target is a number); beyond, they are those of the fullest of so
    many narrow ranges or hash classes, so that a share may be a little too high, and is never too low.
    """

    kind = "constant"
    title = "No feature has one value, or none, in nearly all rows."
    example = "constant: {max_share: 99%}"

    class Params(MlParams):
        """The share."""

        shorthand: ClassVar[str | None] = "max_share"
        max_share: Share = Field("99%", validate_default=True, description="The largest share of one value.")

    @classmethod
    def missing(cls, training: Training) -> str | None:
        """Ask where there are features."""
        return None if training.features else "features"

    def measures(self) -> tuple[Against, ...]:
        """Return the values of every feature."""
        return tuple(against_target(self.training, name) for name in self.training.features)

    def expected(self) -> str:
        """Say how much of one value."""
        return f"no feature with one value in over {percent(self.params.max_share)} of the rows"

    def answer(self, evidence: Evidence) -> Answer:
        """Compare the share of the commonest value of each feature."""
        findings, scores = [], {}
        for name, measure in zip(self.training.features, self.measures(), strict=True):
            pairs = evidence.measured.of(measure)
            counts = pairs.table.group_by(X).agg(pl.col(COUNT).sum()).sort(COUNT, X, nulls_last=True)
            most = counts[COUNT].item(-1) if counts.height else 0
            share = share_of(most, pairs.rows)
            scores[name] = float(share)
            if share > self.params.max_share:
                what = "no value" if counts[X].item(-1) is None else "one value"
                findings.append(Finding(name, float(share), f"{name} ({what} in {found(float(share))})"))
        return Answer(tuple(findings), scores)
