"""Expectations judge what was counted and measured."""

from __future__ import annotations

import math
import statistics
from datetime import UTC, date, datetime, timedelta
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


def test_the_least_and_the_greatest_are_read_by_the_type():
    days = [date(2026, 1, 2), None, date(2026, 1, 31)]
    assert judge(bound("min", "date", min="2026-01-01", max="2026-01-02"), days[:1], days[1:]).passed is True
    found = judge(bound("max", "date", max="2026-01-30"), days)
    assert found == Judgement(False, "2026-01-31", "a greatest value of at most 2026-01-30")
    assert judge(bound("min", "decimal(5,2)", min=1.2501), [Decimal("1.25")]).passed is False
    assert judge(bound("max", min=0.1), [0.1]).passed is True
    assert judge(bound("max", min=0.1), [None], []).passed is None


NUMBERS = st.lists(st.lists(st.one_of(st.none(), st.integers(-500, 500)), max_size=8), min_size=1, max_size=4)


@given(NUMBERS, st.fractions(0, 1))
def test_quantiles_of_few_values_are_those_of_nearest_rank(parts: list[list[int | None]], q: Fraction):
    values = sorted(number for part in parts for number in part if number is not None)
    found = judge(bound("quantile", "integer", q=q, min=-(10**9)), *parts)
    if not values:
        assert found.passed is None
        return
    assert found.observed == values[max(1, math.ceil(q * len(values))) - 1]
    middle = judge(bound("median", "integer", max=10**9), *parts)
    assert (middle.observed, middle.note) == (statistics.median_low(values), None)


def test_quantiles_of_many_values_say_how_exact_they_are():
    found = judge(bound("median", min=1), [n + 0.5 for n in range(1500)], [n + 0.5 for n in range(1500, 3001)])
    assert abs(found.observed - 1500.5) <= 0.004 * 1500.5
    assert found.note == "known to within 0.4 % of the value"


@given(st.lists(st.lists(st.one_of(st.none(), st.sampled_from("abcde")), max_size=8), min_size=1, max_size=4))
def test_words_are_counted_in_any_cut(parts: list[list[str | None]]):
    words = [word for part in parts for word in part if word is not None]
    assert judge(bound("distinct", "string", min=1), *parts).observed == len(set(words))
    share = judge(bound("unique_share", "string", max=0.5), *parts)
    assert share.observed == (len(set(words)) / len(words) if words else None)
    covered = judge(bound("covers", "string", values=["a", "b", "x"]), *parts)
    assert covered.passed is False
    assert covered.observed == len({"a", "b", "x"}.intersection(words)) / 3
    assert judge(bound("covers", "string", values=["a", "x"], min="50%"), *parts).passed is ("a" in words)


def test_what_a_set_lacks_is_told():
    found = judge(bound("covers", "integer", values=[1, 2, 3, 4, 5, 6, 7]), [7])
    assert found.note == "lacking: 1, 2, 3, 4, 5 and 1 more"
    with pytest.raises(ParamError, match="DQ324"):
        bound("covers", "decimal(5,2)", values=["1.0", "1.00"])
    with pytest.raises(ParamError, match="DQ318"):
        bound("covers", "integer", values=["one"])


def test_an_estimate_says_that_it_is_one():
    found = judge(bound("distinct", "integer", min=1), list(range(2500)), list(range(2500, 5000)))
    assert abs(found.observed - 5000) < 0.07 * 5000
    assert found.note == "an estimate with a standard error of 1.6%"
    assert judge(bound("unique_share", "integer", min=1), list(range(5000))).observed <= 1


def test_freshness_is_the_age_of_the_newest():
    moments = [NOW - timedelta(hours=30), None, NOW - timedelta(hours=24)]
    assert judge(bound("freshness", "datetime", max="24h"), moments[:1], moments[1:]).passed is True
    found = judge(bound("freshness", "datetime", max="1439m"), moments)
    assert found == Judgement(False, "2026-10-31T00:00:00Z", "a newest value at most 1439m old")
    assert judge(bound("freshness", "date", max="0h"), [date(2026, 11, 1)]).passed is True
    assert judge(bound("freshness", "date", max="23h"), [date(2026, 10, 31)]).passed is False
    assert judge(bound("freshness", "datetime", max="1h"), [NOW + timedelta(days=9)]).passed is True
    assert judge(bound("freshness", "datetime", max="1h"), [None]).passed is None


def referential(**params: Any) -> Expectation:
    kind = EXPECTATIONS.find("referential")
    assert kind is not None
    given = kind.Params(file="keys.csv", column="key", **params)
    return kind(given, Subject("x", {"x": parse_type("integer")}, lambda *_: ("1", "2", "3", "4")))


@given(st.lists(st.lists(st.one_of(st.none(), st.integers(0, 6)), max_size=8), min_size=1, max_size=4))
def test_values_and_keys_meet(parts: list[list[int | None]]):
    values = [number for part in parts for number in part if number is not None]
    found = judge(referential(keys="50%"), *parts)
    assert found.passed is (len(set(values) & {1, 2, 3, 4}) >= 2)
    among = judge(referential(values="50%"), *parts)
    assert among.passed is (sum(n in {1, 2, 3, 4} for n in values) * 2 >= len(values) if values else None)


def correlated(parts: list[list[tuple[Any, Any]]], one: str, two: str, **ends: Any) -> Judgement:
    kind = EXPECTATIONS.find("correlation")
    assert kind is not None
    types = {"a": parse_type(one), "b": parse_type(two)}
    asked = kind(kind.Params(fields=["a", "b"], **ends), Subject(None, types))
    measured = Measured(asked.measures())
    for part in parts:
        columns = list(zip(*part, strict=True)) or [(), ()]
        measured.add(pl.DataFrame({n: pl.Series(c, dtype=types[n].polars) for n, c in zip("ab", columns, strict=True)}))
    return asked.judge(Batch(sum(map(len, parts)), measured=measured))


PAIRS = st.lists(
    st.tuples(st.one_of(st.none(), st.floats(-1e6, 1e6)), st.one_of(st.none(), st.integers(-(2**60), 2**60)))
)


@given(PAIRS, st.integers(0, 20))
def test_correlation_is_exact_in_any_cut(pairs: list[tuple[float | None, int | None]], at: int):
    found = correlated([pairs[:at], pairs[at:]], "number", "integer", min=-0.5)
    both = [(Fraction(a), Fraction(b)) for a, b in pairs if a is not None and b is not None]
    count = len(both)
    sums = [sum(x) for x in zip(*both, strict=True)] or [0, 0]
    xx, yy, xy = (sum((p[i] * p[j] for p in both), Fraction(0)) for i, j in ((0, 0), (1, 1), (0, 1)))
    spread = (count * xx - sums[0] ** 2) * (count * yy - sums[1] ** 2)
    if not spread:
        assert found.passed is None
        return
    together = count * xy - sums[0] * sums[1]
    square = float(together**2 / spread)
    assert found.observed == pytest.approx(math.copysign(math.sqrt(square), together), rel=1e-12, abs=1e-150)


def test_correlation_of_decimals_and_what_cannot_be():
    found = correlated(
        [[(1, Decimal("0.10")), (2, Decimal("0.20"))], [(3, Decimal("0.30"))]], "integer", "decimal(5,2)", min=1
    )
    assert (found.passed, found.observed) == (True, 1.0)
    with pytest.raises(ParamError, match="DQ308"):
        correlated([], "integer", "integer", max=1.5)
