"""Histograms against counting by hand: nothing is lost, columns are equally wide, and parts make the same."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.states.quantiles import Quantiles
from dq.states.values import Values


def fit(values: list[object], dtype: pl.DataType) -> Quantiles:
    return Quantiles.fit(Values(pl.Series("value", values, dtype=dtype)))


def test_few_integers_have_a_column_each() -> None:
    found = fit([1, 2, 2, 5], pl.Int64()).histogram()
    assert found == {"from": 1, "to": 5, "counts": [1, 2, 0, 0, 1], "below": 0, "above": 0}


def test_every_column_holds_as_many_integers() -> None:
    found = fit(list(range(100)), pl.Int64()).histogram()
    assert found is not None
    assert (found["from"], found["to"], found["below"], found["above"]) == (0, 99, 0, 1)
    assert found["counts"] == [5] * 19 + [4]


def test_decimals_are_said_as_text_of_their_scale() -> None:
    found = fit([Decimal("0.10"), Decimal("0.12")], pl.Decimal(6, 2)).histogram()
    assert found == {"from": "0.10", "to": "0.12", "counts": [1, 0, 1], "below": 0, "above": 0}


def test_the_two_ends_of_a_long_tail_are_counted_apart() -> None:
    found = fit([*range(1000, 1200), 10**9, -(10**9)], pl.Int64()).histogram()
    assert found is not None
    assert found["below"] >= 1
    assert found["above"] >= 1
    assert 900 < found["from"] < found["to"] < 1300


@pytest.mark.parametrize("values", [[], [7.0], [7.0, 7.0], [1.7e308, -1.7e308]])
def test_without_a_width_there_is_none(values: list[float]) -> None:
    assert fit(values, pl.Float64()).histogram() is None


@given(st.lists(st.floats(-1e6, 1e6), max_size=60), st.lists(st.floats(-1e6, 1e6), max_size=60))
def test_every_number_is_counted_once_and_parts_make_the_whole(one: list[float], two: list[float]) -> None:
    whole = fit([*one, *two], pl.Float64()).histogram()
    assert fit(one, pl.Float64()).merge(fit(two, pl.Float64())).histogram() == whole
    if whole is not None:
        assert whole["below"] + sum(whole["counts"]) + whole["above"] == len(one) + len(two)
