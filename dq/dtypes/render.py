"""From typed values to text: the canonical text of canonical columns, and the cells of any typed frame.

Both tables are fixed: no locale, no platform and no display option has a say.
"""

from __future__ import annotations

import orjson
import polars as pl

from dq.dtypes.frames import kind_of, render_frame
from dq.dtypes.types import Family, Type

__all__ = ["kind_of", "render_frame", "text_of"]
_QUOTED = frozenset({Family.TEXT, Family.DATE, Family.TIME, Family.DATETIME, Family.DURATION})


def text_of(type: Type, value: pl.Expr) -> pl.Expr:  # noqa: A002, PLR0911 - the word of the field; one case a line
    """Return the canonical text of a canonical column, null where it is null.

    The cast of the same type with default options reads the text back to an equal value.  Numbers are the
    shortest text that reads back (`0.1`, `1e+16`), decimals have all digits of their scale, datetimes are
    `2026-11-01T10:00:00Z` with six fraction digits where the microseconds are not zero, durations ISO 8601.
    """
    match type.name:
        case "string" | "object":
            return value
        case "date":
            return value.dt.to_string("%Y-%m-%d")
        case "time":
            return time_text(value)
        case "datetime":
            return datetime_text(value) + "Z"
        case "duration":
            return value.dt.to_string("iso")
        case "list":
            assert type.element is not None
            return list_text(type.element, value)
        case _:
            return value.cast(pl.String)


def datetime_text(value: pl.Expr) -> pl.Expr:
    """Return `2026-11-01T10:00:00` or `2026-11-01T10:00:00.123456` of microseconds."""
    return _with_fraction(value, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.6f", value.dt.microsecond() != 0)


def time_text(value: pl.Expr) -> pl.Expr:
    """Return `10:00:00` or `10:00:00.123456`."""
    return _with_fraction(value, "%H:%M:%S", "%H:%M:%S%.6f", value.dt.nanosecond() != 0)


def _with_fraction(value: pl.Expr, plain: str, fine: str, is_fine: pl.Expr) -> pl.Expr:
    """Return one of two forms."""
    return pl.when(is_fine).then(value.dt.to_string(fine)).otherwise(value.dt.to_string(plain))


def list_text(element: Type, value: pl.Expr) -> pl.Expr:
    """Return lists as JSON arrays of their elements' canonical text."""
    text = text_of(element, pl.element())
    if element.family in _QUOTED:
        text = quoted(text)
    parts = value.list.eval(text.fill_null("null")).list.join(",")
    return parts.str.replace("^", "[") + "]"  # and not "[" + parts, which would take the literal's name


def quoted(text: pl.Expr) -> pl.Expr:
    """Return text as JSON strings."""
    return text.map_batches(
        lambda series: pl.Series(
            series.name,
            [None if each is None else orjson.dumps(each).decode() for each in series],
            dtype=pl.String,
        ),
        return_dtype=pl.String(),
        is_elementwise=True,
    )
