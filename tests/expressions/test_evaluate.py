"""Two independent readings of an expression agree: the Polars lowering and the plain Python evaluator."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dq.expressions import ExpressionError, check, parse
from dq.expressions.evaluate import evaluate
from tests.expressions.strategies import FIELDS, NOW, expressions, rows

SCHEMA = {name: kind.polars for name, kind in FIELDS.items()}


@settings(max_examples=200)
@given(text=expressions(), records=st.lists(rows, min_size=1, max_size=6))
def test_lowering_and_evaluator_agree(text, records):
    try:
        typed = check(parse(text), FIELDS)
    except ExpressionError as error:
        assert error.code in {"DQ404", "DQ407"}, error
        assume(False)
    frame = pl.DataFrame(
        {name: pl.Series(name, [row[name] for row in records], dtype=dtype) for name, dtype in SCHEMA.items()}
    )
    column = frame.select(pl.col("i").is_null().alias("_"), typed.lower(pl.col, NOW).alias("out"))["out"]
    assert column.dtype == typed.type.polars
    expected = [evaluate(typed, row, NOW) for row in records]
    assert column.to_list() == expected, (text, typed.canonical)


@settings(max_examples=200)
@given(text=expressions())
def test_canonical_text_is_its_own_normal_form(text):
    try:
        typed = check(parse(text), FIELDS)
    except ExpressionError:
        assume(False)
    again = check(parse(typed.canonical), FIELDS)
    assert again.canonical == typed.canonical
    assert again.type == typed.type
    assert again.fields == typed.fields
