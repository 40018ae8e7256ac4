"""The values of one column, as states want to see them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from dq.states.hashing import Hashes, hash_series

FEW = 1000  # distinct values up to which a column is counted value by value
_PROBES = (2 * FEW, 20 * FEW)

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weighted:
    """Values, and how often each occurs; None where every value stands for itself."""

    keys: pl.Series
    counts: Integers | None


class Values:
    """The values of one column, or of a part of it, looked at once and shared by all states.

    `present` are the values without nulls and, of floats, without NaN and infinity (which canonical columns
    do not have) and with one zero instead of two.
    """

    def __init__(self, series: pl.Series, *, few: bool | None = None) -> None:
        """Look at a series of a canonical dtype.

        `few` says whether the part of the column that is known already has few distinct values, so that nobody has to
        look; None where nothing is known.  States of what follows many are right together with those of the many.
        """
        self.series = series
        self._few = few
        self.rows = len(series)
        self.nulls = series.null_count()
        present = series.drop_nulls() if self.nulls else series
        if present.dtype.is_float():
            present = present.filter(present.is_finite())
            # Polars takes `+ 0.0` for nothing to do; numpy adds, and -0.0 + 0.0 is 0.0.
            present = pl.Series(present.name, present.to_numpy() + 0.0)
        self.present = present
        self.nonfinite = self.rows - self.nulls - len(present)

    @cached_property
    def hashes(self) -> Hashes:
        """The hashes of the distinct values where there is a table, else of all values; TypeError for lists."""
        return hash_series(self.weighted.keys)

    @cached_property
    def table(self) -> Weighted | None:
        """The distinct values and their counts if there are at most `FEW`, else None."""
        values = self.present
        # A column that has many shows it early; a long look pays only where a short one did not tell.
        probes = _PROBES if self._few is None else ()
        if values.dtype.is_nested() or self._few is False or any(values.head(n).n_unique() > FEW for n in probes):
            return None
        counted = values.rename("value").value_counts(name="count")
        if counted.height > FEW:
            return None
        return Weighted(counted["value"], counted["count"].cast(pl.Int64).to_numpy())

    @property
    def weighted(self) -> Weighted:
        """The table where there is one, else all values."""
        return self.table or Weighted(self.present, None)

    @property
    def scale(self) -> int | None:
        """Digits after the point of numbers that are exact (0 for integers); None for any other dtype."""
        dtype = self.present.dtype
        if isinstance(dtype, pl.Decimal):
            return dtype.scale
        return 0 if dtype.is_integer() else None
