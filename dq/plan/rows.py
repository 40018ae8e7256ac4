"""The working frame of the kernel: canonical columns, and beside them what is known about their cells.

Column names that begin with NUL are the kernel's own; a field's name never does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dq.dtypes.render import datetime_text, time_text
from dq.plan.changes import CellChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from dq.outcome import Change

ROW = "\x00row"
ORDINAL = "\x00ordinal"
FEW_ROWS = 16_384
_BLOCKED = "\x00blocked:"


def ask(frame: pl.DataFrame, columns: list[pl.Expr]) -> pl.DataFrame:
    """Return these columns of a frame.

    To find what expressions have in common, and to share them out among threads, is worth its time where there are
    many rows; what an event stream gives at once is better served without.
    """
    return frame.select_seq(columns) if frame.height <= FEW_ROWS else frame.lazy().select(columns).collect()


def text_column(field: str) -> str:
    """Return the name of the column of a field's cleaned text, kept where a cast failed."""
    return f"\x00text:{field}"


def blocked_column(field: str) -> str:
    """Return the name of the Boolean column that says where a field's cast failed or was refused."""
    return _BLOCKED + field


def fails_column(check: str) -> str:
    """Return the name of the Boolean column of a check that was answered early (cast, cleaning, set_null)."""
    return f"\x00fails:{check}"


def passes_column(check: str) -> str:
    """Return the name of the Boolean column of rows that passed a check that was answered early."""
    return f"\x00passes:{check}"


def stops_column(check: str) -> str:
    """Return the name of the Boolean column of rows that a check answered early could not be asked: blocked."""
    return f"\x00stops:{check}"


def seen_column(filter_id: str, field: str) -> str:
    """Return the name of the column that keeps what a filter saw in a field, before it was imputed."""
    return f"\x00seen:{filter_id}:{field}"


@dataclass(slots=True)
class Rows:
    """The rows of one chunk on their way: a frame, and what was changed so far, in the order of the changes.

    The frame has ROW (position in the chunk), the canonical columns that exist so far, and the kernel's
    columns.  A missing blocked or fails column means that no row of the chunk is concerned.
    """

    frame: pl.DataFrame
    text: pl.DataFrame
    changes: list[Change] = field(default_factory=list)
    _listed: pl.DataFrame | None = field(default=None, repr=False, compare=False)
    _columns: dict[str, pl.Series] = field(default_factory=dict, repr=False, compare=False)
    _barred: frozenset[str] = field(default=frozenset(), repr=False, compare=False)

    def change(self, step: str, name: str, values: pl.Series, indicator: str | None = None) -> None:
        """Give a field new values (one a row that is left), and record which cells this step changed.

        Every step that changes values after the cast does it by this method, and by no other way.  `indicator` is
        the Boolean column that says where a missing value was filled.
        """
        before = self.frame[name]
        if indicator is not None:
            self.frame = self.frame.with_columns(self.marked(indicator, before.is_null() & values.is_not_null()))
        if not before.equals(values):
            where = before.ne_missing(values)
            self.changes.append(CellChange(step, name, "value", self.frame[ROW], where, before, values))
            self.frame = self.frame.with_columns(values.alias(name))

    def _list(self) -> None:
        """List the columns of the frame, once for each frame: to ask a frame for them costs as much as a check."""
        if self._listed is not self.frame:
            self._listed = self.frame
            self._columns = dict(zip(self.frame.columns, self.frame.get_columns(), strict=True))
            barred = (name for name in self._columns if name.startswith(_BLOCKED))
            self._barred = frozenset(name.removeprefix(_BLOCKED) for name in barred)

    def has(self, column: str) -> bool:
        """Whether the frame has this column."""
        self._list()
        return column in self._columns

    @property
    def columns(self) -> Mapping[str, pl.Series]:
        """The columns of the frame by name."""
        self._list()
        return self._columns

    def blocked(self, fields: frozenset[str]) -> pl.Expr | None:
        """Return where any of these fields is blocked, or None where none is in this chunk."""
        self._list()
        barred = self._barred & fields
        return pl.any_horizontal([blocked_column(name) for name in sorted(barred)]) if barred else None

    def is_free(self, fields: frozenset[str]) -> bool:
        """Whether no cell of these fields is blocked."""
        self._list()
        return self._barred.isdisjoint(fields)

    def marked(self, indicator: str, filled: pl.Series) -> pl.Series:
        """Return an indicator column with these rows marked beside those that it has marked already."""
        return (self.frame[indicator] | filled if self.has(indicator) else filled).alias(indicator)

    def rows(self) -> npt.NDArray[np.int64]:
        """Return the positions in the chunk of the rows that are left."""
        return self.frame[ROW].to_numpy().astype(np.int64)


def own_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with texts of its own.

    Rows that were taken out of a chunk share its buffers: few rows that are kept, as they are, keep all of its text.
    """
    return frame.with_columns(pl.col(pl.String) + pl.lit(""))


def json_values(series: pl.Series) -> list[Any]:
    """Return values as they stand in a reason: JSON numbers, booleans, text and arrays; the rest as canonical text."""
    if series.dtype in {pl.String, pl.Int64, pl.Float64, pl.Boolean}:
        return series.to_list()
    if isinstance(series.dtype, pl.List):
        return [None if item is None else json_values(item) for item in series]
    value = pl.col(series.name)
    match series.dtype:
        case pl.Datetime():
            text = datetime_text(value) + "Z"
        case pl.Time():
            text = time_text(value)
        case pl.Duration():
            text = value.dt.to_string("iso")
        case _:
            text = value.cast(pl.String)
    return series.to_frame().select(text).to_series().to_list()
