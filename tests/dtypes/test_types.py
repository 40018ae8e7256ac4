"""The names of types."""

from __future__ import annotations

import polars as pl
import pytest

from dq.dtypes.types import parse_type


@pytest.mark.parametrize("text", ["string", "integer", "decimal(12,2)", "list<decimal(5,1)>", "list<object>"])
def test_types_are_printed_as_they_are_written(text):
    assert str(parse_type(text)) == text


def test_types_know_their_column():
    assert parse_type("decimal( 12 , 2 )").polars == pl.Decimal(12, 2)
    assert parse_type("list<datetime>").polars == pl.List(pl.Datetime("us", "UTC"))


@pytest.mark.parametrize(
    "text",
    [
        "int",
        "Decimal(1,2)",
        "decimal(0,0)",
        "decimal(39,2)",
        "decimal(2,3)",
        "list<list<string>>",
        "list<>",
        "string ",
        "",
    ],
)
def test_what_is_no_type(text):
    with pytest.raises(ValueError):
        parse_type(text)
