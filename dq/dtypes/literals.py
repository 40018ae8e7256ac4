"""Literals of a specification: a value written in YAML or in an expression, read by the field's type."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from dq.dtypes.cast import CastOptions, cast
from dq.dtypes.types import Family, Type

_EXAMPLES = {
    "integer": "a whole number within 64 bits",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date such as 2026-11-01",
    "time": "a time such as 10:30:00",
    "datetime": "a datetime such as 2026-11-01T10:30:00Z",
    "duration": "a duration such as 24h or PT15M",
    "object": "a JSON object",
}


def parse_literal(type: Type, text: str, options: CastOptions | None = None) -> Any:  # noqa: A002
    """Return the value that a literal of this type means.

    It is a str, int, float, Decimal, bool, date, time, datetime (in UTC), timedelta, list or JSON text, by the
    type.  Literals have the language's own form whatever the field's sources declare: a datetime is RFC 3339, or
    a date, or a datetime without an offset, both in the field's `timezone`.  ValueError says what is expected.
    """
    timezone = options.timezone if options is not None else "UTC"
    forms = ("rfc3339", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
    if type.family is Family.DATETIME:
        if len(text) == len("2026-11-01"):
            text += "T00:00:00"
        caster = cast(type, replace(CastOptions(), formats=forms, timezone=timezone))
    else:
        caster = cast(type)
    frame = pl.DataFrame({"text": [text]}).select(value=caster.expression(pl.col("text")))
    value = frame["value"].to_list()[0]
    if value is None:
        raise ValueError(f"expected {_expected(type)}")
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _expected(type_: Type) -> str:
    """Say what a literal of the type looks like."""
    if type_.name == "decimal":
        return f"a number of at most {type_.precision} digits, {type_.scale} of them after the point"
    return _EXAMPLES.get(type_.name, f"a JSON array of {type_.element}" if type_.element else "text")


def polars_literal(type: Type, value: Any) -> pl.Expr:  # noqa: A002
    """Return a literal of exactly the column's dtype, so that no comparison casts the column."""
    if isinstance(value, datetime):
        return pl.lit(value.astimezone(UTC).replace(tzinfo=None), dtype=pl.Datetime("us")).dt.replace_time_zone("UTC")
    if isinstance(value, Decimal) or type.family is Family.LIST:
        return pl.lit(pl.Series([value], dtype=type.polars)).first()
    return pl.lit(value, dtype=type.polars)
