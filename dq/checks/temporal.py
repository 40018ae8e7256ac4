"""Checks of dates and moments: `before` and `after`, also relative to `now`."""

from __future__ import annotations

import re
from abc import abstractmethod
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from dq.checks.base import CHECKS, Check, ParamError, Target
from dq.checks.bounds import Bounds
from dq.checks.literals import read, texts
from dq.dtypes.types import Family
from dq.params import Literal, Scalar, read_duration
from dq.params import Params as BaseParams

if TYPE_CHECKING:
    import polars as pl

_RELATIVE = re.compile(r"now(?:\s*([-+])\s*(\S+))?\Z", re.ASCII)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Moment(Check):
    """What the two kinds have in common: a fixed limit, or an offset from `now`."""

    dimension = "timeliness"
    families = frozenset({Family.DATE, Family.DATETIME})
    word: ClassVar[str]

    class Params(BaseParams):
        """The limit."""

        shorthand: ClassVar[str | None] = "value"
        value: Literal = Field(description="A date or datetime, `now`, or an offset from it such as `now-7d`.")

    def __init__(self, params: Any, target: Target) -> None:
        """Read the limit.  ParamError DQ318 if it is neither a value of the field's type nor relative to `now`."""
        super().__init__(params, target)
        self.offset = self._offset(params.value)
        self.fixed = None if self.offset is not None else read(self.kind, "value", params.value, target)

    def _offset(self, scalar: Scalar) -> timedelta | None:
        """Return the offset from `now`, or None if the limit is fixed."""
        match = _RELATIVE.match(scalar.text)
        if not match:
            return None
        if not match[1]:
            return timedelta(0)
        try:
            duration = read_duration(match[2])
        except PydanticCustomError:
            raise ParamError("DQ318", "value", value=scalar.text, type=str(self.target.type), kind=self.kind) from None
        return duration if match[1] == "+" else -duration

    def limit(self, now: datetime) -> Any:
        """Return the limit as a date or a datetime; `now` of a date is the day in UTC.

        An offset that leaves the calendar stops at its first or last moment.
        """
        if self.offset is None:
            return self.fixed
        try:
            moment = now.astimezone(UTC) + self.offset
        except OverflowError:
            moment = _LAST if self.offset > timedelta(0) else _FIRST
        return moment.date() if self.target.type.family is Family.DATE else moment

    @abstractmethod
    def bounds(self, now: datetime) -> Bounds:
        """Return the open half that the limit leaves."""

    def expected(self) -> str:
        """Say the limit as written if it is relative, else in canonical text."""
        return f"a {self.target.type} {self.word} {self._shown()}"

    def _shown(self) -> str:
        """Return the limit in one spelling."""
        if self.offset is None:
            return texts([self.fixed], self.target.type)[0]
        return "".join(self.params.value.text.split())

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where the value lies on the right side of the limit."""
        return self.bounds(now).expression(value, self.target.type)

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return pandera's own strict comparison."""
        return self.bounds(now).pandera(pa, self.expected())

    def identity(self) -> dict[str, Any]:
        """Return the kind and the limit: an offset in microseconds, or canonical text."""
        if self.offset is None:
            return {"kind": self.kind, "params": {"value": self._shown()}}
        return {"kind": self.kind, "params": {"now": self.offset // timedelta(microseconds=1)}}


@CHECKS.register
class Before(Moment):
    """The date or datetime lies before a limit, which itself is not allowed.

    The limit is fixed, or relative to the run's `now`: `now`, `now+1h`, `now-7d`.  Of a date, `now` is the day in
    UTC.  `before: now+1h` catches clocks that run ahead without refusing those that are merely a little fast.
    """

    kind = "before"
    title = "The date or datetime lies before a limit."
    word = "before"
    example = "before: now+1h"
    example_type = "datetime"
    example_pass = ("2020-02-29T12:00:00Z",)
    example_fail = ("2999-01-01T00:00:00Z",)

    def bounds(self, now: datetime) -> Bounds:
        """Return everything before the limit."""
        return Bounds(upper=self.limit(now), strict=True)


@CHECKS.register
class After(Moment):
    """The date or datetime lies after a limit, which itself is not allowed.

    The limit is fixed, or relative to the run's `now`: `now`, `now-7d`.  Of a date, `now` is the day in UTC.
    """

    kind = "after"
    title = "The date or datetime lies after a limit."
    word = "after"
    example = 'after: "2015-01-01"'
    example_type = "date"
    example_pass = ("2015-01-02",)
    example_fail = ("2015-01-01", "1970-01-01")

    def bounds(self, now: datetime) -> Bounds:
        """Return everything after the limit."""
        return Bounds(lower=self.limit(now), strict=True)
