"""Distinct: exact while few, and within the stated error when many."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dq.states.distinct import STANDARD_ERROR, Distinct
from dq.states.values import FEW, Values


def fit(values: list[object] | pl.Series) -> Distinct:
    return Distinct.fit(Values(pl.Series("value", values, dtype=None if len(values) else pl.String)))


@pytest.mark.parametrize("count", [0, 1, FEW - 1, FEW])
def test_few_are_exact(count: int) -> None:
    state = fit([str(number % max(count, 1)) for number in range(3 * count)])
    assert (state.estimate, state.exact) == (count, True)


@pytest.mark.parametrize("count", [FEW + 1, 2_000, 5_000, 10_000, 30_000, 100_000, 1_000_000])
@pytest.mark.parametrize("make", ["integer", "text"])
def test_many_are_within_four_standard_errors(count: int, make: str) -> None:
    numbers = pl.Series(range(count), dtype=pl.Int64)
    state = fit(numbers if make == "integer" else "id-" + numbers.cast(pl.String))
    assert not state.exact
    assert abs(state.estimate - count) <= 4 * STANDARD_ERROR * count


def test_the_error_over_many_sets_is_the_stated_one() -> None:
    # The mean square of 60 relative errors: 0.7 to 1.3 of the standard error in all but one of a thousand draws.
    errors = []
    for seed in range(60):
        numbers = pl.Series(range(seed * 10**9, seed * 10**9 + 20_000), dtype=pl.Int64)
        errors.append(fit(numbers).estimate / 20_000 - 1)
    root = (sum(error * error for error in errors) / len(errors)) ** 0.5
    assert 0.7 * STANDARD_ERROR < root < 1.3 * STANDARD_ERROR
    assert abs(sum(errors) / len(errors)) < 4 * STANDARD_ERROR / len(errors) ** 0.5


def test_repeated_values_and_nulls_count_once_and_never() -> None:
    numbers = [None, *range(5_000)] * 3
    assert fit(pl.Series(numbers, dtype=pl.Int64)) == fit(list(range(5_000)))


def test_lists_are_not_counted() -> None:
    assert fit([[1], [2]]) == Distinct.neutral()


def test_what_another_hash_made_is_refused() -> None:
    raw = Distinct.fit(Values(pl.Series(["a"]))).as_json() | {"hash": "another"}
    with pytest.raises(ValueError, match="hashed by another"):
        Distinct.from_json(raw)


def test_many_values_one_part_after_the_other_are_counted_as_if_at_once() -> None:
    numbers = pl.Series(np.random.default_rng(7).integers(0, 2**62, 60_000))
    whole = Distinct.fit(Values(numbers))
    state = Distinct.neutral()
    for first, size in ((0, 500), (500, 40_000), (40_500, 2_000), (42_500, 17_000), (59_500, 500)):
        state = state.update(Values(numbers.slice(first, size)))
    assert state == whole
    assert state.update(Values(numbers.head(10))) == state.update(Values(pl.Series([[1]]))) == whole
