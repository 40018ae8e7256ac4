"""Whether a number is a whole multiple of another: `multiple_of`."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
from pydantic import Field

from dq.checks.base import CHECKS, Check, ParamError, Target
from dq.checks.literals import json_value, read_bound, texts
from dq.dtypes.types import Family
from dq.params import Literal
from dq.params import Params as BaseParams

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

EXACT = 2**50  # below, three roundings of binary64 cannot reach the next integer


@CHECKS.register
class MultipleOf(Check):
    """The value is a whole multiple of a positive step; zero and negative multiples count.

    Integers and decimals are judged exactly.  A `number` is binary64, in which 0.1 has no exact form: it passes
    if it is the binary64 nearest to a multiple, so 0.3 is a multiple of 0.1.  With the step written as a reduced
    fraction p/q, a number passes only while the numerator of the multiple is below 2^50, where binary64 is certain.
    """

    kind = "multiple_of"
    dimension = "accuracy"
    families = frozenset({Family.NUMBER})
    title = "The value is a whole multiple of a step."
    example = "multiple_of: 0.05"
    example_type = "decimal(8,2)"
    example_pass = ("0.00", "1.15", "-0.05")
    example_fail = ("0.01", "1.16")

    class Params(BaseParams):
        """The step."""

        shorthand: ClassVar[str | None] = "value"
        value: Literal = Field(description="The step, above zero.")

    def __init__(self, params: Any, target: Target) -> None:
        """Read the step.  ParamError DQ318 if it is not of the field's type, DQ308 if not above zero or too fine."""
        super().__init__(params, target)
        value = read_bound(self.kind, "value", params.value, target)
        self.shown = texts([value], target.type)[0]
        self.step = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
        if self.step <= 0:
            raise ParamError("DQ308", "value", kind=self.kind, problem=f"the step {self.shown} is not above zero")
        if isinstance(value, float) and max(self.step.numerator, self.step.denominator) >= EXACT:
            raise ParamError("DQ308", "value", kind=self.kind, problem=f"the step {self.shown} has too many digits")

    @property
    def units(self) -> int:
        """The step in units of a decimal's last digit: the least common multiple of both, as rationals."""
        unit = Fraction(1, 10 ** (self.target.type.scale or 0))
        common = Fraction(lcm(self.step.numerator, unit.numerator), gcd(self.step.denominator, unit.denominator))
        return int(common / unit)

    def expected(self) -> str:
        """Say the step."""
        return f"a multiple of {self.shown}"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where nothing is left over."""
        del now
        if self.target.type.name == "integer":
            return value % pl.lit(int(self.step), dtype=pl.Int64) == 0
        if self.target.type.name == "decimal":
            return value.to_physical() % pl.lit(min(self.units, 10**38), dtype=pl.Int128) == 0
        p, q = float(self.step.numerator), float(self.step.denominator)
        # Polars divides a column by a constant as a product with its rounded inverse (3.0 / 10 is not 0.3 there),
        # and only a column by a column as IEEE 754 does.
        whole = (value / (value * 0 + p) * q).round() * p
        return (whole / (value * 0 + q) == value) & (whole.abs() < EXACT)

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return Python's own integers and fractions, element by element."""
        del now
        judge = self._number if self.target.type.name == "number" else self._exact
        return pa.Check(
            lambda data: data.lazyframe.select(pl.col(data.key).map_batches(_each(judge), return_dtype=pl.Boolean)),
            name=self.kind,
            error=self.expected(),
        )

    def _exact(self, value: Any) -> bool:
        """Judge an int or a Decimal."""
        return (Fraction(value) / self.step).denominator == 1

    def _number(self, value: Any) -> bool:
        """Judge a float by whether it is the nearest to a multiple."""
        times = round(Fraction(value) / self.step)
        return abs(times * self.step.numerator) < EXACT and float(times * self.step) == value

    def json_schema(self) -> dict[str, Any] | None:
        """Return `multipleOf`, or None for `number`, on whose binary fractions the validators disagree.

        For steps with a fraction it holds for validators with decimal arithmetic (jsonschema-rs); Python's
        jsonschema divides binary fractions and refuses 19.99 as a multiple of 0.01.
        """
        if self.target.type.name == "number":
            return None
        value = int(self.step) if self.step.denominator == 1 else json_value(Decimal(self.shown), self.target.type)
        return None if value is None or self._unsayable() else {"multipleOf": value}

    def _unsayable(self) -> bool:
        """Whether the field's decimals have more digits than JSON numbers keep."""
        return self.target.type.name == "decimal" and json_value(Decimal(0), self.target.type) is None

    def identity(self) -> dict[str, Any]:
        """Return the kind and the step as a reduced fraction."""
        return {"kind": self.kind, "params": {"value": str(self.step)}}


def _each(judge: Callable[[Any], bool]) -> Callable[[pl.Series], pl.Series]:
    """Return a function of a whole column that judges its values one by one and leaves null as null."""

    def judged(column: pl.Series) -> pl.Series:
        """Judge one column."""
        verdicts = [None if value is None else judge(value) for value in column]
        return pl.Series(column.name, verdicts, dtype=pl.Boolean)

    return judged
