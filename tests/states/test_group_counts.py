"""Counts by group are exact, whether groups are looked at together or one by one, and however they are added up."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.states import group_counts
from dq.states.group_counts import COUNT, VALUE, GroupCounts, added

SCHEMA = {"a": pl.String(), "b": pl.Float64(), "v": pl.Float64()}
SCHEMA_NAMES = list(SCHEMA)
ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, "", "x", "ß"]),
        st.sampled_from([None, 0.0, -1.5, math.nan, math.inf]),
        st.sampled_from([None, 0.0, -0.0, 2.5, -7.0, 1e300, math.nan]),
    ),
    max_size=40,
)
BY = st.sampled_from([(), ("a",), ("b",), ("b", "a")])


def key(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return values that a Counter can compare: NaN equals itself here."""
    return tuple("nan" if isinstance(value, float) and math.isnan(value) else value for value in values)


def frame(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def told(counts: GroupCounts) -> Counter[tuple[Any, ...]]:
    """Return what a table says, by group and value; each of them stands there once."""
    rows = counts.table.select(*counts.by, VALUE, COUNT).rows()
    assert len({key(row[:-1]) for row in rows}) == len(rows)
    return Counter({key(row[:-1]): row[-1] for row in rows})


@pytest.fixture(params=[1, 10_000], ids=["one by one", "together"], autouse=True)
def large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_counts, "_LARGE", request.param)


@given(ROWS, BY, st.integers(0, 40))
def test_values_are_counted_by_group(rows: list[tuple[Any, ...]], by: tuple[str, ...], cut: int) -> None:
    whole = frame(rows)
    expected = Counter(
        key((*(row[SCHEMA_NAMES.index(name)] for name in by), row[2])) for row in rows if row[2] is not None
    )
    counts = GroupCounts.fit(whole, by, "v")
    assert told(counts) == expected
    assert counts.table.schema == {**{name: SCHEMA[name] for name in by}, VALUE: pl.Float64(), COUNT: pl.Int64()}
    parts = [GroupCounts.fit(part, by, "v") for part in (whole[:cut], whole[cut:])]
    assert told(added(parts)) == expected
    assert told(parts[0].merge(parts[1])) == expected


@given(ROWS, BY)
def test_they_are_sorted_by_group_and_then_by_value(rows: list[tuple[Any, ...]], by: tuple[str, ...]) -> None:
    counts = GroupCounts.fit(frame(rows), by, "v")
    listed = counts.sorted()
    assert listed.equals(counts.table.sort([*by, VALUE], nulls_last=False))
    assert Counter(map(key, listed.rows())) == Counter(map(key, counts.table.rows()))


@given(ROWS, st.sampled_from([(), ("a",), ("b",)]))
def test_fewer_groups_are_the_sums_of_more(rows: list[tuple[Any, ...]], by: tuple[str, ...]) -> None:
    whole = frame(rows)
    assert told(GroupCounts.fit(whole, ("a", "b"), "v").coarser(by)) == told(GroupCounts.fit(whole, by, "v"))


def test_values_of_any_type_are_counted() -> None:
    rows = pl.DataFrame({"a": ["x", "y", "x"], "d": [date(2026, 1, 1)] * 3, "t": ["p", "q", "p"]})
    assert GroupCounts.fit(rows, ["a"], "d").sorted().rows() == [("x", date(2026, 1, 1), 2), ("y", date(2026, 1, 1), 1)]
    assert GroupCounts.fit(rows, ["d"], "t").sorted()[COUNT].to_list() == [2, 1]


@pytest.mark.parametrize("zeros", [[0.0, -0.0], [-0.0, 0.0], [-0.0, -0.0]])
def test_there_is_one_zero_whatever_the_order(zeros: list[float]) -> None:
    counts = GroupCounts.fit(frame([("x", None, zero) for zero in zeros]), ["a"], "v")
    ((group, value, count),) = counts.table.rows()
    assert (group, value, count, math.copysign(1, value)) == ("x", 0.0, 2, 1)
