"""Durations: ISO 8601 in weeks, or in days and times, and the shorthand of the spec language.

Years and months have no fixed length and are refused.  Everything is exact to the microsecond.
"""

from __future__ import annotations

import re

import polars as pl

from dq.dtypes.types import CellKind

_ISO = re.compile(
    r"(?P<sign>-)?P(?=[0-9T])(?:(?P<weeks>[0-9]{1,9})W|"
    r"(?:(?P<days>[0-9]{1,12})D)?(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,12})H)?(?:(?P<minutes>[0-9]{1,12})M)?"
    r"(?:(?P<seconds>[0-9]{1,12})(?:\.(?P<fraction>[0-9]{1,6}))?S)?)?)\Z"
)
_SHORT = re.compile(r"(-?[0-9]{1,12})(ms|s|m|h|d|w)\Z")
_UNITS = {"ms": 1_000, "s": 10**6, "m": 60 * 10**6, "h": 3600 * 10**6, "d": 86400 * 10**6, "w": 604800 * 10**6}
_PARTS = {"weeks": "w", "days": "d", "hours": "h", "minutes": "m", "seconds": "s"}
_INT64 = 2**63 - 1


def microseconds(text: str) -> int | None:
    """Return a duration such as `P1DT2H`, `PT0.5S`, `24h` or `-7d` in microseconds, None if it is not one."""
    if short := _SHORT.match(text):
        return _within(int(short[1]) * _UNITS[short[2]])
    iso = _ISO.match(text)
    if iso is None:
        return None
    total = sum(int(iso[part] or 0) * _UNITS[unit] for part, unit in _PARTS.items())
    total += int((iso["fraction"] or "").ljust(6, "0"))
    return _within(-total if iso["sign"] else total)


def _within(micros: int) -> int | None:
    """Return the microseconds if 64 bits hold them, None otherwise."""
    return micros if -_INT64 <= micros <= _INT64 else None


def duration(text: pl.Expr, kind: pl.Expr | None) -> pl.Expr:
    """Return Duration("us") where the cell is a duration of less than 292,000 years, null elsewhere."""
    cells = text
    if kind is not None:
        cells = pl.when(kind.is_in([CellKind.TEXT, CellKind.TEMPORAL])).then(text)

    def read(series: pl.Series) -> pl.Series:
        """Read each distinct text once."""
        distinct = series.drop_nulls().unique()
        values = pl.Series([microseconds(each) for each in distinct], dtype=pl.Int64).cast(pl.Duration("us"))
        return series.to_frame("text").select(
            pl.col("text").replace_strict(distinct, values, default=None, return_dtype=pl.Duration("us"))
        )["text"]

    return cells.map_batches(read, return_dtype=pl.Duration("us"), is_elementwise=True)
