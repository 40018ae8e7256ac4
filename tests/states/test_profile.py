"""Profiles: what a report says of a column, and what it must not say."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from dq.dtypes import types
from dq.states.profile import Profile, profile_text, profile_values
from dq.states.top import MAX_TEXT
from dq.states.values import FEW, Values


def test_text() -> None:
    report = profile_text(pl.Series(["RU", "RU", None, "Россия", "DE"])).as_report(pii=False)
    assert report == {
        "rows": 5, "missing": 1, "missing_share": 0.2, "distinct": 3, "distinct_exact": True,
        "min_length": 2, "max_length": 6,
        "top": [{"value": "RU", "count": 2}, {"value": "DE", "count": 1}, {"value": "Россия", "count": 1}],
    }  # fmt: skip


def test_decimals() -> None:
    values = pl.Series([Decimal("1.50"), Decimal("2.50"), Decimal("-1.00"), None], dtype=pl.Decimal(12, 2))
    report = profile_values(values, types.decimal(12, 2)).as_report(pii=False)
    assert report == {
        "rows": 4, "missing": 1, "missing_share": 0.25, "distinct": 3, "distinct_exact": True,
        "min": "-1.00", "max": "2.50", "mean": 1.0, "standard_deviation": math.sqrt(3.25),
        "quantiles": {"5%": "-1.00", "25%": "-1.00", "50%": "1.50", "75%": "2.50", "95%": "2.50"},
            "histogram": {"from": "-1.00", "to": "2.59", "counts": [1, *[0] * 12, 1, 0, 0, 0, 0, 0, 1], "below": 0, "above": 0},
        "top": [{"value": "-1.00", "count": 1}, {"value": "1.50", "count": 1}, {"value": "2.50", "count": 1}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "values", "low", "high"),
    [
        (types.DATE, [date(2026, 1, 2), date(2025, 1, 1)], "2025-01-01", "2026-01-02"),
        (types.DATETIME, [datetime(2026, 1, 1, 9, tzinfo=UTC)], "2026-01-01T09:00:00Z", "2026-01-01T09:00:00Z"),
        (types.DURATION, [timedelta(seconds=90), timedelta(milliseconds=1)], 0.001, 90.0),
        (types.INTEGER, [3, -7], -7, 3),
    ],
)
def test_extremes_in_a_report(kind: types.Type, values: list[object], low: object, high: object) -> None:
    report = profile_values(pl.Series(values, dtype=kind.polars), kind).as_report(pii=False)
    assert (report["min"], report["max"]) == (low, high)


@pytest.mark.parametrize("kind", [types.STRING, types.INTEGER, types.NUMBER, types.DATE, types.DATETIME, types.BOOLEAN])
@pytest.mark.parametrize("rows", [0, 1])
def test_pii_tells_no_value(kind: types.Type, rows: int) -> None:
    samples = {"string": "secret", "integer": 424242, "number": 4242.5, "boolean": True}
    samples |= {"date": date(1942, 4, 2), "datetime": datetime(1942, 4, 2, tzinfo=UTC)}
    series = pl.Series([samples[kind.name]] * rows, dtype=kind.polars)
    report = profile_values(series, kind).as_report(pii=True)
    assert set(report) <= {"rows", "missing", "missing_share", "distinct", "distinct_exact", "min_length", "max_length"}
    assert not any(word in json.dumps(report) for word in ("secret", "4242", "1942"))
    assert report["rows"] == rows


def test_top_is_given_up_where_there_are_too_many() -> None:
    few = profile_text(pl.Series([str(number) for number in range(FEW)]))
    one_more = few.merge(profile_text(pl.Series(["one more"])))
    assert few.as_report(pii=False)["top"][0] == {"value": "0", "count": 1}
    assert one_more.as_report(pii=False)["top"] is None


def test_top_is_given_up_where_texts_are_too_long() -> None:
    assert profile_text(pl.Series(["x" * MAX_TEXT])).as_report(pii=False)["top"] is not None
    assert profile_text(pl.Series(["x" * MAX_TEXT, "y"])).as_report(pii=False)["top"] is None


def test_an_empty_column() -> None:
    report = profile_values(pl.Series([], dtype=pl.Float64), types.NUMBER).as_report(pii=False)
    assert (report["rows"], report["missing_share"], report["min"], report["mean"], report["top"]) == (
        0,
        None,
        None,
        None,
        [],
    )


def test_profiles_of_different_kinds_do_not_merge() -> None:
    with pytest.raises(ValueError, match="different kinds"):
        profile_text(pl.Series(["a"])).merge(profile_values(pl.Series([1]), types.INTEGER))


def test_a_state_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        Profile.from_json({"no such kind": {}})


def test_both_zeros_are_one_value() -> None:
    one, two = (profile_values(pl.Series(values), types.NUMBER) for values in ([0.0, -0.0], [-0.0, 0.0]))
    assert json.dumps(one.as_json()) == json.dumps(two.as_json())
    assert one.as_report(pii=False)["top"] == [{"value": 0.0, "count": 2}]
    assert math.copysign(1, one.as_report(pii=False)["min"]) == 1


@pytest.mark.parametrize("distinct", [0, 1, 7, FEW, FEW + 1, 3 * FEW])
@pytest.mark.parametrize("kind", [types.STRING, types.INTEGER, types.NUMBER, types.DATE, types.DURATION])
def test_what_is_known_of_a_column_changes_no_state(kind: types.Type, distinct: int) -> None:
    numbers = pl.Series([*range(distinct), *range(0, distinct, 3), None], dtype=pl.Int64)
    series = numbers.cast(kind.polars)
    states = profile_values(series, kind).states
    for few in (None, True):
        assert tuple(type(state).fit(Values(series, few=few)) for state in states) == states


@pytest.mark.parametrize("kind", [types.STRING, types.INTEGER, types.NUMBER, types.DATE, types.DURATION])
def test_parts_with_few_and_with_many_values_add_up(kind: types.Type) -> None:
    few = pl.Series([1, 2, None] * 50, dtype=pl.Int64).cast(kind.polars)
    many = pl.Series(range(2 * FEW), dtype=pl.Int64).cast(kind.polars)
    for parts in ([few, many, few], [many, few, many], [few.clear(), few, few, many]):
        profile = profile_values(parts[0], kind)
        for part in parts[1:]:
            profile = profile.update(part)
        assert profile == profile_values(pl.concat(parts), kind)
