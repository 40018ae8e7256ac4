"""Limits in time, fixed and relative to `now` (2026-11-01 12:00 UTC)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dq.checks import ParamError

from .bound import check, column, judge, verdicts


def test_limits_are_strict():
    assert judge("before: 2026-01-02", "date", "2026-01-01", "2026-01-02", None) == [True, False, None]
    assert judge("after: 2026-01-02", "date", "2026-01-02", "2026-01-03") == [False, True]


def test_limits_relative_to_now():
    moments = ("2026-11-01T11:59:59Z", "2026-11-01T12:00:00Z", "2026-11-01T12:59:59Z", "2026-11-01T13:00:00Z")
    assert judge("before: now", "datetime", *moments) == [True, False, False, False]
    assert judge("before: now+1h", "datetime", *moments) == [True, True, True, False]
    assert judge("after: now - 1s", "datetime", *moments) == [False, True, True, True]
    assert judge("after: now-7d", "date", "2026-10-25", "2026-10-26") == [False, True]


def test_now_is_an_input():
    bound = check("before: now", "datetime")
    series = column(["2026-06-01T00:00:00Z"], "datetime")
    assert verdicts(bound, series, datetime(2026, 1, 1, tzinfo=UTC)) == [False]
    assert verdicts(bound, series, datetime(2027, 1, 1, tzinfo=UTC)) == [True]


def test_an_offset_beyond_the_calendar_stops_at_its_end():
    assert judge("before: now+500000w", "date", "9999-12-30") == [True]
    assert judge("after: now-500000w", "date", "0001-01-02") == [True]


@pytest.mark.parametrize(
    "text", ["before: now-7", "before: now-7x", "before: tomorrow", "before: nowish", "after: 2026-02-30"]
)
def test_limits_that_are_no_moment_are_the_authors_mistake(text: str):
    with pytest.raises(ParamError) as error:
        check(text, "date")
    assert error.value.code == "DQ318"


def test_words_and_identity():
    assert check("before: now + 1h", "datetime").expected() == "a datetime before now+1h"
    assert check("before: now + 1h", "datetime").identity() == check("before: now+60m", "datetime").identity()
    assert check("after: 2026-01-02", "date").expected() == "a date after 2026-01-02"
