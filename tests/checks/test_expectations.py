"""Expectations judge what was counted and measured."""

from __future__ import annotations

import math
import statistics
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dq.checks import EXPECTATIONS, ParamError, load
from dq.checks.expectations import Batch, Expectation, Judgement, Subject
from dq.dtypes.types import Type, parse_type
from dq.states.measures import Measured

load()
ROWS, MISSING = EXPECTATIONS.find("row_count"), EXPECTATIONS.find("missing")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
TYPES = {"x": parse_type("integer")}


def bound(name: str, of: str | Type = "number", **params: Any) -> Expectation:
    """Return an expectation of the field `x` of a type."""
    kind = EXPECTATIONS.find(name)
    assert kind is not None
    types = {"x": parse_type(of) if isinstance(of, str) else of}
    return kind(kind.Params(**params), Subject("x" if kind.scope == "field" else None, types))


def judge(expectation: Expectation, *parts: list[Any]) -> Judgement:
    """Return the verdict on accepted values of the field `x` that came in some parts."""
    dtype = expectation.subject.type.polars
    measured = Measured(expectation.measures())
    for part in parts:
        measured.add(pl.DataFrame({"x": pl.Series(part, dtype=dtype)}))
    return expectation.judge(Batch(sum(map(len, parts)), measured=measured, now=NOW))


def test_row_count_is_of_accepted_rows():
    asked = bound("row_count", min=2, max=3)
    assert [asked.judge(Batch(accepted=count)).passed for count in (1, 2, 3, 4)] == [False, True, True, False]
    assert asked.judge(Batch(accepted=1, entered=3)) == Judgement(False, 1, "2 to 3 accepted rows")
    assert bound("row_count", min=1).judge(Batch(accepted=0)) == Judgement(False, 0, "at least 1 accepted row")
    assert bound("row_count", max=1).judge(Batch(accepted=1)) == Judgement(True, 1, "at most 1 accepted row")


@pytest.mark.parametrize(
    ("name", "params", "code"),
    [
        ("row_count", {}, "DQ306"),
        ("row_count", {"min": -1}, "DQ308"),
        ("row_count", {"min": 3, "max": 2}, "DQ308"),
        ("mean", {}, "DQ306"),
        ("sum", {"min": 1, "max": 0.5}, "DQ308"),
        ("stdev", {"max": -1}, "DQ308"),
    ],
)
def test_ends_that_cannot_be(name: str, params: dict[str, Any], code: str):
    with pytest.raises(ParamError) as error:
        bound(name, **params)
    assert error.value.code == code


def test_missing_is_an_exact_share():
    asked = bound("missing", max="5%")
    assert asked.judge(Batch(entered=100, missing={"x": 5})) == Judgement(True, 0.05, "at most 5% missing")
    assert asked.judge(Batch(entered=99, missing={"x": 5})).passed is False
    assert asked.judge(Batch()) == Judgement(True, 0.0, "at most 5% missing")
    assert asked.identity() == bound("missing", max="0.05").identity()


def test_a_share_above_one_is_refused():
    with pytest.raises(ValidationError):
        MISSING.Params(max="120%")


def test_idle_ones_are_known():
    idle = [bound("row_count", min=0), bound("missing", max="100%")]
    assert all(asked.idle() for asked in idle)
    assert not any(
        asked.idle() for asked in (bound("row_count", max=0), bound("missing", max="99%"), bound("sum", min=0))
    )


SPLITS = st.lists(st.lists(st.one_of(st.none(), st.integers(-(10**12), 10**12)), max_size=6), min_size=1, max_size=5)


@given(SPLITS)
def test_statistics_of_decimals_are_exact_in_any_cut(parts: list[list[int | None]]):
    cents = [number for part in parts for number in part if number is not None]
    values = [[None if number is None else Decimal(number).scaleb(-2) for number in part] for part in parts]
    total = Fraction(sum(cents), 100)
    for edge, inside in ((0, True), (Fraction(1, 1000), False)):
        asked = bound("sum", "decimal(18,2)", min=total + edge)
        assert judge(asked, *values).passed is inside
        if cents:
            assert judge(bound("mean", "decimal(18,2)", max=total / len(cents) - edge), *values).passed is inside
    spread = judge(bound("stdev", "decimal(18,2)", min=0), *values)
    if len(cents) < 2:
        assert (spread.passed, spread.observed) == (None, None)
    else:
        assert math.isclose(spread.observed, statistics.stdev(cents) / 100, rel_tol=1e-12, abs_tol=1e-12)


def test_binary_numbers_are_compared_as_they_are_written():
    """The float nearest to a tenth is a little more than a tenth; whoever writes 0.1 means the float."""
    assert judge(bound("mean", min=0.1, max=0.1), [0.1], [0.1, None]).passed is True
    assert judge(bound("mean", "decimal(5,3)", min=0.1, max=0.1), [Decimal("0.1")]).passed is True
    assert judge(bound("mean", "decimal(5,3)", min=0.1001), [Decimal("0.1")]).passed is False


def test_a_statistic_of_nothing_is_not_evaluated():
    found = judge(bound("mean", min=1), [None, None], [])
    assert (found.passed, found.observed, found.note) == (None, None, "there is no mean of so few values")
    assert judge(bound("sum", "integer", min=1), []) == Judgement(False, 0, "a sum of at least 1")
