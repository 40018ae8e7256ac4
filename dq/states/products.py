"""Products of two columns: what their correlation follows from, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from dq.states.accumulation import add_products
from dq.states.measures import Measure
from dq.states.moments import Moments, root
from dq.states.values import Values

if TYPE_CHECKING:
    from typing import Self

    from dq.states.measures import Columns

_EXACT = 1 << 53  # integers up to this are floats


@dataclass(frozen=True, slots=True)
class Products:
    """The moments of two columns over the rows in which both have a number, and the sum of the products."""

    one: Moments
    two: Moments
    total: Fraction = Fraction(0)

    def merge(self, other: Self) -> Self:
        """Add."""
        return type(self)(self.one.merge(other.one), self.two.merge(other.two), self.total + other.total)

    @property
    def correlation(self) -> float | None:
        """Pearson's correlation, rounded once; None where either column is constant, or there are no rows."""
        count = self.one.count
        spreads = [count * side.squares - side.total**2 for side in (self.one, self.two)]
        if not all(spreads):
            return None
        together = count * self.total - self.one.total * self.two.total
        size = root(together**2 / (spreads[0] * spreads[1]))
        return size if together >= 0 else -size


@dataclass(frozen=True, slots=True)
class ProductsOf(Measure[Products]):
    """The products of two columns of numbers."""

    one: str
    two: str

    def neutral(self) -> Products:
        """Return the products of no rows."""
        return Products(Moments.neutral(), Moments.neutral())

    def fit(self, columns: Columns) -> Products:
        """Add up the rows in which both are finite numbers."""
        pair = columns.frame.select(self.one, self.two).drop_nulls()
        floats = [name for name in pair.columns if pair[name].dtype.is_float()]
        pair = pair.filter(pl.all_horizontal(pl.col(name).is_finite() for name in floats)) if floats else pair
        sides = [Values(pair[name]) for name in (self.one, self.two)]
        total = _dot(*(_units(side) for side in sides))
        scale = 10 ** sum(side.scale or 0 for side in sides)
        return Products(Moments.fit(sides[0]), Moments.fit(sides[1]), total / scale)


def _units(values: Values) -> npt.NDArray[np.float64] | list[Fraction]:
    """Return the numbers as floats where these are exact, else as fractions; decimals as units of their last place."""
    if values.scale is None:
        return values.present.cast(pl.Float64).to_numpy()
    units = values.present.to_physical()
    if len(units) and units.abs().max() > _EXACT:  # type: ignore[operator]
        return [Fraction(unit) for unit in units.to_list()]
    return units.cast(pl.Float64).to_numpy()


def _dot(one: npt.NDArray[np.float64] | list[Fraction], two: npt.NDArray[np.float64] | list[Fraction]) -> Fraction:
    """Return the exact sum of products; integers beyond 53 bits are rare enough to be multiplied one by one."""
    if isinstance(one, list) or isinstance(two, list):
        sides = [
            side if isinstance(side, list) else [Fraction(number) for number in side.tolist()] for side in (one, two)
        ]
        return sum((a * b for a, b in zip(*sides, strict=True)), Fraction(0))
    return add_products(one, two)
