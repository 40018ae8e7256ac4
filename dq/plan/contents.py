"""The content of records that share a key: what tells a natural duplicate from a conflicting one.

The content of a record is the canonical value of every field that is read, after cleaning and cast and before
anything is learnt.  A cell that could not be read has no value; what is compared of it is its cleaned text.
Derived fields say nothing that the others do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dq.plan.rows import ROW, Rows, blocked_column, own_texts, text_column

if TYPE_CHECKING:
    import numpy.typing as npt

    from dq.plan.bound import BoundField


def read_fields(fields: tuple[BoundField, ...]) -> tuple[BoundField, ...]:
    """Return the fields that make the content of a record, in declared order."""
    return tuple(bound for bound in fields if bound.is_read)


def contents_of(rows: Rows, fields: tuple[BoundField, ...], positions: npt.NDArray[np.int64]) -> pl.DataFrame | None:
    """Return the content of the rows at these positions of the chunk, or None where there are none.

    The columns are ROW, then for each field its value and, as `text_column`, the text of a cell that could not be
    read.
    """
    if not len(positions):
        return None
    where = np.flatnonzero(np.isin(rows.rows(), positions))
    columns = [pl.col(ROW)]
    for bound in read_fields(fields):
        text: pl.Expr = pl.lit(None, dtype=pl.String)
        if rows.has(blocked_column(bound.name)):
            text = pl.when(pl.col(blocked_column(bound.name))).then(pl.col(text_column(bound.name)))
        columns += [pl.col(bound.name), text.alias(text_column(bound.name))]
    return own_texts(rows.frame[where].select(columns))


def differing(loser: pl.DataFrame, winner: pl.DataFrame, field: str) -> npt.NDArray[np.bool_]:
    """Return in which rows of two aligned frames of contents the records differ in this field."""
    differs = np.zeros(loser.height, dtype=np.bool_)
    for name in (field, text_column(field)):
        differs |= loser[name].ne_missing(winner[name]).to_numpy()
    return differs
