"""Statistics of the numbers of a field, computed exactly: `mean`, `sum`, `stdev`."""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction
from typing import Any

from pydantic import Field

from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, FieldParams, Judgement, Observed, Subject
from dq.checks.expectations.ends import in_words, require_ends, within
from dq.dtypes.types import Family, Type
from dq.params import Exact, ParamError
from dq.states.measures import StateOf
from dq.states.moments import Moments


class NumberEnds(FieldParams):
    """The ends, at least one of them."""

    min: Exact | None = Field(None, description="The smallest value that is expected.")
    max: Exact | None = Field(None, description="The largest value that is expected.")


class Statistic(Expectation):
    """What the kinds have in common: one number of the accepted values, between two ends.

    Sums are exact, so that neither order nor chunks decide.  Of integers and decimals the exact number is compared
    with the ends as they are written; of the type number, which is binary, both are rounded to it once.
    """

    families = frozenset({Family.NUMBER})
    reveals = True
    noun = "value"

    Params = NumberEnds

    def __init__(self, params: Any, subject: Subject) -> None:
        """Keep the ends.  ParamError DQ306 if there are none, DQ308 if nothing lies between them."""
        super().__init__(params, subject)
        require_ends(self.kind, params.min, params.max)
        self.measure = StateOf(subject.field, Moments)

    def measures(self) -> tuple[StateOf[Moments], ...]:
        """Return the moments of the field."""
        return (self.measure,)

    @abstractmethod
    def number(self, moments: Moments) -> Fraction | float | None:
        """Return the statistic, exactly or rounded once; None where there is none."""

    def judge(self, batch: Batch) -> Judgement:
        """Compare the statistic with the ends."""
        number, kind = self.number(batch.measured.of(self.measure)), self.subject.type
        low, high = (rounded(end, kind) for end in (self.params.min, self.params.max))
        expected = f"a {self.noun} of {in_words(self.params.min, self.params.max)}"
        if number is None:
            return Judgement(None, None, expected, f"there is no {self.noun} of so few values")
        return Judgement(within(rounded(number, kind), low, high), observed(number, kind), expected)


def rounded(number: Fraction | float | None, kind: Type) -> Fraction | float | None:
    """Return a number as the field's type compares it: exactly, or as binary64 where the type is number."""
    if number is None or kind.name != "number":
        return number
    return float(number)


def observed(number: Fraction | float, kind: Type) -> Observed:
    """Return an observed number for the report: integers as such, the rest rounded once."""
    if isinstance(number, Fraction) and number.denominator == 1 and kind.name != "number":
        return number.numerator
    return float(number)


@EXPECTATIONS.register
class Mean(Statistic):
    """The mean of the accepted values, missing ones left out, lies between two ends."""

    kind = "mean"
    noun = "mean"
    title = "The mean lies between two ends."
    example = "mean: {min: 10, max: 25.5}"
    example_values = ("9.5", "31.5", None)

    def number(self, moments: Moments) -> Fraction | None:
        """Return the sum divided by the count."""
        return moments.total / moments.count if moments.count else None


@EXPECTATIONS.register
class Sum(Statistic):
    """The sum of the accepted values lies between two ends, for example that of a day's takings.

    The sum of no values is 0.
    """

    kind = "sum"
    noun = "sum"
    title = "The sum lies between two ends."
    example = "sum: {min: 1000}"
    example_values = ("400", "600")

    def number(self, moments: Moments) -> Fraction:
        """Return the sum."""
        return moments.total


@EXPECTATIONS.register
class StandardDeviation(Statistic):
    """The standard deviation of the accepted values (of a sample: divisor n - 1) lies between two ends.

    A deviation of nearly nothing tells a field that has frozen: a sensor that repeats itself, a default that
    replaced every value.
    """

    kind = "stdev"
    aliases = ("standard_deviation",)
    noun = "standard deviation"
    title = "The standard deviation lies between two ends."
    example = "stdev: {min: 0.1}"
    example_values = ("1", "2")

    def __init__(self, params: Any, subject: Subject) -> None:
        """Keep the ends.  ParamError DQ308 if one is negative, which no deviation is."""
        super().__init__(params, subject)
        for key, end in (("min", params.min), ("max", params.max)):
            if end is not None and end < 0:
                raise ParamError("DQ308", key, kind=self.kind, problem="a deviation is never negative")

    def number(self, moments: Moments) -> float | None:
        """Return the deviation, rounded once."""
        return moments.standard_deviation
