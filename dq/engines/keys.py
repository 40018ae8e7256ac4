"""Keys of records: hashed, found again where a hash occurs twice, and ranked.

In memory stay 8 bytes of hash a key; hash equality only nominates, and the real keys decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dq.plan.entry import where_true
from dq.plan.rows import ORDINAL, Rows, own_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    import numpy.typing as npt

    from dq.plan.bound import BoundCheck, BoundDedupe

INPUT = "\x00input"
RECORD = "\x00record"
VALID = "\x00valid"
COMPLETE = "\x00complete"  # how many values a record has
ASKED = "\x00asked:"
EARLY = "\x00early:"  # a key as deduplication sees it, where imputation changes it afterwards


@dataclass(slots=True)
class Keys:
    """The hashes of one key over all records, and how the key stands in the spill."""

    columns: tuple[str, ...]
    hashes: list[npt.NDArray[np.uint64]] = field(default_factory=list)

    def hash(self) -> pl.Expr:
        """Return the hash of the key, null where any part of it is null: null never matches."""
        hashed = pl.col(self.columns[0]).hash() if len(self.columns) == 1 else pl.struct(self.columns).hash()
        return pl.when(pl.all_horizontal(pl.col(c).is_not_null() for c in self.columns)).then(hashed)

    def add(self, frame: pl.DataFrame) -> None:
        """Add the keys of a narrow frame."""
        self.hashes.append(frame.select(self.hash().alias("hash"))["hash"].drop_nulls().to_numpy())

    def repeated(self) -> npt.NDArray[np.uint64]:
        """Return the hashes that occur more than once, sorted; the hashes are given up."""
        if not self.hashes:
            return np.empty(0, dtype=np.uint64)
        everything = pl.Series(np.concatenate(self.hashes))
        self.hashes.clear()
        ordered = everything.sort().to_numpy()  # twice as fast as numpy sorts them
        return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])

    def candidates(self, frames: Iterable[pl.DataFrame], repeated: npt.NDArray[np.uint64]) -> pl.DataFrame | None:
        """Return the rows whose hash is repeated, with their real keys."""
        if not len(repeated):
            return None
        met = _Met(repeated)
        found = [own_texts(frame.filter(met(frame.select(self.hash()).to_series()))) for frame in frames]
        return pl.concat(found, how="diagonal") if found else None


class _Met:
    """Whether hashes are among some millions: asked of a table of their low bits first, and of those few exactly."""

    def __init__(self, wanted: npt.NDArray[np.uint64]) -> None:
        """Prepare for sorted hashes, at least one."""
        self._wanted = wanted
        slots = 1 << (len(wanted).bit_length() + 3)  # eight or more for each hash
        self._mask = np.uint64(slots - 1)
        self._table = np.zeros(slots, np.bool_)
        self._table[self._slot(wanted)] = True

    def _slot(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        return (hashes & self._mask).astype(np.int64)

    def __call__(self, hashes: pl.Series) -> pl.Series:
        """Return which of these hashes are wanted; null is not."""
        numbers = hashes.fill_null(0).to_numpy()
        maybe = np.flatnonzero(self._table[self._slot(numbers)])
        place = np.minimum(np.searchsorted(self._wanted, numbers[maybe]), len(self._wanted) - 1)
        met = np.zeros(len(numbers), np.bool_)
        met[maybe] = self._wanted[place] == numbers[maybe]
        return pl.Series(met, dtype=pl.Boolean) & hashes.is_not_null()


def among(ordinals: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which ordinals are among sorted ones.

    The ordinals of a frame are neighbours, so only those that are wanted between the first and the last are looked at.
    """
    if not len(ordinals):
        return np.zeros(0, np.bool_)
    low, high = np.searchsorted(wanted, [ordinals.min(), ordinals.max() + 1])
    return np.isin(ordinals, wanted[low:high])


def key_columns(check: BoundCheck) -> tuple[str, ...]:
    """Return the columns of a unique check's key; where only some rows are asked, they are null in the others."""
    if check.where is None:
        return check.keys
    return tuple(f"{ASKED}{check.id}:{key}" for key in check.keys)


def asked_keys(rows: Rows, checks: Sequence[BoundCheck], now: datetime, kept: Sequence[str]) -> pl.DataFrame:
    """Return the key of each check of uniqueness, null in the rows that it does not ask, beside the columns kept."""
    columns: list[pl.Expr] = []
    for check in checks:
        if check.where is not None:
            asked = where_true(rows, check.where, now)
            columns.extend(
                pl.when(asked).then(pl.col(key)).alias(name)
                for key, name in zip(check.keys, key_columns(check), strict=True)
            )
    plain = (key for check in checks if check.where is None for key in check.keys)
    return rows.frame.select(*dict.fromkeys([*kept, *plain]), *columns)


def rank(candidates: pl.DataFrame, rule: BoundDedupe, names: Mapping[str, str]) -> pl.DataFrame:
    """Return the candidates so sorted that the first of each key stays.

    Rows of earlier outputs come first: they cannot be taken back.  Records without reasons come next where the rule
    prefers them, and then, if asked for, the most complete; a null order value loses; ties go to the earliest record.
    Without an order the order of arrival decides.
    """
    by: list[pl.Expr | str] = [pl.col(ORDINAL) >= 0]
    descending = [False]
    if rule.prefer_valid:
        by.append(VALID)
        descending.append(True)
    if rule.keep == "most_complete":
        by.append(COMPLETE)
        descending.append(True)
    if rule.order_by is not None:
        by.append(names[rule.order_by])
        descending.append(rule.keep != "first")
    by.append(ORDINAL)
    descending.append(rule.order_by is None and rule.keep in {"last", "merge"})
    return candidates.sort(by, descending=descending, nulls_last=True)
