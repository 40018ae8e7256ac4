from __future__ import annotations

import polars as pl
import pytest

from dq.expressions import FUNCTIONS, check, parse
from dq.expressions.evaluate import evaluate
from tests.expressions.strategies import NOW

DESIGNED = "length lower upper abs round coalesce date_diff year month day starts_with ends_with contains matches now"


def test_the_list_is_fixed():
    assert list(FUNCTIONS) == DESIGNED.split()


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_the_example_is_true_in_both_readings(function):
    typed = check(parse(function.example), {})
    assert f"{function.name}(" in function.example
    assert evaluate(typed, {}, NOW) is True
    assert pl.select(typed.lower(pl.col, NOW)).item() is True


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_row_can_be_documented(function):
    assert function.doc.endswith(".")
    assert function.signature.startswith(f"{function.name}(")
    assert function.signature.endswith(f"-> {function.returns}")


def test_signatures_and_arities_are_for_people():
    assert FUNCTIONS["round"].signature == "round(value: number[, places: number literal]) -> the type of value"
    assert FUNCTIONS["coalesce"].arity == "at least 2 arguments"
    assert FUNCTIONS["round"].arity == "1 or 2 arguments"
    assert FUNCTIONS["now"].arity == "no arguments"
