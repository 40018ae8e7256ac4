"""How many different values a field has: `distinct`, `unique_share`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pydantic import Field

from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, FieldParams, Judgement, Subject
from dq.checks.expectations.ends import in_words, require_ends, within
from dq.dtypes.types import Family
from dq.params import Count, Share
from dq.states.counts import Counts
from dq.states.distinct import STANDARD_ERROR, Distinct
from dq.states.measures import StateOf

COUNTABLE = frozenset(Family) - {Family.LIST}
_ESTIMATED = f"an estimate with a standard error of {STANDARD_ERROR:.1%}"


@EXPECTATIONS.register
class DistinctCount(Expectation):
    """The field has so many different accepted values, missing ones not counted.

    The number is exact up to 1000. Above that it is an estimate with a standard error of 1.6 %, and the report says so;
    that every value is different is better asked by the check `unique`, which is exact.
    """

    kind = "distinct"
    families = COUNTABLE
    title = "The field has so many different values."
    example = "distinct: {min: 2, max: 50}"
    example_type = "string"
    example_values = ("a", "b", "a")

    class Params(FieldParams):
        """The ends, at least one of them."""

        min: Count | None = Field(None, description="The smallest number of different values.")
        max: Count | None = Field(None, description="The largest number of different values.")

    def __init__(self, params: Any, subject: Subject) -> None:
        """Keep the ends.  ParamError DQ306 if there are none, DQ308 if no count lies between them."""
        super().__init__(params, subject)
        require_ends(self.kind, params.min, params.max)
        self.measure = StateOf(subject.field, Distinct)

    def measures(self) -> tuple[StateOf[Distinct], ...]:
        """Return the distinct values of the field."""
        return (self.measure,)

    def judge(self, batch: Batch) -> Judgement:
        """Compare the number of values with the ends."""
        found = batch.measured.of(self.measure)
        expected = f"{in_words(self.params.min, self.params.max)} different values"
        passed = within(found.estimate, self.params.min, self.params.max)
        return Judgement(passed, found.estimate, expected, None if found.exact else _ESTIMATED)

    def idle(self) -> bool:
        """Whether every count is right."""
        return not self.params.min and self.params.max is None


@EXPECTATIONS.register
class UniqueShare(Expectation):
    """The number of different accepted values, divided by the number of values, lies between two ends.

    Near 1 the field identifies the record; a low share says that values repeat. The number of different values is
    exact up to 1000, above that an estimate with a standard error of 1.6 %, and the report says so.
    """

    kind = "unique_share"
    families = COUNTABLE
    share = True
    title = "The share of values that are different lies between two ends."
    example = "unique_share: {min: 50%}"
    example_type = "string"
    example_values = ("a", "b", "a", None)

    class Params(FieldParams):
        """The ends, at least one of them."""

        min: Share | None = Field(None, description="The smallest share of different values.")
        max: Share | None = Field(None, description="The largest share of different values.")

    def __init__(self, params: Any, subject: Subject) -> None:
        """Keep the ends.  ParamError DQ306 if there are none, DQ308 if no share lies between them."""
        super().__init__(params, subject)
        require_ends(self.kind, params.min, params.max)
        self.found, self.counts = StateOf(subject.field, Distinct), StateOf(subject.field, Counts)

    def measures(self) -> tuple[StateOf[Any], ...]:
        """Return the distinct values of the field, and how many values there are."""
        return (self.found, self.counts)

    def judge(self, batch: Batch) -> Judgement:
        """Compare the share with the ends."""
        found, counts = batch.measured.of(self.found), batch.measured.of(self.counts)
        expected = f"{in_words(self.params.min, self.params.max, _percent)} of the values different"
        present = counts.rows - counts.nulls
        if not present:
            return Judgement(None, None, expected, "there are no values")
        reached = min(Fraction(1), Fraction(found.estimate, present))
        passed = within(reached, self.params.min, self.params.max)
        return Judgement(passed, float(reached), expected, None if found.exact else _ESTIMATED)

    def idle(self) -> bool:
        """Whether every share is right."""
        return not self.params.min and self.params.max in {None, 1}


def _percent(part: Fraction) -> str:
    return f"{float(part * 100):g}%"
