"""Quantiles against the sorted values: the stated error, and exactness where it is promised."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.states.quantiles import RELATIVE_ERROR, Quantiles
from dq.states.values import FEW, Values


def truth(values: list[object], percent: int) -> object:
    """The value of nearest rank."""
    return sorted(values)[max(1, -(-percent * len(values) // 100)) - 1]  # type: ignore[type-var]


def fit(values: list[object], dtype: pl.DataType) -> Quantiles:
    return Quantiles.fit(Values(pl.Series("value", values, dtype=dtype)))


@settings(max_examples=80)
@given(st.lists(st.floats(-1e300, 1e300, allow_subnormal=False), min_size=1), st.integers(0, 100), st.booleans())
def test_floats_within_the_stated_error(values: list[float], percent: int, many: bool) -> None:
    values += [number * 1.37 - 500 for number in range((FEW + 5) * many)]
    found, true = fit(values, pl.Float64()).quantile(percent), truth(values, percent)
    assert abs(Fraction(found) - Fraction(true)) <= abs(Fraction(true)) * Fraction(RELATIVE_ERROR)  # type: ignore[arg-type]


@settings(max_examples=80)
@given(st.lists(st.integers(-(2**53), 2**53), min_size=1), st.integers(0, 100))
def test_integers_within_the_stated_error_and_integers(values: list[int], percent: int) -> None:
    found, true = fit(values, pl.Int64()).quantile(percent), truth(values, percent)
    assert isinstance(found, int)
    assert abs(found - true) <= abs(true) * RELATIVE_ERROR  # type: ignore[operator, arg-type]


@given(st.lists(st.integers(-256, 256), min_size=1), st.integers(0, 100))
def test_small_integers_are_exact(values: list[int], percent: int) -> None:
    assert fit(values, pl.Int64()).quantile(percent) == truth(values, percent)


@settings(max_examples=60)
@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1), st.integers(0, 100))
def test_decimals_keep_their_scale(values: list[Decimal], percent: int) -> None:
    found, true = fit(values, pl.Decimal(12, 2)).quantile(percent), truth(values, percent)
    assert isinstance(found, Decimal)
    assert found.as_tuple().exponent == -2
    assert abs(found - true) <= abs(true) * Decimal(RELATIVE_ERROR)  # type: ignore[operator, arg-type]


def test_nothing_has_no_quantiles() -> None:
    assert fit([], pl.Float64()).quantile(50) is None
    nothing = dict.fromkeys(["5%", "25%", "50%", "75%", "95%"])
    assert fit([None], pl.Int64()).report() == {"quantiles": nothing, "histogram": None}


@pytest.mark.parametrize("value", [0.0, 1.7976931348623157e308, -1.7976931348623157e308, 5e-324])
def test_the_ends_of_the_range(value: float) -> None:
    found = fit([value], pl.Float64()).quantile(50)
    assert found is not None
    assert abs(Fraction(found) - Fraction(value)) <= max(
        abs(Fraction(value)) * Fraction(RELATIVE_ERROR), Fraction(2) ** -1029
    )


def test_the_least_and_greatest_integers() -> None:
    for value in (-(2**63), 2**63 - 1):
        found = fit([value], pl.Int64()).quantile(50)
        assert abs(found - value) <= abs(value) * RELATIVE_ERROR  # type: ignore[operator]
