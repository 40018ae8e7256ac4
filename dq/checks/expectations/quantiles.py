"""Quantiles of the numbers of a field: `quantile`, `median`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pydantic import Field

from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, Judgement, Subject
from dq.checks.expectations.ends import in_words, require_ends, within
from dq.checks.expectations.statistics import NumberEnds, observed, rounded
from dq.dtypes.types import Family
from dq.params import Share
from dq.states.measures import StateOf
from dq.states.quantiles import Quantiles
from dq.states.top import Top


class Ranked(Expectation):
    """What the two kinds have in common: the value of nearest rank, between two ends."""

    families = frozenset({Family.NUMBER})
    reveals = True

    def __init__(self, params: Any, subject: Subject) -> None:
        """Keep the ends.  ParamError DQ306 if there are none, DQ308 if nothing lies between them."""
        super().__init__(params, subject)
        require_ends(self.kind, params.min, params.max)
        self.few, self.many = StateOf(subject.field, Top), StateOf(subject.field, Quantiles)
        self.part, self.called = Fraction(1, 2), "median"

    def measures(self) -> tuple[StateOf[Any], ...]:
        """Return the counts of the values where they are few, and those of fine bins."""
        return (self.few, self.many)

    def judge(self, batch: Batch) -> Judgement:
        """Compare the quantile with the ends."""
        expected = f"a {self.called} of {in_words(self.params.min, self.params.max)}"
        few, kind = batch.measured.of(self.few), self.subject.type
        value = few.quantile(self.part) if few.complete else batch.measured.of(self.many).at(self.part)
        if value is None:
            return Judgement(None, None, expected, "there are no values")
        number = Fraction(value)
        low, high = (rounded(end, kind) for end in (self.params.min, self.params.max))
        note = None if few.complete else "known to within 0.4 % of the value"
        return Judgement(within(rounded(number, kind), low, high), observed(number, kind), expected, note)


@EXPECTATIONS.register
class Quantile(Ranked):
    """A quantile of the accepted values, missing ones left out, lies between two ends.

    It is the value of nearest rank: the least that a share `q` of the values does not exceed. It is exact where there
    are at most 1000 distinct numbers; beyond, it is known to within 0.4 % of itself, and the report says so.
    """

    kind = "quantile"
    title = "A quantile lies between two ends."
    example = "quantile: {q: 95%, max: 250}"
    example_values = ("10", "20", "249.5")

    class Params(NumberEnds):
        """Which quantile, and the ends, at least one of them."""

        q: Share = Field(description="The share of the values that are not greater, such as 0.95 or 95%.")

    def __init__(self, params: Any, subject: Subject) -> None:
        """Keep which quantile it is."""
        super().__init__(params, subject)
        self.part, self.called = params.q, f"quantile of {float(params.q):g}"


@EXPECTATIONS.register
class Median(Ranked):
    """The median of the accepted values, missing ones left out, lies between two ends.

    Of an even number of values it is the lower middle one. It is exact where there are at most 1000 distinct numbers;
    beyond, it is known to within 0.4 % of itself, and the report says so.
    """

    kind = "median"
    title = "The median lies between two ends."
    example = "median: {min: 10, max: 20}"
    example_values = ("1", "12.5", "400")

    Params = NumberEnds
