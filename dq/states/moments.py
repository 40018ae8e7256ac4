"""Moments: count, sum and sum of squares, exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.states.accumulation import Sums, add_floats, add_integers, add_weighted
from dq.states.base import STATES, State

if TYPE_CHECKING:
    from typing import Self

    from dq.states.values import Values


@STATES.register
@dataclass(frozen=True, slots=True)
class Moments(State):
    """How many numbers there are, their sum and the sum of their squares, as fractions without rounding.

    So the order of the data cannot matter, and the mean and the standard deviation are the floats nearest to
    the true ones.
    """

    kind = "moments"
    reveals = True
    count: int = 0
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)

    @classmethod
    def neutral(cls) -> Self:
        """Return the moments of no numbers."""
        return cls()

    @classmethod
    def fit(cls, values: Values) -> Self:
        """Add up numbers.  Values of other dtypes count for nothing."""
        if not values.present.dtype.is_numeric():
            return cls()
        total, squares = _sums(values)
        return cls(len(values.present), total, squares)

    def merge(self, other: Self) -> Self:
        """Add."""
        return type(self)(self.count + other.count, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float | None:
        """The mean, rounded once; None of no numbers."""
        return float(self.total / self.count) if self.count else None

    @property
    def standard_deviation(self) -> float | None:
        """The sample standard deviation (divisor n - 1), rounded once; None of fewer than two numbers."""
        if self.count < 2:  # noqa: PLR2004
            return None
        return root((self.squares - self.total**2 / self.count) / (self.count - 1))

    def as_json(self) -> dict[str, Any]:
        """Return the count and both sums as fractions."""
        return {"count": self.count, "total": str(self.total), "squares": str(self.squares)}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Return the state that `as_json` described."""
        return cls(raw["count"], Fraction(raw["total"]), Fraction(raw["squares"]))

    def report(self) -> dict[str, Any]:
        """Return the mean and the sample standard deviation."""
        return {"mean": self.mean, "standard_deviation": self.standard_deviation}


def _sums(values: Values) -> Sums:
    """Return the sum and the sum of squares of numbers."""
    weighted, scale = values.weighted, values.scale
    if scale is None:  # Adding floats one by one is faster than adding each distinct one as a fraction.
        return add_floats(values.present.cast(pl.Float64).to_numpy())
    units = weighted.keys.to_physical()
    if weighted.counts is None:
        total, squares = add_integers(units)
    else:
        total, squares = add_weighted(units.to_list(), weighted.counts.tolist())
    return total / 10**scale, squares / 100**scale


def root(square: Fraction) -> float:
    """Return the square root, rounded once."""
    # Scaled by a power of four until the integer root has 64 bits or more; what is cut off below them is
    # kept as one odd bit, so that rounding to 53 bits sees that it was there.
    numerator, denominator = square.numerator, square.denominator
    shift = max(0, 66 - (numerator.bit_length() - denominator.bit_length()) // 2)
    scaled, cut = divmod(numerator << (2 * shift), denominator)
    root = math.isqrt(scaled)
    odd = int(cut != 0 or root * root != scaled)
    return float(Fraction(2 * root + odd, 1 << (shift + 1)))
