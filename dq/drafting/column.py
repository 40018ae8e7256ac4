"""A column of the sample: its distinct texts with their counts, and what cleaning and casting make of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from dq.dtypes.cast import CastOptions, cast
from dq.dtypes.types import CellKind
from dq.sources.base import KIND_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dq.dtypes.types import Type
    from dq.steps.base import TextStep

_WORDS = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Column:
    """One column of a sample.

    `name` is the field's, `path` where it is read from.  `counts` has one row a distinct cell: `text` (String),
    `kind` (UInt8, a `CellKind`), `count` (UInt32), the frequent ones first and equally frequent ones by text, without
    what is missing.  `records` says how many records there are.  `position` counts the columns from 0.
    """

    name: str
    path: str
    counts: pl.DataFrame
    records: int
    position: int = 0

    @cached_property
    def present(self) -> int:
        """How many cells have a value."""
        return int(self.counts["count"].sum())

    @cached_property
    def distinct(self) -> int:
        """How many different texts there are."""
        return int(self.counts["text"].n_unique())

    @cached_property
    def texts(self) -> pl.Series:
        """The distinct texts, the frequent ones first."""
        return self.counts["text"]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the name, in lower case: `pickupLocation_id2` has pickup, location, id and 2."""
        last = _CAMEL.sub("_", self.name)
        return tuple(word.lower() for word in _WORDS.findall(last))

    @cached_property
    def is_text(self) -> bool:
        """Whether all cells came as text, and not as numbers, booleans or times of JSON or of a typed frame."""
        return bool((self.counts["kind"] == int(CellKind.TEXT)).all())

    def named(self, words: Iterable[str]) -> bool:
        """Whether one of these words is a word of the name."""
        return not set(words).isdisjoint(self.words)

    def count(self, where: pl.Series) -> int:
        """Return how many cells have the distinct texts for which `where` is true; null is not."""
        return int(self.counts["count"].filter(where.fill_null(value=False)).sum())

    def matching(self, pattern: str) -> int:
        """Return how many cells match a regular expression (of Polars)."""
        return self.count(self.texts.str.contains(pattern))

    def without(self, where: pl.Series) -> Column:
        """Return the column with the distinct texts for which `where` is true taken as missing."""
        return replace(self, counts=self.counts.filter(~where.fill_null(value=False)))

    def cleaned(self, step: TextStep) -> Column:
        """Return the column as a step of `clean` leaves it; what becomes empty is missing."""
        after = self.counts.with_columns(step.expression(pl.col("text")).alias("text"))
        changed = after["text"].ne_missing(self.texts)
        kind = pl.when(changed).then(pl.lit(int(CellKind.TEXT), pl.UInt8)).otherwise(pl.col("kind"))
        return replace(self, counts=tally(after.with_columns(kind.alias("kind"))))

    def replaced(self, pairs: dict[str, str]) -> Column:
        """Return the column with whole texts replaced by others."""
        after = self.counts.with_columns(pl.col("text").replace(pairs))
        return replace(self, counts=tally(after))

    def read(self, kind: Type, options: CastOptions | None = None) -> pl.Series:
        """Return the values of the distinct texts as a type, null where a text cannot be cast."""
        caster = cast(kind, options)
        kinds = None if self.is_text else pl.col("kind")
        return self.counts.select(caster.expression(pl.col("text"), kinds).alias("value")).to_series()

    def readable(self, kind: Type, options: CastOptions | None = None) -> int:
        """Return how many cells can be cast to a type."""
        return self.count(self.read(kind, options).is_not_null())


def longest(texts: pl.Series) -> int:
    """Return the number of characters of the longest text, 0 if there is none."""
    return max(texts.drop_nulls().str.len_chars().to_list(), default=0)


def tally(cells: pl.DataFrame) -> pl.DataFrame:
    """Return counted cells with equal ones put together, in the order that `Column.counts` has."""
    kept = cells.filter(pl.col("text").is_not_null() & (pl.col("text") != ""))
    sums = kept.group_by("text", "kind").agg(pl.col("count").sum())
    return sums.sort(["count", "text", "kind"], descending=[True, False, False])


def columns(cells: pl.DataFrame, paths: dict[str, str]) -> list[Column]:
    """Return the columns of a sample's cells; empty cells are missing."""
    found = []
    for position, (name, path) in enumerate(paths.items()):
        kind = name + KIND_SUFFIX
        typed = pl.col(kind) if kind in cells.columns else pl.lit(int(CellKind.TEXT), dtype=pl.UInt8)
        counted = cells.select(pl.col(name).alias("text"), typed.alias("kind")).with_columns(
            pl.lit(1, dtype=pl.UInt32).alias("count")
        )
        found.append(Column(name, path, tally(counted), cells.height, position))
    return found
