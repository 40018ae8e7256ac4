"""Moments against exact arithmetic, one value at a time."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.states import accumulation
from dq.states.moments import Moments, root
from dq.states.values import FEW, Values

FILLING = FEW + 5  # more distinct values than are counted one by one, so that the vectorised way is taken


def check(values: list[object], dtype: pl.DataType) -> None:
    state = Moments.fit(Values(pl.Series("value", values, dtype=dtype)))
    exact = [Fraction(value) for value in values]
    assert state == Moments(len(exact), sum(exact, Fraction(0)), sum((x * x for x in exact), Fraction(0)))


@settings(max_examples=60)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)), st.floats(-1e3, 1e3), st.booleans())
def test_floats(values: list[float], step: float, many: bool) -> None:
    check(values + [step * number for number in range(FILLING * many)], pl.Float64())


@settings(max_examples=60)
@given(st.lists(st.integers(-(2**63), 2**63 - 1)), st.integers(0, 2**52), st.booleans())
def test_integers(values: list[int], step: int, many: bool) -> None:
    check(values + [step * number for number in range(FILLING * many)], pl.Int64())


@settings(max_examples=60)
@given(st.lists(st.decimals(-(10**33), 10**33, places=3)), st.booleans())
def test_decimals(values: list[Decimal], many: bool) -> None:
    check(values + [Decimal(number) / 8 for number in range(FILLING * many)], pl.Decimal(38, 3))


def test_more_than_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accumulation, "_BLOCK", 700)
    monkeypatch.setattr(accumulation, "_LEAVES", 700)
    numbers = [(-1) ** number * (number**5) for number in range(3000)]
    check(numbers, pl.Int64())
    check([number / 7 for number in numbers], pl.Float64())


def test_what_floats_cannot_add() -> None:
    state = Moments.fit(Values(pl.Series([1e16, 1.0, -1e16, 1e-300])))
    assert state.total == 1 + Fraction(1e-300)
    assert state.mean == 0.25


def test_nulls_and_what_is_not_finite_are_left_out() -> None:
    state = Moments.fit(Values(pl.Series([1.0, None, math.nan, math.inf, 3.0])))
    assert (state.count, state.mean, state.standard_deviation) == (2, 2.0, math.sqrt(2))


@given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=50), st.integers(0, 40))
def test_standard_deviation_is_rounded_once(values: list[int], shift: int) -> None:
    state = Moments.fit(Values(pl.Series([value / 2**shift for value in values])))
    exact = [Fraction(value, 2**shift) for value in values]
    mean = sum(exact) / len(exact)
    variance = sum((x - mean) ** 2 for x in exact) / (len(exact) - 1)
    found = state.standard_deviation
    assert found is not None
    below, above = (Fraction(math.nextafter(found, to)) for to in (0.0, math.inf))
    assert ((below + Fraction(found)) / 2) ** 2 <= variance <= ((Fraction(found) + above) / 2) ** 2


@pytest.mark.parametrize(
    ("values", "deviation"), [([], None), ([1.0], None), ([2.0, 2.0], 0.0), ([1.0, 3.0], math.sqrt(2))]
)
def test_standard_deviation_of_little(values: list[float], deviation: float | None) -> None:
    assert Moments.fit(Values(pl.Series(values, dtype=pl.Float64))).standard_deviation == deviation


@pytest.mark.parametrize("values", [["a"], [True], [[1]]])
def test_what_is_no_number_counts_for_nothing(values: list[object]) -> None:
    assert Moments.fit(Values(pl.Series(values))) == Moments.neutral()


def test_the_greatest_floats_do_not_overflow() -> None:
    report = Moments.fit(Values(pl.Series([1.7e308, 1.7e308, 1.7e308]))).report()
    assert report == {"mean": 1.7e308, "standard_deviation": 0.0}


def test_a_full_block_of_the_widest_integers_does_not_overflow() -> None:
    numbers = range(2**63 - 2**18, 2**63)
    total, squares = accumulation.add_integers(pl.Series(list(numbers), dtype=pl.Int64))
    assert (total, squares) == (sum(numbers), sum(number * number for number in numbers))


def test_a_full_leaf_of_floats_is_not_rounded() -> None:
    numbers = np.random.default_rng(5).random(2**14) + 0.5  # all bits of all of them are in use
    total, squares = accumulation.add_floats(numbers)
    assert total == sum(map(Fraction, numbers.tolist()))
    assert squares == sum(Fraction(number) ** 2 for number in numbers.tolist())


EDGES = [0.0, 5e-324, 2.0**-1022, 2.0**-430, 2.0**430, 1.7e308]
ANY = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [sign * math.nextafter(edge, to) for edge in EDGES for to in (0.0, 2.0) for sign in (1, -1)]
)


@settings(max_examples=200)
@given(st.lists(st.tuples(ANY, ANY), min_size=1))
def test_products_of_any_floats(pairs: list[tuple[float, float]]) -> None:
    one, two = (np.array(side) for side in zip(*pairs, strict=True))
    assert accumulation.add_products(one, two) == sum(Fraction(a) * Fraction(b) for a, b in pairs)
    assert accumulation.add_floats(one) == (sum(map(Fraction, one.tolist())), sum(Fraction(a) ** 2 for a, _ in pairs))


def test_aroot_a_hair_above_the_middle_of_two_floats_is_rounded_up() -> None:
    middle, hair = Fraction(2**53 + 1), Fraction(1, 2**300)
    assert root(middle**2) == 2**53  # a tie goes to the even one
    assert root(middle**2 + hair) == 2**53 + 2
    assert root(middle**2 - hair) == 2**53
