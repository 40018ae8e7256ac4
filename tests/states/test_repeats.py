"""Repeats: exact shares of few values, and a sample of many that knows neither order nor chunks."""

from __future__ import annotations

import polars as pl
import pytest

from dq.states.repeats import CAP, Repeats
from dq.states.values import Values


def repeats(values: list[str]) -> Repeats:
    return Repeats.fit(Values(pl.Series("v", values, pl.String)))


def test_few_values_are_counted_exactly():
    assert repeats([]).once_share is None
    assert repeats(["a", "b", "b"]).once_share == 0.5
    assert repeats(["a", "b", "b"]).exact


@pytest.mark.parametrize("twice", [0, 300, 30_000])
def test_many_values_are_sampled(twice):
    values = [f"v{i}" for i in range(30_000)] + [f"v{i}" for i in range(twice)]
    whole = repeats(values)
    assert not whole.exact
    assert whole.depth == 3  # an eighth of 30,000 is the most that there is room for
    assert 3000 < len(whole.counts) <= CAP
    assert whole.once_share == pytest.approx(1 - twice / 30_000, abs=0.01)
    merged = Repeats.neutral()
    for at in range(0, len(values), 7001):
        merged = repeats(values[at : at + 7001]).merge(merged)
    assert merged == whole


def test_one_frequent_value_hides_nothing():
    assert repeats(["none"] * 50_000 + [f"v{i}" for i in range(20_000)]).once_share > 0.999
