"""Checks that compare a value with bounds: `between`, `minimum`, `maximum`, `gt`, `lt`."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import polars as pl
from pydantic import Field

from dq.checks.base import CHECKS, Check, ParamError, Target
from dq.checks.literals import json_value, read_bound, texts
from dq.dtypes.literals import polars_literal
from dq.dtypes.types import Family
from dq.params import Literal
from dq.params import Params as BaseParams

if TYPE_CHECKING:
    from datetime import datetime

    from dq.dtypes.types import Type

ORDERED = frozenset({Family.NUMBER, Family.DATE, Family.TIME, Family.DATETIME, Family.DURATION})
_WIDE = Context(prec=200)  # wide enough for a bound of 38 digits shifted by 38 places
_FARTHEST = 10**38  # beyond every decimal of 38 digits, within 128 bits


@dataclass(frozen=True, slots=True)
class Bounds:
    """An interval of values of one type; None is an open end.  `strict` leaves the ends themselves out."""

    lower: Any = None
    upper: Any = None
    strict: bool = False

    def expression(self, value: pl.Expr, of: Type) -> pl.Expr:
        """Return where the value lies within; null for null.  Decimals are compared as exact integers."""
        if of.name == "decimal":
            return self._physical(value, of)
        terms = []
        if self.lower is not None:
            low = polars_literal(of, self.lower)
            terms.append(value > low if self.strict else value >= low)
        if self.upper is not None:
            high = polars_literal(of, self.upper)
            terms.append(value < high if self.strict else value <= high)
        return terms[0] if len(terms) == 1 else pl.all_horizontal(terms)

    def _physical(self, value: pl.Expr, of: Type) -> pl.Expr:
        """Compare in units of the last digit, with the bound moved inwards to the nearest unit."""
        units = value.to_physical()
        terms = []
        if self.lower is not None:
            least = _units(self.lower, of, ROUND_FLOOR if self.strict else ROUND_CEILING)
            terms.append(units > least if self.strict else units >= least)
        if self.upper is not None:
            most = _units(self.upper, of, ROUND_CEILING if self.strict else ROUND_FLOOR)
            terms.append(units < most if self.strict else units <= most)
        return terms[0] if len(terms) == 1 else pl.all_horizontal(terms)

    def pandera(self, pa: Any, error: str) -> Any:
        """Return pandera's own check of the interval."""
        if self.lower is not None and self.upper is not None:
            inclusive = not self.strict
            return pa.Check.in_range(self.lower, self.upper, inclusive, inclusive, error=error)
        if self.lower is not None:
            return (pa.Check.gt if self.strict else pa.Check.ge)(self.lower, error=error)
        return (pa.Check.lt if self.strict else pa.Check.le)(self.upper, error=error)

    def json_schema(self, of: Type) -> dict[str, Any] | None:
        """Return `minimum` and `maximum` or their exclusive forms; None for what JSON keeps as text."""
        if of.family is not Family.NUMBER:
            return None
        names = ("exclusiveMinimum", "exclusiveMaximum") if self.strict else ("minimum", "maximum")
        ends = {
            name: json_value(end, of)
            for name, end in zip(names, (self.lower, self.upper), strict=True)
            if end is not None
        }
        return None if None in ends.values() else ends


def _units(bound: Decimal, of: Type, rounding: str) -> pl.Expr:
    """Return a decimal bound as a count of units of the type's last digit, kept within 128 bits."""
    scaled = bound.scaleb(of.scale or 0, _WIDE).to_integral_value(rounding=rounding, context=_WIDE)
    return pl.lit(max(-_FARTHEST, min(_FARTHEST, int(scaled))), dtype=pl.Int128)


class Bounded(Check):
    """What the kinds of this file have in common: an interval, and how it is said."""

    dimension = "accuracy"
    families = ORDERED
    bounds: Bounds

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where the value lies within the interval."""
        del now
        return self.bounds.expression(value, self.target.type)

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return pandera's own comparison, which is exact for every type, decimals included."""
        del now
        return self.bounds.pandera(pa, self.expected())

    def json_schema(self) -> dict[str, Any] | None:
        """Return the bounds of a number; JSON Schema cannot order texts, so dates and times have no form."""
        return self.bounds.json_schema(self.target.type)

    def identity(self) -> dict[str, Any]:
        """Return the kind and the canonical text of the ends."""
        ends = {"min": self.bounds.lower, "max": self.bounds.upper}
        return {"kind": self.kind, "params": {key: self._text(end) for key, end in ends.items() if end is not None}}

    def _text(self, value: Any) -> str:
        """Return one end in canonical text."""
        return texts([value], self.target.type)[0]

    def _read(self, key: str, scalar: Any) -> Any:
        """Return one end, read by the field's type."""
        return read_bound(self.kind, key, scalar, self.target)


@CHECKS.register
class Between(Bounded):
    """The value lies between two bounds, both included.

    Written `between: [0, 100]`, or `between: {min: 0, max: 100}`.  For a single bound use `minimum`, `maximum`,
    `gt` or `lt`.  A bound of a decimal may have more fraction digits than the field; it is compared exactly.
    """

    kind = "between"
    title = "The value lies between two bounds, both included."
    example = "between: [0, 100]"
    example_type = "decimal(5,2)"
    example_pass = ("0", "99.99", "100.00")
    example_fail = ("-0.01", "100.01")

    class Params(BaseParams):
        """`[min, max]`, or both by name."""

        shorthand: ClassVar[str | None] = "range"
        range: Annotated[list[Literal], Field(min_length=2, max_length=2)] | None = Field(
            None, description="The smallest and the largest value that is allowed."
        )
        min: Literal | None = Field(None, description="The smallest value that is allowed.")
        max: Literal | None = Field(None, description="The largest value that is allowed.")

    def __init__(self, params: Any, target: Target) -> None:
        """Read the bounds.  ParamError DQ306 if one is missing, DQ308 if the first is above the second."""
        super().__init__(params, target)
        ends = params.range or [params.min, params.max]
        if params.range and (params.min or params.max):
            key = "min" if params.min else "max"
            raise ParamError("DQ305", key, kind=self.kind)
        for key, end in zip(("min", "max"), ends, strict=True):
            if end is None:
                raise ParamError("DQ306", key, kind=self.kind)
        low, high = self._read("min", ends[0]), self._read("max", ends[1])
        if low > high:
            raise ParamError("DQ308", "min", kind=self.kind, problem=f"{ends[0].text} is above {ends[1].text}")
        self.bounds = Bounds(low, high)

    def expected(self) -> str:
        """Say the interval."""
        return f"a value from {self._text(self.bounds.lower)} to {self._text(self.bounds.upper)}"


class OneBound(Bounded):
    """A comparison with one value."""

    words: ClassVar[str]

    class Params(BaseParams):
        """The bound."""

        shorthand: ClassVar[str | None] = "value"
        value: Literal = Field(description="The bound, a value of the field's type.")

    def __init__(self, params: Any, target: Target) -> None:
        """Read the bound.  ParamError DQ318 if it is not of the field's type."""
        super().__init__(params, target)
        self.bound = self._read("value", params.value)
        self.bounds = self.interval(self.bound)

    @abstractmethod
    def interval(self, bound: Any) -> Bounds:
        """Return the interval that the bound leaves open."""

    def expected(self) -> str:
        """Say the comparison."""
        return f"a value {self.words} {self._text(self.bound)}"


@CHECKS.register
class Minimum(OneBound):
    """The value is at least the bound; the bound itself is allowed."""

    kind = "minimum"
    aliases = ("ge", "min")
    title = "The value is at least the bound."
    words = "of at least"
    example = "minimum: 0"
    example_type = "integer"
    example_pass = ("0", "7")
    example_fail = ("-1",)

    def interval(self, bound: Any) -> Bounds:
        """Return the closed upper half."""
        return Bounds(lower=bound)


@CHECKS.register
class Maximum(OneBound):
    """The value is at most the bound; the bound itself is allowed."""

    kind = "maximum"
    aliases = ("le", "max")
    title = "The value is at most the bound."
    words = "of at most"
    example = "maximum: 100"
    example_type = "number"
    example_pass = ("100", "-2.5")
    example_fail = ("100.1",)

    def interval(self, bound: Any) -> Bounds:
        """Return the closed lower half."""
        return Bounds(upper=bound)


@CHECKS.register
class GreaterThan(OneBound):
    """The value is greater than the bound; the bound itself is not allowed."""

    kind = "gt"
    title = "The value is greater than the bound."
    words = "greater than"
    example = "gt: 0"
    example_type = "decimal(12,2)"
    example_pass = ("0.01",)
    example_fail = ("0", "-3.50")

    def interval(self, bound: Any) -> Bounds:
        """Return the open upper half."""
        return Bounds(lower=bound, strict=True)


@CHECKS.register
class LessThan(OneBound):
    """The value is less than the bound; the bound itself is not allowed."""

    kind = "lt"
    title = "The value is less than the bound."
    words = "less than"
    example = 'lt: "2026-01-01"'
    example_type = "date"
    example_pass = ("2025-12-31",)
    example_fail = ("2026-01-01",)

    def interval(self, bound: Any) -> Bounds:
        """Return the open lower half."""
        return Bounds(upper=bound, strict=True)
