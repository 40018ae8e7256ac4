"""How often each value occurs in each group: what every fitted step learns.

Medians, modes, quartiles and majorities all follow from it exactly, and it merges by addition: the table of a
whole is the sum of the tables of its parts, in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Self

    import numpy.typing as npt

VALUE = "\x00value"
COUNT = "\x00count"
_PLACE = "\x00place"
_LARGE = 10_000  # rows of a group, on average, from which on each group is looked at by itself


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """A table of group columns, VALUE and COUNT (Int64), one row per group and value.

    Null is a group like any other and never a value.  Rows are in no particular order; `sorted` gives one.
    """

    table: pl.DataFrame

    @classmethod
    def fit(cls, frame: pl.DataFrame, by: Sequence[str], value: str) -> Self:
        """Count the values of a column by the groups of some others; there is one zero."""
        given = frame.select(*by, pl.col(value).alias(VALUE)).filter(pl.col(VALUE).is_not_null())
        if given.schema[VALUE].is_float():  # Of two zeros that count as one, the first would stand for both.
            given = given.with_columns(pl.Series(VALUE, given[VALUE].to_numpy() + 0.0))
        return cls(_counted(given, by))

    @classmethod
    def neutral(cls, schema: dict[str, pl.DataType], value: pl.DataType) -> Self:
        """Return the table of nothing, for these group columns and this type of value."""
        return cls(pl.DataFrame(schema={**schema, VALUE: value, COUNT: pl.Int64()}))

    def merge(self, other: GroupCounts) -> GroupCounts:
        """Add two tables."""
        return added([self, other])

    @property
    def by(self) -> list[str]:
        """The group columns."""
        return [name for name in self.table.columns if name not in {VALUE, COUNT}]

    def coarser(self, by: Sequence[str]) -> GroupCounts:
        """Return the counts by fewer groups."""
        if list(by) == self.by:
            return self
        return GroupCounts(_counted(self.table.select(*by, VALUE, COUNT), by))

    def by_group(self, by: Sequence[str], learn: Callable[[GroupCounts], pl.DataFrame]) -> pl.DataFrame:
        """Return what is learnt of each group of some columns: the rows that `learn` gives, sorted by group.

        `learn` may be called several times, each time with whole groups.
        """
        learnt = learn(self.coarser(by))
        return learnt.sort(by, nulls_last=False) if by else learnt

    def sorted(self) -> pl.DataFrame:
        """Return the table in order of group (nulls first), then of value."""
        by = self.by
        groups = _large_groups(self.table, by)
        if groups is None:
            return self.table.sort([*by, VALUE], nulls_last=False)
        if by:
            order = (
                pl.concat([rows[:1].select(by) for rows in groups]).with_row_index(_PLACE).sort(by, nulls_last=False)
            )
            groups = [groups[place] for place in order[_PLACE]]
        return pl.concat([rows if rows[VALUE].is_sorted() else rows.sort(VALUE) for rows in groups])


class PartedCounts(GroupCounts):
    """Counts that are too many to be in memory at once: parts that are read when asked for.

    Each part holds whole groups of the columns `whole`.
    """

    __slots__ = ("_parts", "_whole")
    _parts: tuple[Callable[[], GroupCounts], ...]
    _whole: frozenset[str]

    def __init__(self, parts: Sequence[Callable[[], GroupCounts]], whole: Sequence[str]) -> None:
        """Keep how the parts are read; there is at least one."""
        object.__setattr__(self, "_parts", tuple(parts))
        object.__setattr__(self, "_whole", frozenset(whole))

    @property
    def table(self) -> pl.DataFrame:
        """The table of the whole, read anew each time: for steps that need all values at once."""
        return added([part() for part in self._parts]).table

    @property
    def by(self) -> list[str]:
        """The group columns."""
        return self._parts[0]().by

    def coarser(self, by: Sequence[str]) -> GroupCounts:
        """Return the counts by fewer groups, added up part by part."""
        total = self._parts[0]().coarser(by)
        for part in self._parts[1:]:
            total = total.merge(part().coarser(by))
        return total

    def by_group(self, by: Sequence[str], learn: Callable[[GroupCounts], pl.DataFrame]) -> pl.DataFrame:
        """Return what is learnt of each group, part by part where the groups are whole in the parts."""
        if not self._whole <= set(by):
            return super().by_group(by, learn)
        return pl.concat([learn(part().coarser(by)) for part in self._parts]).sort(by, nulls_last=False)


def added(tables: Sequence[GroupCounts]) -> GroupCounts:
    """Add some tables of the same columns; there is at least one."""
    first = tables[0]
    if len(tables) == 1:
        return first
    together = pl.concat([table.table for table in tables])
    return GroupCounts(_counted(together, first.by))


def _counted(table: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return one row per group and value of a table, with how many rows it has, or the sum of their counts."""
    groups = _large_groups(table, by)
    if groups is None:
        return table.group_by([*by, VALUE]).agg(_count_of(table))
    return pl.concat([_of_group(rows, by) for rows in groups])


def _count_of(table: pl.DataFrame) -> pl.Expr:
    """Return COUNT of an aggregation of rows: the sum of what they count, or how many they are."""
    return pl.col(COUNT).sum() if COUNT in table.columns else pl.len().cast(pl.Int64).alias(COUNT)


def _of_group(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return one row per value of a group; numbers in their order."""
    values = rows[VALUE].to_physical()
    counts = rows[COUNT].to_numpy() if COUNT in rows.columns else None
    if values.dtype not in {pl.Float64, pl.Int64, pl.Int32} or (values.dtype == pl.Float64 and values.is_nan().any()):
        counted = rows.group_by(VALUE).agg(*(pl.col(name).first() for name in by), _count_of(rows))
        return counted.select(*by, VALUE, COUNT)
    distinct, sums = _runs(values, counts)
    columns = [rows[name][:1].new_from_index(0, len(distinct)) for name in by]
    return pl.DataFrame(
        [*columns, pl.Series(VALUE, distinct).cast(rows.schema[VALUE]), pl.Series(COUNT, sums, dtype=pl.Int64)]
    )


def _runs(numbers: pl.Series, counts: npt.NDArray[np.int64] | None) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return the distinct numbers, sorted, and how often each occurs, or the sum of its counts; there is at least one.

    Numbers have to be sorted in the end, and are sorted no slower than they are hashed.  What has counts was put
    together from parts that are sorted, which a stable sort merges.
    """
    if counts is None:
        values = numbers.sort().to_numpy()
    else:
        values = numbers.to_numpy()
        order = np.argsort(values, kind="stable")
        values, counts = values[order], counts[order]
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    sums = np.diff(starts, append=len(values)) if counts is None else np.add.reduceat(counts, starts)
    return values[starts], sums


def _large_groups(table: pl.DataFrame, by: Sequence[str]) -> list[pl.DataFrame] | None:
    """Return the rows of each group where these are few and large, else None.

    The values of one group alone are counted and sorted several times faster than the same values beside a group's
    name, which makes a key of bytes.
    """
    if table.height < _LARGE:
        return None
    if not by:
        return [table]
    groups = table[by[0]].n_unique() if len(by) == 1 else table.select(by).n_unique()
    if groups * _LARGE > table.height:
        return None
    return table.partition_by(by)
