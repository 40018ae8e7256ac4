"""Measures of drift against scipy, and against sums that are done one by one."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.states.divergence import (
    chi_square,
    jensen_shannon,
    kolmogorov_smirnov,
    kolmogorov_smirnov_at_most,
    population_stability,
    upper_gamma,
)

COUNTS = (
    st.integers(2, 12)
    .flatmap(
        lambda size: st.tuples(
            *[st.lists(st.one_of(st.just(0), st.integers(0, 10**6)), min_size=size, max_size=size)] * 2
        )
    )
    .filter(lambda pair: sum(pair[0]) > 0 and sum(pair[1]) > 0)
)


def arrays(pair: tuple[list[int], list[int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(pair[0], np.int64), np.array(pair[1], np.int64)


@given(COUNTS)
def test_population_stability_term_by_term(pair: tuple[list[int], list[int]]) -> None:
    total = 0.0
    for one, two in zip(*pair, strict=True):
        r, b = max(one / sum(pair[0]), 0.0001), max(two / sum(pair[1]), 0.0001)
        total += (b - r) * math.log(b / r)
    assert population_stability(*arrays(pair)) == pytest.approx(total, abs=1e-12)


@given(COUNTS)
def test_jensen_shannon_is_that_of_scipy(pair: tuple[list[int], list[int]]) -> None:
    distance = pytest.importorskip("scipy.spatial.distance").jensenshannon
    expected = distance(*pair, base=2)
    assert jensen_shannon(*arrays(pair)) == pytest.approx(0.0 if math.isnan(expected) else expected, abs=1e-7)


@given(COUNTS)
def test_chi_square_is_that_of_scipy(pair: tuple[list[int], list[int]]) -> None:
    stats = pytest.importorskip("scipy.stats")
    found = chi_square(*arrays(pair))
    table = np.array([column for column in zip(*pair, strict=True) if sum(column)], dtype=float).T
    if table.shape[1] < 2:
        assert found == (0.0, 0, 1.0)
        return
    expected = stats.chi2_contingency(table, correction=False)
    assert found.freedom == expected.dof
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-8, abs=1e-300)


@given(st.floats(0.5, 500), st.floats(0, 2000))
def test_upper_gamma_is_that_of_scipy(a: float, x: float) -> None:
    special = pytest.importorskip("scipy.special")
    assert upper_gamma(a, x) == pytest.approx(special.gammaincc(a, x), rel=1e-9, abs=1e-290)


SAMPLES = st.lists(st.integers(0, 40), min_size=1, max_size=40)


@given(SAMPLES, SAMPLES, st.integers(1, 9))
def test_kolmogorov_smirnov_of_bins_bounds_that_of_the_values(one: list[int], two: list[int], width: int) -> None:
    """Bins of single values give the statistic itself; wider ones no more than it, and at most a stated more."""
    every = range(41)
    truth = max(
        abs(Fraction(sum(x <= v for x in one), len(one)) - Fraction(sum(x <= v for x in two), len(two))) for v in every
    )
    fine = [np.bincount(sample, minlength=41) for sample in (one, two)]
    assert kolmogorov_smirnov(*fine) == pytest.approx(float(truth), abs=1e-12)
    assert kolmogorov_smirnov_at_most(*fine, np.ones(41, np.bool_)) == pytest.approx(float(truth), abs=1e-12)
    wide = [np.bincount(np.array(sample) // width, minlength=41) for sample in (one, two)]
    least, most = kolmogorov_smirnov(*wide), kolmogorov_smirnov_at_most(*wide, np.full(41, width == 1))
    assert least - 1e-12 <= truth <= most + 1e-12


def test_alike_is_no_distance_and_apart_is_the_greatest() -> None:
    same, other = np.array([3, 5, 0]), np.array([0, 0, 7])
    assert population_stability(same, same) == jensen_shannon(same, same) == kolmogorov_smirnov(same, same) == 0
    assert chi_square(same, same).p_value == 1
    assert jensen_shannon(same, other) == kolmogorov_smirnov(same, other) == 1
    assert 0 < population_stability(same, other) < math.inf
