"""How often each value occurs in each group: what every fitted step learns.

Medians, modes, quartiles and majorities all follow from it exactly, and it merges by addition: the table of a
whole is the sum of the tables of its parts, in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

VALUE = "\x00value"
COUNT = "\x00count"
_COMPACT = 1_000_000  # rows that wait to be added up


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """A table of group columns, VALUE and COUNT (Int64), one row per group and value.

    Null is a group like any other and never a value.  Rows are in no particular order; `sorted` gives one.
    """

    table: pl.DataFrame

    @classmethod
    def fit(cls, frame: pl.DataFrame, by: Sequence[str], value: str) -> Self:
        """Count the values of a column by the groups of some others."""
        columns = [*(pl.col(name) for name in by), pl.col(value).alias(VALUE)]
        counted = frame.lazy().select(columns).filter(pl.col(VALUE).is_not_null()).group_by([*by, VALUE])
        return cls(counted.agg(pl.len().cast(pl.Int64).alias(COUNT)).collect())

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
        return GroupCounts(self.table.group_by([*by, VALUE]).agg(pl.col(COUNT).sum()))

    def sorted(self) -> pl.DataFrame:
        """Return the table in order of group (nulls first), then of value."""
        return self.table.sort([*self.by, VALUE], nulls_last=False)


def added(tables: Sequence[GroupCounts]) -> GroupCounts:
    """Add some tables of the same columns; there is at least one."""
    first = tables[0]
    if len(tables) == 1:
        return first
    together = pl.concat([table.table for table in tables])
    return GroupCounts(together.group_by([*first.by, VALUE]).agg(pl.col(COUNT).sum()))


class Accumulator:
    """Adds tables up as they come, without keeping many."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._tables: list[GroupCounts] = []
        self._rows = 0

    def add(self, table: GroupCounts) -> None:
        """Take one more table."""
        self._tables.append(table)
        self._rows += table.table.height
        if self._rows > _COMPACT:
            self._tables = [added(self._tables)]
            self._rows = self._tables[0].table.height // 2

    def total(self) -> GroupCounts | None:
        """Return the sum, or None where nothing was added."""
        return added(self._tables) if self._tables else None
