"""Two independent readings of an expression agree: the Polars lowering and the plain Python evaluator."""

from __future__ import annotations

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dq.expressions import check, check_all, parse
from dq.expressions.evaluate import evaluate
from tests.expressions.strategies import FIELDS, NOW, expressions, rows

SCHEMA = {name: kind.polars for name, kind in FIELDS.items()}


def typed_or_none(text):
    typed, errors = check_all(parse(text), FIELDS)
    assert {error.code for error in errors} <= {"DQ404", "DQ407"}, errors
    return typed


def lowered(typed, records):
    columns = {name: pl.Series(name, [row[name] for row in records], dtype=dtype) for name, dtype in SCHEMA.items()}
    frame = pl.DataFrame(columns)
    return frame.select(pl.col("i").alias("height"), typed.lower(pl.col, NOW).alias("out"))["out"]


@settings(max_examples=200)
@given(text=expressions(), records=st.lists(rows, min_size=1, max_size=6))
def test_lowering_and_evaluator_agree(text, records):
    typed = typed_or_none(text)
    assume(typed is not None)
    column = lowered(typed, records)
    assert column.dtype == typed.type.polars
    assert column.to_list() == [evaluate(typed, row, NOW) for row in records], typed.canonical


@settings(max_examples=60)
@given(text=expressions(), records=st.lists(rows, min_size=2, max_size=6))
def test_a_row_has_one_value_in_any_chunk(text, records):
    typed = typed_or_none(text)
    assume(typed is not None)
    assert lowered(typed, records).to_list() == [lowered(typed, [row])[0] for row in records]


@settings(max_examples=200)
@given(text=expressions())
def test_canonical_text_is_its_own_normal_form(text):
    typed = typed_or_none(text)
    assume(typed is not None)
    again = check(parse(typed.canonical), FIELDS)
    assert (again.canonical, again.type, again.fields) == (typed.canonical, typed.type, typed.fields)
