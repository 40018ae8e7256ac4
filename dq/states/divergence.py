"""How far two samples are apart: measures of drift, over the counts of the same bins or categories.

All of them take two arrays of counts, aligned, neither of which sums to zero.  `reference` is what was learnt and
`batch` what is judged; only the population stability index and the chi-square statistic tell them apart by name.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]

LEAST_SHARE = 1e-4
_TINY = 1e-300
_PRECISION = 1e-16


def population_stability(reference: Counts, batch: Counts) -> float:
    """Return the population stability index: the sum of (b - r) * ln(b / r) over the shares of the bins.

    A share below 0.0001 counts as 0.0001, so that an empty bin does not make it infinite.  Below 0.1 is usually called
    stable, above 0.25 shifted (N. Siddiqi, "Credit Risk Scorecards", 2006).
    """
    r = np.maximum(reference / reference.sum(), LEAST_SHARE)
    b = np.maximum(batch / batch.sum(), LEAST_SHARE)
    return math.fsum(((b - r) * np.log(b / r)).tolist())


def jensen_shannon(reference: Counts, batch: Counts) -> float:
    """Return the Jensen-Shannon distance: the root of the divergence to base 2, from 0 (alike) to 1 (apart).

    J. Lin, "Divergence measures based on the Shannon entropy" (1991); it is a metric by Endres and Schindelin (2003).
    """
    r, b = reference / reference.sum(), batch / batch.sum()
    middle = (r + b) / 2
    terms = [*_information(r, middle), *_information(b, middle)]
    return math.sqrt(max(0.0, math.fsum(terms) / 2))


def _information(shares: npt.NDArray[np.float64], middle: npt.NDArray[np.float64]) -> list[float]:
    """Return the terms p * log2(p / m) of the relative entropy; an empty bin adds nothing."""
    used = shares > 0
    terms: list[float] = (shares[used] * np.log2(shares[used] / middle[used])).tolist()
    return terms


def kolmogorov_smirnov(reference: Counts, batch: Counts) -> float:
    """Return the greatest distance of the two distribution functions at the upper ends of ordered bins."""
    return float(np.abs(_cumulated(reference) - _cumulated(batch)).max())


def kolmogorov_smirnov_at_most(reference: Counts, batch: Counts, known: npt.NDArray[np.bool_]) -> float:
    """Return what the distance can be at most inside of bins; `known` are the bins that hold one value only.

    Within a bin both functions rise from their value at its lower end to that at its upper end, in an unknown way;
    they are farthest apart if one rises before the other begins to.
    """
    r, b = _cumulated(reference), _cumulated(batch)
    r_before, b_before = np.concatenate([[0.0], r[:-1]]), np.concatenate([[0.0], b[:-1]])
    inside = np.maximum(np.abs(r - b_before), np.abs(b - r_before))
    return float(np.where(known, np.abs(r - b), inside).max())


def _cumulated(counts: Counts) -> npt.NDArray[np.float64]:
    """Return the share of values up to and with each bin."""
    shares: npt.NDArray[np.float64] = np.cumsum(counts) / counts.sum()
    return shares


class ChiSquare(NamedTuple):
    """The statistic of a test of homogeneity, its degrees of freedom, and how likely one as great is by chance."""

    statistic: float
    freedom: int
    p_value: float


def chi_square(reference: Counts, batch: Counts) -> ChiSquare:
    """Return Pearson's chi-square test of whether two samples are of one distribution, without a correction.

    Bins that are empty in both are left out; with fewer than two left there is nothing to tell, and p is 1.
    """
    used = (reference + batch) > 0
    r, b = reference[used].astype(np.float64), batch[used].astype(np.float64)
    freedom = len(r) - 1
    if freedom < 1:
        return ChiSquare(0.0, 0, 1.0)
    rows, columns = np.array([r.sum(), b.sum()]), r + b
    expected = np.outer(rows, columns) / rows.sum()
    terms = (np.stack([r, b]) - expected) ** 2 / expected
    statistic = math.fsum(terms.ravel().tolist())
    return ChiSquare(statistic, freedom, upper_gamma(freedom / 2, statistic / 2))


def upper_gamma(a: float, x: float) -> float:
    """Return the regularised upper incomplete gamma function Q(a, x), for a > 0 and x >= 0.

    By its series below a + 1 and its continued fraction above (Press et al., "Numerical Recipes", 6.2).
    """
    if x <= 0:
        return 1.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    return 1.0 - front * _series(a, x) if x < a + 1 else front * _fraction(a, x)


def _series(a: float, x: float) -> float:
    """Return the sum of x**n / (a * (a + 1) * ... * (a + n))."""
    term = total = 1.0 / a
    n = a
    while abs(term) > abs(total) * _PRECISION:
        n += 1.0
        term *= x / n
        total += term
    return total


def _fraction(a: float, x: float) -> float:
    """Return the continued fraction of Q(a, x), by Lentz's method."""
    b = x + 1.0 - a
    c, d = 1.0 / _TINY, 1.0 / b
    value, n = d, 0
    while True:
        n += 1
        step = -n * (n - a)
        b += 2.0
        d = 1.0 / (_or_tiny(step * d + b))
        c = _or_tiny(b + step / c)
        value *= c * d
        if abs(c * d - 1.0) < 1e-15:  # noqa: PLR2004 - a few units in the last place of a float
            return value


def _or_tiny(number: float) -> float:
    """Return the number, or a tiny one where it would be divided by nothing."""
    return number if abs(number) > _TINY else _TINY
