"""The laws of states, over the registry: merging is exact, and knows neither order nor chunks."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.dtypes import types
from dq.states import profile, reference, repeats  # register every kind
from dq.states.base import STATES, State
from dq.states.measures import Measured
from dq.states.values import FEW, Values

VALUES = {
    pl.Int64(): st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1)),
    pl.Float64(): st.one_of(st.floats(), st.sampled_from([0.0, -0.0, 0.1, 1e308, 5e-324])),
    pl.Decimal(38, 2): st.decimals(-(10**30), 10**30, places=2),
    pl.Decimal(12, 2): st.decimals(-(10**9), 10**9, places=2),
    pl.Boolean(): st.booleans(),
    pl.String(): st.one_of(st.text(max_size=20), st.sampled_from(["a", "b", "x" * 5000, "y" * 70_000])),
    pl.Date(): st.dates(date(1, 1, 1)),
    pl.Time(): st.times(),
    pl.Datetime("us", "UTC"): st.datetimes(timezones=st.just(UTC)),
    pl.Duration("us"): st.timedeltas(timedelta(-(10**8)), timedelta(10**8)),
    pl.List(pl.Int64()): st.lists(st.integers(0, 5), max_size=3),
}
_NUMBERS = pl.Series("value", range(FEW + 300), dtype=pl.Int64)
MANY = {
    pl.Int64(): _NUMBERS * 7919 - 10**6,
    pl.Float64(): (_NUMBERS.cast(pl.Float64) - 1000) * 1.1,
    pl.Decimal(12, 2): (_NUMBERS.cast(pl.String) + ".25").cast(pl.Decimal(12, 2)),
    pl.String(): _NUMBERS.cast(pl.String),
    pl.Datetime("us", "UTC"): _NUMBERS.cast(pl.Datetime("us", "UTC")),
    pl.Time(): (_NUMBERS * 1000).cast(pl.Time()),  # canonical times have microseconds, Polars counts nanoseconds
}
BY_DTYPE = {
    pl.Int64: types.INTEGER, pl.Float64: types.NUMBER, pl.Boolean: types.BOOLEAN, pl.String: types.STRING,
    pl.Date: types.DATE, pl.Time: types.TIME, pl.Datetime: types.DATETIME, pl.Duration: types.DURATION,
    pl.Decimal: types.decimal(38, 2), pl.List: types.list_of(types.INTEGER),
}  # fmt: skip
KINDS = [kind for kind in STATES if kind.__module__.startswith("dq.states")]


@st.composite
def columns(draw: st.DrawFn) -> pl.Series:
    """Return a column of one of the canonical dtypes; now and then with more distinct values than are counted."""
    dtype = draw(st.sampled_from(list(VALUES)))
    values = draw(st.lists(st.one_of(st.none(), VALUES[dtype]), max_size=30))
    column = pl.Series("value", values, dtype=dtype, strict=False)
    if dtype in MANY and draw(st.integers(0, 2)) == 0:
        column = column.append(MANY[dtype].head(draw(st.integers(FEW - 20, FEW + 300))))
    return column


@st.composite
def parts(draw: st.DrawFn) -> tuple[pl.Series, list[pl.Series]]:
    """Return a column, and the same column shuffled and cut into parts, some of which may be empty."""
    column = draw(columns())
    shuffled = column.sample(fraction=1, shuffle=True, seed=draw(st.integers(0, 2**32)))
    cuts = sorted(draw(st.lists(st.integers(0, len(column)), max_size=4)))
    edges = [0, *cuts, len(column)]
    return column, [shuffled[start:end] for start, end in itertools.pairwise(edges)]


def fit(kind: type[State], column: pl.Series) -> State:
    return kind.fit(Values(column))


def test_every_kind_of_profiles_is_registered() -> None:
    wanted = {"counts", "distinct", "extremes", "lengths", "moments", "quantiles", "spans", "top"}
    assert wanted <= {k.kind for k in KINDS}
    assert STATES.find("repeats") is repeats.Repeats


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(parts())
def test_any_split_in_any_order_is_the_whole(kind: type[State], case: tuple[pl.Series, list[pl.Series]]) -> None:
    whole, pieces = case
    merged = kind.neutral()
    for piece in pieces:
        merged = merged.merge(fit(kind, piece))
    expected = fit(kind, whole)
    assert merged == expected
    assert json.dumps(merged.as_json()) == json.dumps(expected.as_json())
    assert merged.report() == expected.report()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(parts())
def test_merge_is_associative_and_commutative(kind: type[State], case: tuple[pl.Series, list[pl.Series]]) -> None:
    one, two, three = ([fit(kind, piece) for piece in case[1]] + [kind.neutral()] * 3)[:3]
    assert one.merge(two).merge(three) == one.merge(two.merge(three))
    assert one.merge(two) == two.merge(one)
    assert one.update(Values(case[1][-1])) == one.merge(fit(kind, case[1][-1]))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(columns())
def test_neutral_update_and_round_trip(kind: type[State], column: pl.Series) -> None:
    state = fit(kind, column)
    assert kind.neutral().merge(state) == state.merge(kind.neutral()) == state
    assert kind.neutral().update(Values(column)) == state
    assert kind.from_json(json.loads(json.dumps(state.as_json()))) == state
    assert fit(kind, column.clear()) == kind.neutral() == kind.from_json(kind.neutral().as_json())


@settings(max_examples=40)
@given(parts(), st.sampled_from(["values", "text"]))
def test_profiles_obey_the_same_laws(case: tuple[pl.Series, list[pl.Series]], side: str) -> None:
    whole, pieces = case
    field = BY_DTYPE[whole.dtype.base_type()]
    if side == "text" and whole.dtype != pl.String:
        return
    make = profile.profile_text if side == "text" else lambda column: profile.profile_values(column, field)
    merged = make(pieces[0])
    for piece in pieces[1:]:
        merged = merged.merge(make(piece))
    assert merged == make(whole)
    assert profile.Profile.from_json(json.loads(json.dumps(merged.as_json()))) == merged
    json.dumps(merged.as_report(pii=False), allow_nan=False)


@settings(max_examples=60)
@given(parts())
def test_reference_profiles_obey_the_same_laws(case: tuple[pl.Series, list[pl.Series]]) -> None:
    whole, pieces = case
    field = BY_DTYPE[whole.dtype.base_type()]
    if field.family not in reference.COMPARABLE:
        return
    asked = reference.ReferenceOf("value", field)
    one, two = Measured([asked]), Measured([asked])
    one.add(whole.to_frame())
    for piece in pieces:
        two.add(piece.to_frame())
    merged = two.of(asked)
    assert merged == one.of(asked)
    assert profile.Profile.from_json(json.loads(json.dumps(merged.as_json()))) == merged
