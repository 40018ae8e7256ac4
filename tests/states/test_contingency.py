"""Contingency tables: exact counts, and cells that depend on the values alone."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.states.contingency import COUNT, Contingency, X, Y, keys_of, number_of

NUMBERS = st.one_of(st.none(), st.integers(-5, 5).map(float), st.floats(allow_nan=False, allow_infinity=False))
WORDS = st.one_of(st.none(), st.sampled_from("abcdef"), st.text(max_size=3))
CAPS = (4, 3)


def table(x, y, caps=CAPS, ordered=(True, False), types=(pl.Float64, pl.String)):
    return Contingency.fit(pl.Series("x", x, types[0]), pl.Series("y", y, types[1]), caps, ordered)


@given(st.lists(st.tuples(NUMBERS, WORDS), max_size=40), st.lists(st.integers(0, 40), max_size=4), st.randoms())
def test_parts_in_any_cut_and_order_are_the_whole(pairs, cuts, random):
    whole = table([x for x, _ in pairs], [y for _, y in pairs])
    ends = sorted({0, len(pairs), *(min(cut, len(pairs)) for cut in cuts)})
    parts = [table(*zip(*pairs[a:b], strict=True)) for a, b in itertools.pairwise(ends)]
    random.shuffle(parts)
    merged = Contingency.neutral(CAPS)
    for part in parts:
        merged = merged.merge(part)
    assert merged == whole
    assert whole.merge(Contingency.neutral(CAPS)) == whole
    assert Contingency.from_json(json.loads(json.dumps(whole.as_json()))) == whole
    assert whole.rows == len(pairs)
    assert whole.table[X].drop_nulls().n_unique() <= CAPS[0]
    assert whole.table[Y].drop_nulls().n_unique() <= CAPS[1]


@given(st.lists(st.tuples(NUMBERS, WORDS), max_size=40))
def test_merging_is_associative_and_commutative(pairs):
    one, two, three = (table([x for x, _ in pairs[i::3]], [y for _, y in pairs[i::3]]) for i in range(3))
    assert one.merge(two) == two.merge(one)
    assert one.merge(two).merge(three) == one.merge(two.merge(three))


@given(st.lists(st.tuples(NUMBERS, WORDS), max_size=30))
def test_below_the_caps_every_pair_is_counted(pairs):
    made = table([x for x, _ in pairs], [y for _, y in pairs], (100, 100))
    wanted = Counter((None if x is None else x + 0.0, y) for x, y in pairs)
    assert made.cuts == (0, 0)
    assert sorted(made.table[COUNT]) == sorted(wanted.values())
    assert made.table.height == len(wanted)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_cells_of_numbers_are_ranges_in_their_order(numbers):
    made = table(numbers, [None] * len(numbers), (5, 3))
    edges = [number_of(key, made.cuts[0]) for key in made.table[X]]
    assert edges == sorted(edges)
    counted = made.table[COUNT].to_list()
    keys = [key >> made.cuts[0] for key in keys_of(pl.Series(numbers, dtype=pl.Float64), ordered=True).to_list()]
    assert counted == [keys.count(key) for key in made.table[X]]


def test_few_values_far_from_the_others_do_not_coarsen_these():
    made = table([*(float(i) for i in range(50)), 1e300, -1e300], [None] * 52, (60, 3))
    assert made.cuts[0] == 0
    crowd = [1000 + i / 1000 for i in range(1000)]
    assert table(crowd, [None] * 1000, (64, 3)).table.height > 32


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([-(2**40), -3, 0, 7, 2**40], pl.Int64),
        ([Decimal("-10.25"), Decimal("0.00"), Decimal("3.10")], pl.Decimal(12, 2)),
        ([date(1969, 1, 1), date(1970, 1, 1), date(2026, 1, 2)], pl.Date),
        ([datetime(1960, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 1, UTC)], pl.Datetime("us", "UTC")),
        ([float("-1e308"), -1.0, -5e-324, 0.0, 5e-324, 1e308], pl.Float64),
    ],
)
def test_keys_sort_as_the_values(values, dtype):
    keys = keys_of(pl.Series(values, dtype=dtype), ordered=True).to_list()
    assert keys == sorted(set(keys))


def test_one_zero_and_nulls():
    assert keys_of(pl.Series([-0.0, 0.0, None]), ordered=True).to_list() == [1 << 63, 1 << 63, None]
    assert number_of(1 << 63) == 0.0


def test_tables_of_different_caps_do_not_merge():
    with pytest.raises(ValueError, match="caps"):
        table([1.0], ["a"]).merge(table([1.0], ["a"], (5, 5)))
    assert table([1.0], ["a"]) != 1
