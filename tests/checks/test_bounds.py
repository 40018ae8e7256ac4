"""Bounds: ends, exactness of decimals, and ranges that cannot be."""

from __future__ import annotations

import pytest

from dq.checks import ParamError

from .bound import check, judge


def test_both_ends_are_included():
    assert judge("between: [1, 3]", "integer", "0", "1", "3", "4", None) == [False, True, True, False, None]
    assert check("between: {min: 1, max: 3}", "integer").identity() == check("between: [1, 3]", "integer").identity()


def test_strict_bounds_leave_their_end_out():
    assert judge("gt: 1", "number", "1", "1.0000001") == [False, True]
    assert judge("lt: 1", "number", "1", "0.9999999") == [False, True]


def test_a_bound_of_a_decimal_is_never_rounded():
    assert judge("minimum: 1.2501", "decimal(12,2)", "1.25", "1.26") == [False, True]
    assert judge("maximum: 1.2499", "decimal(12,2)", "1.25", "1.24") == [False, True]
    assert judge("gt: 1.2499", "decimal(12,2)", "1.25", "1.24") == [True, False]
    assert judge("lt: 1.2501", "decimal(12,2)", "1.25", "1.26") == [True, False]
    assert judge("minimum: -1.2501", "decimal(12,2)", "-1.25", "-1.26") == [True, False]


def test_bounds_outside_the_range_of_a_decimal_are_compared_too():
    nines = "0." + "9" * 38
    assert judge("lt: 5", "decimal(38,38)", nines) == [True]
    assert judge("gt: 99999999999999999999999999999999999999", "decimal(38,38)", nines) == [False]


def test_dates_times_and_moments_are_ordered():
    assert judge("between: [2026-01-01, 2026-01-31]", "date", "2025-12-31", "2026-01-31") == [False, True]
    assert judge('ge: "09:00:00"', "time", "08:59:59", "09:00:00") == [False, True]
    assert judge('le: "2026-01-01T03:00:00+03:00"', "datetime", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z") == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "of", "code"),
    [
        ("between: [3, 1]", "integer", "DQ308"),
        ("between: [2026-02-01, 2026-01-01]", "date", "DQ308"),
        ("between: [a, 1]", "integer", "DQ318"),
        ("between: [0.5, 1]", "integer", "DQ318"),
        ("between: [1]", "integer", "DQ307"),
        ("between: {min: 1}", "integer", "DQ306"),
        ("between: {range: [1, 2], min: 1}", "integer", "DQ305"),
        ("between: {low: 1}", "integer", "DQ305"),
        ("minimum: 2026-02-30", "date", "DQ318"),
        ("maximum", "integer", "DQ306"),
        ("minimum: 5", "string", "DQ304"),
        (f"minimum: {'9' * 39}", "decimal(38,0)", "DQ318"),
    ],
)
def test_impossible_bounds_are_the_authors_mistake(text: str, of: str, code: str):
    with pytest.raises(ParamError) as error:
        check(text, of)
    assert error.value.code == code


def test_json_schema_is_offered_only_where_it_is_exact():
    assert check("between: [0, 1.5]", "decimal(12,2)").json_schema() == {"minimum": 0, "maximum": 1.5}
    assert check("gt: 0", "integer").json_schema() == {"exclusiveMinimum": 0}
    assert check("gt: 0", "decimal(16,2)").json_schema() is None
    assert check("minimum: 0.1234567890123456", "decimal(12,2)").json_schema() is None
    assert check("minimum: 2026-01-01", "date").json_schema() is None


def test_what_was_expected_is_said_without_data():
    assert check("between: [0, 100]", "integer").expected() == "a value from 0 to 100"
    assert check("minimum: 0.10", "decimal(12,2)").expected() == "a value of at least 0.10"
    assert check("lt: 2026-01-01", "date").expected() == "a value less than 2026-01-01"


def test_identity_does_not_depend_on_the_place_or_the_name():
    assert check("ge: 1", "integer").identity() == check("minimum: {value: 1}", "integer").identity()
    assert check("ge: 1", "integer").identity() != check("ge: 2", "integer").identity()
