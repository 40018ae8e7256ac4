"""How old the newest row is: `freshness`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import Field

from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, FieldParams, Judgement, Subject
from dq.dtypes.types import Family
from dq.params import Duration
from dq.states.extremes import Extremes
from dq.states.measures import StateOf
from dq.states.scalars import plain

_SECOND = timedelta(seconds=1)
_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)), ("s", _SECOND))


@EXPECTATIONS.register
class Freshness(Expectation):
    """The newest accepted value of a date or moment is no older than so long before `now`.

    A date is as old as its beginning, in UTC: one of today is less than 24 hours old. `now` is the start of the run, or
    what `--now` says.
    """

    kind = "freshness"
    families = frozenset({Family.DATE, Family.DATETIME})
    reveals = True
    title = "The newest value is not older than a duration."
    example = "freshness: {max: 24h}"
    example_type = "datetime"
    example_values = ("2026-10-30T12:00:00Z", "2026-10-31T12:00:00Z")

    class Params(FieldParams):
        """How old the newest value may be."""

        shorthand: ClassVar[str | None] = "max"
        max: Duration = Field(description="The greatest age of the newest value, such as 24h.")

    def __init__(self, params: Any, subject: Subject) -> None:
        """Keep the age."""
        super().__init__(params, subject)
        self.measure = StateOf(subject.field, Extremes)

    def measures(self) -> tuple[StateOf[Extremes], ...]:
        """Return the extremes of the field."""
        return (self.measure,)

    def judge(self, batch: Batch) -> Judgement:
        """Compare the age of the newest value with the greatest."""
        newest = batch.measured.of(self.measure).high
        expected = f"a newest value at most {in_units(self.params.max)} old"
        if newest is None:
            return Judgement(None, None, expected, "there are no values")
        moment = newest if isinstance(newest, datetime) else datetime.fromisoformat(str(newest)).replace(tzinfo=UTC)
        return Judgement(batch.now - moment <= self.params.max, str(plain(newest)), expected)


def in_units(duration: timedelta) -> str:
    """Return a duration as a spec writes it: in the longest unit of which it is a whole number."""
    for unit, length in _UNITS:
        if duration % length == timedelta(0):
            return f"{duration // length}{unit}"
    return f"{duration / timedelta(milliseconds=1):g}ms"
