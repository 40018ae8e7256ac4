"""How much of a field is missing: `missing`."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, FieldParams, Judgement
from dq.params import Share


@EXPECTATIONS.register
class Missing(Expectation):
    """No more than a share of the field's values is missing, before any repair.

    The share is of the framed records that were not filtered.  An empty batch has no share and passes; whether
    it may be empty is the question of `row_count`.
    """

    kind = "missing"
    raw = True
    share = True
    title = "No more than a share of the values is missing."
    example = "missing: {max: 5%}"
    example_type = "string"
    example_values = ("a", "b")

    class Params(FieldParams):
        """The share."""

        shorthand: ClassVar[str | None] = "max"
        max: Share = Field(description="The largest share of missing values that is allowed.")

    def judge(self, batch: Batch) -> Judgement:
        """Compare the share of missing cells with the largest, exactly."""
        missing = batch.missing.get(self.subject.field, 0)
        share = Fraction(missing, batch.entered) if batch.entered else Fraction(0)
        allowed = float(self.params.max * 100)
        return Judgement(share <= self.params.max, float(share), f"at most {allowed:g}% missing")

    def idle(self) -> bool:
        """Whether everything may be missing."""
        return bool(self.params.max == 1)
