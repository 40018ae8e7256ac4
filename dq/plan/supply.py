"""Fields that records do not bring: derived by an expression, or looked up in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dq.dtypes.literals import polars_literal
from dq.dtypes.types import Family
from dq.plan.rows import (
    Rows,
    blocked_column,
    fails_column,
    passes_column,
    seen_column,
    stops_column,
)
from dq.steps.lookup import KNOWN, VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dq.plan.bound import BoundField
    from dq.steps.lookup import Lookup


def compute(rows: Rows, fields: Iterable[BoundField], now: datetime) -> None:
    """Compute derived fields and lookups, in the order given."""
    for field in fields:
        if field.lookup is not None:
            look_up(rows, field, field.lookup)
        else:
            derive(rows, field, now)


def derive(rows: Rows, field: BoundField, now: datetime) -> None:
    """Compute a derived field; where it reads a blocked cell, it is null and blocked with it."""
    if field.derive is None:
        return
    value = field.derive.lower(pl.col, now)
    if field.type.family is not Family.OBJECT:
        value = value.cast(field.type.polars, strict=False)
    blocked = rows.blocked(field.derive.fields)
    if blocked is not None:
        value = pl.when(~blocked).then(value)
    _place(rows, field, value, blocked)


def keyed(rows: Rows, lookup: Lookup) -> pl.Series:
    """Return which rows have a key to be looked up."""
    return _mask(rows, pl.all_horizontal(pl.col(key).is_not_null() for key in lookup.keys))


def look_up(rows: Rows, field: BoundField, lookup: Lookup, done: pl.Series | None = None) -> None:
    """Give a field what the table says of its key; a blocked key blocks it, and so does an unknown one if it refuses.

    A row without a key is not asked.  Where the field is read as well, only what is missing in it is asked.  `done`
    are the rows that had their key, and so their answer, at an earlier call: nothing of them is changed.
    """
    height = rows.frame.height
    barred = _mask(rows, rows.blocked(frozenset(lookup.keys)))
    nothing = pl.repeat(None, height, dtype=field.type.polars, eager=True)
    own = rows.frame[field.name] if field.is_read or done is not None else nothing
    wanted = own.is_null() & ~_mask(rows, rows.blocked(frozenset({field.name})))
    if done is not None:
        wanted &= ~done
    asked, barred = keyed(rows, lookup) & wanted & ~barred, barred & wanted
    found = lookup.find(rows.frame)
    unknown = asked & found[KNOWN].is_null()
    values = own.zip_with(~(asked & ~unknown), found[VALUE])
    if lookup.default_value is not None:
        default = pl.select(polars_literal(field.type, lookup.default_value).alias(VALUE))[VALUE]
        values = values.zip_with(~unknown, default.new_from_index(0, height))
    if lookup.otherwise == "refuse":
        _answer(rows, f"{field.name}.lookup", field, asked, unknown, barred)
        barred = barred | unknown
    if field.is_read:
        rows.change(f"{field.name}.lookup", field.name, values)
        _bar(rows, field.name, barred)
    else:
        if done is not None and rows.has(blocked_column(field.name)):
            barred |= rows.frame[blocked_column(field.name)]
        _place(rows, field, pl.lit(values), pl.lit(barred) if barred.any() else None)


def _mask(rows: Rows, expression: pl.Expr | None) -> pl.Series:
    """Return a Boolean column of the rows; false everywhere for None."""
    if expression is None:
        return pl.repeat(value=False, n=rows.frame.height, eager=True)
    return rows.frame.select(expression.alias("mask"))["mask"]


def _answer(rows: Rows, check: str, field: BoundField, asked: pl.Series, unknown: pl.Series, barred: pl.Series) -> None:
    """Answer the check that refuses unknown keys; its reason shows the key."""
    answers = {fails_column: unknown, passes_column: asked & ~unknown, stops_column: barred}
    for column, answer in ((name(check), answer) for name, answer in answers.items()):
        every = rows.frame[column] | answer if rows.has(column) else answer
        rows.frame = rows.frame.with_columns(every.alias(column))
    if unknown.any() and field.lookup is not None:
        keys = [pl.col(key).cast(pl.String) for key in field.lookup.keys]
        rows.frame = rows.frame.with_columns(pl.concat_str(keys, separator=", ").alias(seen_column(check, field.name)))


def _bar(rows: Rows, name: str, barred: pl.Series) -> None:
    """Mark more cells of a field that is read as blocked."""
    column = blocked_column(name)
    if barred.any():
        every = rows.frame[column] | barred if rows.has(column) else barred
        rows.frame = rows.frame.with_columns(every.alias(column))


def _place(rows: Rows, field: BoundField, value: pl.Expr, blocked: pl.Expr | None) -> None:
    """Put a computed field into the frame, with what is known about its cells."""
    columns = [value.alias(field.name)]
    type_check = next(check for check in field.checks if check.kind == "type")
    if blocked is not None:
        columns += [blocked.alias(blocked_column(field.name)), blocked.alias(stops_column(type_check.id))]
    rows.frame = rows.frame.with_columns(columns)
    if field.filled_or_emptied:
        rows.frame = rows.frame.with_columns(pl.col(field.name).is_not_null().alias(passes_column(type_check.id)))
