"""A contingency table: how often each value of one column meets each value of another, in bounded memory.

A value is a key of 64 bits: of an ordered type the bits of its binary64 number, turned so that they sort as the
numbers do; of any other a hash.  While an axis has at most its cap of different keys, each is a cell of its own and
every count is exact.  Beyond, neighbours share a cell: keys are cut to the leading bits, to the most that leave no
more cells than the cap.  So ordered values fall into ranges that are as fine as the data allow wherever the data lie,
and others into classes of a hash; counts stay exact counts of what is in a cell.

How many bits are cut depends on the set of all keys and on nothing else: cells of a coarser cut are unions of those
of a finer, and a part never needs a coarser cut than the whole.  So merging is exact, associative and commutative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dq.states.hashing import hash_series

if TYPE_CHECKING:
    from typing import Self

X, Y, COUNT = "x", "y", "count"
SCHEMA: dict[str, pl.DataType] = {X: pl.UInt64(), Y: pl.UInt64(), COUNT: pl.Int64()}
_SIGN = np.uint64(1 << 63)

Keys = npt.NDArray[np.uint64]


def keys_of(values: pl.Series, *, ordered: bool) -> pl.Series:
    """Return the key of each value (UInt64), null where it is null; TypeError for lists.

    Ordered types are those that stand for numbers: numbers, dates, times and durations.  Of whole numbers beyond
    2**53 and of decimals with more than 17 digits, neighbours may share a key.
    """
    present = values.drop_nulls()
    keys = _ordered_keys(present) if ordered else hash_series(present)
    filled = np.zeros(len(values), np.uint64)
    valid = values.is_not_null()
    filled[valid.to_numpy()] = keys
    return pl.select(pl.when(valid).then(pl.Series(filled))).to_series().alias(values.name)


def _ordered_keys(present: pl.Series) -> Keys:
    """Return keys that sort as the values do: the sign of a float turned round, all of its bits if it is negative."""
    physical = present.cast(pl.Float64) if isinstance(present.dtype, pl.Decimal) else present.to_physical()
    bits = (physical.cast(pl.Float64).to_numpy() + 0.0).view(np.uint64)
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def number_of(key: int, cut: int = 0) -> float:
    """Return the least number of an ordered cell."""
    bits = np.uint64(key << cut)
    turned = bits ^ _SIGN if bits & _SIGN else ~bits
    return float(np.array([turned], np.uint64).view(np.float64)[0])


@dataclass(frozen=True, slots=True, eq=False)
class Contingency:
    """Counts of pairs: `table` has X, Y (keys without their last bits, or null) and COUNT, sorted, nulls first.

    `cuts` are the bits that were cut off the keys of either axis, 0 where every value has a cell of its own; `caps`
    are the most cells that either axis may have, besides the one of null.
    """

    caps: tuple[int, int]
    cuts: tuple[int, int]
    table: pl.DataFrame

    @classmethod
    def neutral(cls, caps: tuple[int, int]) -> Self:
        """Return the table of no pairs."""
        return cls(caps, (0, 0), pl.DataFrame(schema=SCHEMA))

    @classmethod
    def fit(cls, x: pl.Series, y: pl.Series, caps: tuple[int, int], ordered: tuple[bool, bool]) -> Self:
        """Count the pairs of two columns of the same length."""
        pairs = pl.DataFrame([x.alias(X), y.alias(Y)]).group_by(X, Y).agg(pl.len().cast(pl.Int64).alias(COUNT))
        keyed = pairs.with_columns(
            keys_of(pairs[X], ordered=ordered[0]).alias(X), keys_of(pairs[Y], ordered=ordered[1]).alias(Y)
        )
        return cls._cut(caps, (0, 0), keyed)

    @classmethod
    def _cut(cls, caps: tuple[int, int], cuts: tuple[int, int], table: pl.DataFrame) -> Self:
        """Return the table with as many more bits cut off as the caps ask for."""
        more = (_bits_to_cut(table[X], caps[0]), _bits_to_cut(table[Y], caps[1]))
        shorter = table.with_columns(_shorter(X, more[0]), _shorter(Y, more[1]))
        counted = shorter.group_by(X, Y).agg(pl.col(COUNT).sum()).sort(X, Y, nulls_last=False)
        return cls(caps, (cuts[0] + more[0], cuts[1] + more[1]), counted)

    def merge(self, other: Self) -> Self:
        """Return the counts of both; ValueError if their caps differ."""
        if self.caps != other.caps:
            raise ValueError("tables of different caps cannot be merged")
        cuts = (max(self.cuts[0], other.cuts[0]), max(self.cuts[1], other.cuts[1]))
        both = [
            one.table.with_columns(_shorter(X, cuts[0] - one.cuts[0]), _shorter(Y, cuts[1] - one.cuts[1]))
            for one in (self, other)
        ]
        return self._cut(self.caps, cuts, pl.concat(both))

    def __eq__(self, other: object) -> bool:
        """Whether both say the same."""
        if not isinstance(other, Contingency):
            return NotImplemented
        return self.caps == other.caps and self.cuts == other.cuts and self.table.equals(other.table)

    __hash__ = None  # type: ignore[assignment]  # a frame has no hash

    @property
    def rows(self) -> int:
        """How many pairs were counted."""
        return int(self.table[COUNT].sum())

    def as_json(self) -> dict[str, Any]:
        """Return the whole table as JSON values."""
        return {
            "caps": list(self.caps),
            "cuts": list(self.cuts),
            "cells": [list(row) for row in self.table.iter_rows()],
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Return the table that `as_json` described."""
        table = pl.DataFrame(raw["cells"], schema=SCHEMA, orient="row")
        return cls((raw["caps"][0], raw["caps"][1]), (raw["cuts"][0], raw["cuts"][1]), table)


def _shorter(axis: str, bits: int) -> pl.Expr:
    """Return the keys of an axis without their last bits, fewer than 64 of them."""
    return pl.col(axis) // pl.lit(1 << bits, pl.UInt64) if bits else pl.col(axis)


def _bits_to_cut(keys: pl.Series, cap: int) -> int:
    """Return how many bits must go for at most `cap` different keys to be left, null apart."""
    known = np.sort(keys.drop_nulls().unique().to_numpy())
    if len(known) <= cap:
        return 0
    # Two neighbours stay apart as long as the highest bit in which they differ is kept.
    apart = np.sort(_bit_lengths(known[1:] ^ known[:-1]))
    return int(apart[-cap])


def _bit_lengths(words: Keys) -> npt.NDArray[np.int64]:
    """Return the number of bits of each word; those of either half fit a float exactly."""
    high, low = (words >> np.uint64(32)).astype(np.float64), (words & np.uint64(0xFFFFFFFF)).astype(np.float64)
    return np.where(high > 0, np.frexp(high)[1] + 32, np.frexp(low)[1]).astype(np.int64)
