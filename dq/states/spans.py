"""Spans: how many dates or times lie in each of equal spans of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dq.states.base import STATES, State

if TYPE_CHECKING:
    from typing import Self

    from dq.states.values import Values

LIMIT = 2048  # spans from the first that holds a value to the last
_NANOSECONDS = 1000  # of Polars' times, in a microsecond


@STATES.register
@dataclass(frozen=True, slots=True)
class Spans(State):
    """Counts in equal spans of 2**shift units: days of dates, microseconds of times, moments and durations.

    The spans are the shortest of which fewer than 2048 reach from the first value to the last.  They begin at
    multiples of their length, so that two short ones make up a long one; and how long they are depends only on the
    first and the last value.  So the order of the data cannot matter.
    """

    kind = "spans"
    reveals = True
    bins: tuple[tuple[int, int], ...] = ()  # index and count, in order of index
    shift: int = 0
    unit: str = ""  # date, time, datetime or duration; nothing of no values

    @classmethod
    def neutral(cls) -> Self:
        """Return the spans of no values."""
        return cls()

    @classmethod
    def fit(cls, values: Values) -> Self:
        """Sort dates and times into spans.  Values of other dtypes count for nothing."""
        weighted = values.weighted
        keys = weighted.keys
        if not keys.dtype.is_temporal() or not len(keys):
            return cls()
        units = keys.to_physical().cast(pl.Int64).to_numpy()
        if keys.dtype == pl.Time:
            units = units // _NANOSECONDS
        shift = _shift(int(units.min()), int(units.max()))
        index, place = np.unique(units >> shift, return_inverse=True)
        # Weights are added as floats, which is exact below 2**53.
        counts = np.bincount(place, weights=weighted.counts).astype(np.int64)
        bins = tuple(zip(index.tolist(), counts.tolist(), strict=True))
        return cls(bins, shift, str(keys.dtype.base_type()).lower())

    def merge(self, other: Self) -> Self:
        """Add span by span, in the longer ones of both, or longer ones still."""
        if not self.bins or not other.bins:
            return self if self.bins else other
        shift = max(self.shift, other.shift)
        one, two = self.coarser(shift), other.coarser(shift)
        counts = dict(one.bins)
        for index, count in two.bins:
            counts[index] = counts.get(index, 0) + count
        merged = type(self)(tuple(sorted(counts.items())), shift, self.unit)
        return merged.coarser(shift + _shift(min(counts), max(counts)))

    def coarser(self, shift: int) -> Self:
        """Return the counts in longer spans."""
        if shift == self.shift:
            return self
        counts: dict[int, int] = {}
        for index, count in self.bins:
            longer = index >> (shift - self.shift)
            counts[longer] = counts.get(longer, 0) + count
        return type(self)(tuple(counts.items()), shift, self.unit)

    def as_json(self) -> dict[str, Any]:
        """Return the bins, their length and the unit."""
        return {"unit": self.unit, "shift": self.shift, "bins": {str(index): count for index, count in self.bins}}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Return the state that `as_json` described."""
        return cls(tuple((int(index), count) for index, count in raw["bins"].items()), raw["shift"], raw["unit"])

    def report(self) -> dict[str, Any]:
        """Return the length of a span in units, and the spans by their first unit."""
        return {"span": 1 << self.shift, "spans": [[index << self.shift, count] for index, count in self.bins]}


def _shift(first: int, last: int) -> int:
    """Return the least shift that leaves fewer than `LIMIT` indices from the first to the last."""
    shift = 0
    while (last >> shift) - (first >> shift) >= LIMIT:
        shift += 1
    return shift
