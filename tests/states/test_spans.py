"""Spans: counts of dates and times in the shortest spans that are few enough."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.states.spans import LIMIT, Spans
from dq.states.values import Values

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def fit(values: list[object], dtype: pl.DataType) -> Spans:
    return Spans.fit(Values(pl.Series("value", values, dtype=dtype)))


def brute(units: list[int]) -> tuple[int, dict[int, int]]:
    """The definition: the shortest spans of which fewer than LIMIT reach from the first value to the last."""
    length = 1
    while units and max(units) // length - min(units) // length >= LIMIT:
        length *= 2
    return length, dict(sorted(Counter(unit // length for unit in units).items()))


@settings(max_examples=60)
@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=20))
def test_moments_by_the_definition(moments: list[datetime]) -> None:
    found = fit(moments, pl.Datetime("us", "UTC"))
    length, counts = brute([(moment - EPOCH) // MICROSECOND for moment in moments])
    assert (1 << found.shift, dict(found.bins)) == (length, counts)


@settings(max_examples=60)
@given(st.lists(st.one_of(st.none(), st.dates()), max_size=20))
def test_dates_by_the_definition(dates: list[date | None]) -> None:
    found = fit(dates, pl.Date())
    length, counts = brute([(day - EPOCH.date()).days for day in dates if day is not None])
    assert (1 << found.shift, dict(found.bins)) == (length, counts)


def test_times_count_microseconds() -> None:
    found = fit([time(0, 0, 0, 5), time(0, 0, 0, 5), time(0, 0, 0, 7)], pl.Time())
    assert (found.unit, found.shift, found.bins) == ("time", 0, ((5, 2), (7, 1)))


def test_two_years_are_days_and_a_century_is_not() -> None:
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(731)]
    assert fit(days, pl.Date()).shift == 0
    assert fit([date(1924, 1, 1), date(2024, 1, 1)], pl.Date()).shift == 5


@pytest.mark.parametrize("values", [[1], ["a"], [True]])
def test_what_is_no_time_counts_for_nothing(values: list[object]) -> None:
    assert Spans.fit(Values(pl.Series(values))) == Spans.neutral()
