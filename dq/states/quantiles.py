"""Quantiles: how many values lie in each of fixed, relatively narrow bins."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dq.states.base import STATES, State
from dq.states.histogram import histogram

if TYPE_CHECKING:
    from typing import Self

    from dq.states.values import Values

_KEPT_BITS = 7  # of the 52 bits of a float's fraction: 128 bins between each power of two and the next
_CUT = 52 - _KEPT_BITS
RELATIVE_ERROR = 2.0 ** -(_KEPT_BITS + 1)  # 0.4 %: half a bin
REPORTED = (5, 25, 50, 75, 95)


@STATES.register
@dataclass(frozen=True, slots=True)
class Quantiles(State):
    """Counts in bins that are the leading bits of the value, as a binary64 number.

    A quantile is known to within 0.4 % of its value (`RELATIVE_ERROR`), and integers and the units of the
    last place of decimals up to 256 are known exactly.  Bins are cut from the bits themselves and not by a
    logarithm, so that they are the same on every machine; they are those of DDSketch (Masson et al. 2019)
    with the logarithm interpolated linearly.  `scale` is that of the decimals, 0 for integers, None for floats.
    """

    kind = "quantiles"
    reveals = True
    bins: tuple[tuple[int, int], ...] = ()  # index and count, in order of index
    scale: int | None = None

    @classmethod
    def neutral(cls) -> Self:
        """Return the bins of no values."""
        return cls()

    @classmethod
    def fit(cls, values: Values) -> Self:
        """Sort numbers into bins."""
        weighted = values.weighted
        keys = weighted.keys
        if not keys.dtype.is_numeric() or not len(keys):
            return cls()
        index = _index(keys.to_physical().cast(pl.Float64).to_numpy())
        first = int(index.min())
        # Weights are added as floats, which is exact below 2**53.
        counts = np.bincount(index - first, weights=weighted.counts).astype(np.int64)
        used = np.flatnonzero(counts)
        return cls(tuple(zip((used + first).tolist(), counts[used].tolist(), strict=True)), values.scale)

    def merge(self, other: Self) -> Self:
        """Add bin by bin."""
        if not self.bins or not other.bins:
            return self if self.bins else other
        counts = dict(self.bins)
        for index, count in other.bins:
            counts[index] = counts.get(index, 0) + count
        return type(self)(tuple(sorted(counts.items())), self.scale)

    def quantile(self, percent: int) -> int | float | Decimal | None:
        """Return the value of nearest rank: about `percent` in a hundred values are not greater.  None of none."""
        return self.at(Fraction(percent, 100))

    def at(self, share: Fraction) -> int | float | Decimal | None:
        """Return the value of nearest rank: about this share of the values are not greater.  None of none."""
        total = sum(count for _, count in self.bins)
        rank = max(1, math.ceil(share * total))
        for index, count in self.bins:
            rank -= count
            if rank <= 0:
                return self._middle(index)
        return None

    def edge(self, index: int) -> float:
        """Return where a bin begins: of floats its lower bound, of exact numbers the least that could be in it."""
        near, far = _bounds(abs(index))
        if self.scale is None:
            return near if index >= 0 else -far
        least = max(math.ceil(near), min(index, 1)) if index >= 0 else 1 - math.ceil(far)
        return float(Fraction(least, 10**self.scale))

    def alone(self, index: int) -> bool:
        """Whether a bin can hold only one number, so that nothing is unknown of it."""
        if index == 0:
            return True
        low, high = _bounds(abs(index))
        return self.scale is not None and math.ceil(high) - math.ceil(low) == 1

    def _middle(self, index: int) -> int | float | Decimal:
        """Return the middle of a bin; of the integers in it, if it holds integers."""
        value = self._units(index)
        return Decimal(value).scaleb(-self.scale) if self.scale else value

    def _units(self, index: int) -> int | float:
        """Return the middle of a bin, of decimals in units of their last place."""
        if self.scale is None:
            low, high = _bounds(index)
            return low + (high - low) / 2
        size = _integers_middle(abs(index))
        return size if index >= 0 else -size

    def histogram(self) -> dict[str, Any] | None:
        """Return twenty columns over the middle 98 % of the numbers; None of numbers that are all about the same.

        Each fine bin counts where its middle lies, so the ends of the columns are as exact as the quantiles are.
        """
        middles = [(self._units(index), count) for index, count in self.bins]
        total = sum(count for _, count in middles)
        ranks = max(1, -(-total // 100)), -(-99 * total // 100)
        ends = [middles[self._place(rank)][0] for rank in ranks] if middles else [0, 0]
        return histogram(middles, ends[0], ends[1], self.scale)

    def _place(self, rank: int) -> int:
        """Return in which bin, counted from the first, the number of a rank lies."""
        for place, (_, count) in enumerate(self.bins):
            rank -= count
            if rank <= 0:
                return place
        return len(self.bins) - 1

    def as_json(self) -> dict[str, Any]:
        """Return the bins and the scale."""
        return {"scale": self.scale, "bins": {str(index): count for index, count in self.bins}}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Return the state that `as_json` described."""
        return cls(tuple((int(index), count) for index, count in raw["bins"].items()), raw["scale"])

    def report(self) -> dict[str, Any]:
        """Return five quantiles and a histogram: floats as numbers, decimals as text."""
        found = {f"{percent}%": self.quantile(percent) for percent in REPORTED}
        quantiles = {name: str(v) if isinstance(v, Decimal) else v for name, v in found.items()}
        return {"quantiles": quantiles, "histogram": self.histogram()}


def _index(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the bin of each number: 0 for zero, negative for negative numbers."""
    bins = (np.abs(numbers).view(np.int64) >> _CUT) + 1
    return np.where(numbers == 0, 0, np.where(numbers < 0, -bins, bins))


def _edge(index: int) -> float:
    """Return where the bin of a positive index begins."""
    edge: float = struct.unpack("<d", struct.pack("<q", (index - 1) << _CUT))[0]
    return edge


def _bounds(index: int) -> tuple[float, float]:
    """Return the two ends of a bin, the one nearer to zero first."""
    if index == 0:
        return 0.0, 0.0
    low, high = _edge(abs(index)), min(_edge(abs(index) + 1), math.nextafter(math.inf, 0))
    return (low, high) if index > 0 else (-low, -high)


def _integers_middle(index: int) -> int:
    """Return the middle one of the integers in a bin that is not negative; the lower of two."""
    if index == 0:
        return 0
    low, high = _bounds(index)
    return (math.ceil(low) + math.ceil(high) - 1) // 2
