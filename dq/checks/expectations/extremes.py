"""The least and the greatest value of a field: `min`, `max`."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from pydantic import Field

from dq.checks.base import Target
from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, FieldParams, Judgement, Subject
from dq.checks.expectations.ends import in_words, require_ends, within
from dq.checks.literals import read_bound
from dq.dtypes.types import Family
from dq.params import Literal, Scalar
from dq.states.extremes import Extremes
from dq.states.measures import StateOf
from dq.states.scalars import plain

ORDERED = frozenset({Family.NUMBER, Family.DATE, Family.TIME, Family.DATETIME, Family.DURATION})


class ValueEnds(FieldParams):
    """The ends, at least one of them, as values of the field's type."""

    min: Literal | None = Field(None, description="The smallest value that is expected.")
    max: Literal | None = Field(None, description="The largest value that is expected.")


class Extreme(Expectation):
    """What the two kinds have in common: one value of the accepted ones, between two ends."""

    families = ORDERED
    reveals = True
    noun: str

    Params = ValueEnds

    def __init__(self, params: Any, subject: Subject) -> None:
        """Read the ends.  ParamError DQ306 if there are none, DQ308 if exchanged, DQ318 if not of the type."""
        super().__init__(params, subject)
        self.low, self.high = (self._read(key, getattr(params, key)) for key in ("min", "max"))
        require_ends(self.kind, self.low, self.high)
        self.measure = StateOf(subject.field, Extremes)

    def _read(self, key: str, scalar: Scalar | None) -> Any:
        """Return an end as a value of the field's type."""
        target = Target(self.subject.field, self.subject.type)
        return None if scalar is None else read_bound(self.kind, key, scalar, target)

    def measures(self) -> tuple[StateOf[Extremes], ...]:
        """Return the extremes of the field."""
        return (self.measure,)

    @abstractmethod
    def value(self, extremes: Extremes) -> Any:
        """Return the value that is asked about; None of no values."""

    def judge(self, batch: Batch) -> Judgement:
        """Compare the value with the ends."""
        value = self.value(batch.measured.of(self.measure))
        low, high = (None if end is None else end.text for end in (self.params.min, self.params.max))
        expected = f"a {self.noun} value of {in_words(low, high)}"
        if value is None:
            return Judgement(None, None, expected, "there are no values")
        return Judgement(within(value, self.low, self.high), plain(value), expected)


@EXPECTATIONS.register
class Least(Extreme):
    """The least of the accepted values lies between two ends.

    A row that is below a bound is refused by a check such as `minimum`. This asks whether the batch as a whole reaches
    down as far as it should, for example that it begins at the first of the month.
    """

    kind = "min"
    noun = "least"
    title = "The least value lies between two ends."
    example = "min: {min: 2026-01-01, max: 2026-01-02}"
    example_type = "date"
    example_values = ("2026-01-01", "2026-01-31")

    def value(self, extremes: Extremes) -> Any:
        """Return the least."""
        return extremes.low


@EXPECTATIONS.register
class Greatest(Extreme):
    """The greatest of the accepted values lies between two ends."""

    kind = "max"
    noun = "greatest"
    title = "The greatest value lies between two ends."
    example = "max: {min: 100}"
    example_values = ("3.5", "120")

    def value(self, extremes: Extremes) -> Any:
        """Return the greatest."""
        return extremes.high
