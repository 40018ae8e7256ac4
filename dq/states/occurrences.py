"""Occurrences: how often each of some known values is there, and how many values are none of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dq.states.measures import Measure

if TYPE_CHECKING:
    from dq.states.measures import Columns
    from dq.states.scalars import Scalar


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The count of each known value, in their order, and of all others."""

    counts: tuple[int, ...]
    others: int = 0

    def merge(self, other: Occurrences) -> Occurrences:
        """Add value by value."""
        counts = tuple(one + two for one, two in zip(self.counts, other.counts, strict=True))
        return Occurrences(counts, self.others + other.others)


@dataclass(frozen=True, slots=True)
class OccurrencesOf(Measure[Occurrences]):
    """Counts some distinct values in a column, exactly, however many others there are.  Nulls count for nothing."""

    field: str
    values: tuple[Scalar, ...]

    def neutral(self) -> Occurrences:
        """Return zeros."""
        return Occurrences((0,) * len(self.values))

    def fit(self, columns: Columns) -> Occurrences:
        """Count."""
        weighted = columns.values(self.field).weighted
        keys, counts = weighted.keys, weighted.counts
        size = len(self.values)
        known = pl.DataFrame({"key": pl.Series(self.values, dtype=keys.dtype), "place": np.arange(size)})
        found = pl.DataFrame({"key": keys}).join(known, on="key", how="left", maintain_order="left")["place"]
        places = found.fill_null(size).to_numpy()
        # Weights are added as floats, which is exact below 2**53.
        sums = np.bincount(places, weights=counts, minlength=size + 1).astype(np.int64).tolist()
        return Occurrences(tuple(sums[:size]), sums[size])
