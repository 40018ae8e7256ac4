"""Literals of a spec are read by the field's type, and lowered to exactly its dtype."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest

from dq.dtypes.cast import CastOptions
from dq.dtypes.literals import parse_literal, polars_literal
from dq.dtypes.types import parse_type

GOOD = [
    ("string", "1.10", "1.10"),
    ("integer", "-5", -5),
    ("number", "1e3", 1000.0),
    ("decimal(5,2)", "1.5", Decimal("1.50")),
    ("boolean", "true", True),
    ("date", "2026-11-01", date(2026, 11, 1)),
    ("time", "10:30:00", time(10, 30)),
    ("datetime", "2026-11-01T10:30:00+03:00", datetime(2026, 11, 1, 7, 30, tzinfo=UTC)),
    ("datetime", "2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
    ("datetime", "2026-11-01 10:30", datetime(2026, 11, 1, 10, 30, tzinfo=UTC)),
    ("duration", "24h", timedelta(days=1)),
    ("list<integer>", "[1,2]", [1, 2]),
    ("object", '{"a": 1.0}', '{"a":1.0}'),
]


@pytest.mark.parametrize(("type_name", "text", "value"), GOOD)
def test_literals(type_name, text, value):
    type_ = parse_type(type_name)
    parsed = parse_literal(type_, text)
    assert parsed == value
    assert type(parsed) is type(value)
    column = pl.DataFrame({"x": [1, 2]}).select(value=polars_literal(type_, parsed))["value"]
    assert (column.dtype, column.to_list()[0]) == (type_.polars, value)
    compared = pl.DataFrame({"x": pl.Series([parsed, None], dtype=type_.polars)}).select(
        pl.col("x") == polars_literal(type_, parsed)
    )
    assert compared["x"].to_list() == [True, None]


def test_a_literal_without_an_offset_is_in_the_zone_of_the_field():
    moment = parse_literal(parse_type("datetime"), "2026-07-01", CastOptions(timezone="Europe/Moscow"))
    assert moment == datetime(2026, 6, 30, 21, tzinfo=UTC)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("type_name", "text", "words"),
    [
        ("integer", "1.5", "whole number"),
        ("integer", "9223372036854775808", "64 bits"),
        ("number", "nan", "a number"),
        ("decimal(5,2)", "1.505", "2 of them after the point"),
        ("boolean", "maybe", "true or false"),
        ("date", "01.02.2026", "2026-11-01"),
        ("datetime", "2026-13-01", "2026-11-01T10:30:00Z"),
        ("duration", "soon", "24h"),
        ("list<integer>", "[a]", "JSON array of integer"),
    ],
)
def test_what_is_no_literal_of_the_type(type_name, text, words):
    with pytest.raises(ValueError, match=words) as caught:
        parse_literal(parse_type(type_name), text)
    assert text not in str(caught.value)
