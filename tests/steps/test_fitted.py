"""Fitted steps against brute force: what is learnt, how it is applied, and that parts add up to the whole."""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.dtypes import types
from dq.params import ParamError, Scalar
from dq.states.group_counts import GroupCounts, added
from dq.steps.fitted import load
from dq.steps.fitted.base import FITTED_STEPS, FitTarget, FittedStep

load()
TYPES = {
    "g": types.STRING,
    "h": types.INTEGER,
    "x": types.NUMBER,
    "i": types.INTEGER,
    "d": types.decimal(12, 2),
    "s": types.STRING,
}
SCHEMA = {name: kind.polars for name, kind in TYPES.items()}
NUMBERS = st.one_of(st.integers(-5, 5).map(float), st.floats(-1e9, 1e9).map(lambda x: x + 0.0))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "g": st.sampled_from([None, "a", "b", "c"]),
            "h": st.sampled_from([None, 1, 2]),
            "x": st.one_of(st.none(), NUMBERS),
            "i": st.one_of(st.none(), st.integers(-4, 4), st.integers(-(2**62), 2**62)),
            "d": st.one_of(st.none(), st.decimals(-1000, 1000, places=2)),
            "s": st.sampled_from([None, "u", "v", "w"]),
        }
    ),
    max_size=40,
)


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


def step(kind: str, field: str, **params: Any) -> FittedStep:
    found = FITTED_STEPS.find(kind)
    assert found is not None
    return found(found.Params.model_validate(params), FitTarget(field, TYPES))


def learnt(made: FittedStep, data: pl.DataFrame) -> Any:
    """Freeze, go through JSON, and thaw: what is not in `state.json` is not known to `apply`."""
    return made.thaw(json.loads(json.dumps(made.freeze(made.partial(data)))))


def run(made: FittedStep, data: pl.DataFrame) -> list[Any]:
    return made.apply(data, learnt(made, data)).values.to_list()


def middle(values: list[Any], *, mean: bool) -> Any:
    ordered = sorted(values)
    return statistics.median(ordered) if mean else ordered[(len(ordered) - 1) // 2]


@settings(max_examples=60)
@given(ROWS)
def test_a_median_by_group_is_exact_and_falls_back_group_by_group(rows: list[dict[str, Any]]) -> None:
    for field in ("x", "i", "d"):
        expected = []
        for row in rows:
            chain = [("g", "h"), ("g",), ()]
            pools = [
                [r[field] for r in rows if r[field] is not None and all(r[k] == row[k] for k in by)] for by in chain
            ]
            pool = next((pool for pool in pools if pool), None)
            filled = None if pool is None else middle(pool, mean=field == "x")
            expected.append(row[field] if row[field] is not None else filled)
        assert run(step("median", field, by=["g", "h"]), frame(rows)) == expected


@settings(max_examples=60)
@given(ROWS)
def test_the_most_frequent_value_is_the_smallest_of_equals(rows: list[dict[str, Any]]) -> None:
    expected = []
    for row in rows:
        pools = [
            [r["s"] for r in rows if r["s"] is not None and (by == () or r["g"] == row["g"])] for by in (("g",), ())
        ]
        pool = next((pool for pool in pools if pool), [])
        best = min(pool, key=lambda v: (-pool.count(v), v), default=None)
        expected.append(row["s"] if row["s"] is not None else best)
    assert run(step("most_frequent", "s", by=["g"]), frame(rows)) == expected


@settings(max_examples=60)
@given(ROWS)
def test_a_mean_is_rounded_once(rows: list[dict[str, Any]]) -> None:
    values = [r["d"] for r in rows if r["d"] is not None]
    if values:
        exact = sum(map(Fraction, values), Fraction()) / len(values)
        mean = Decimal(round(exact * 100)) / 100
        assert [v for r, v in zip(rows, run(step("mean", "d"), frame(rows)), strict=True) if r["d"] is None] == [
            mean for r in rows if r["d"] is None
        ]
    numbers = [r["x"] for r in rows if r["x"] is not None]
    if numbers:
        filled = {v for r, v in zip(rows, run(step("mean", "x"), frame(rows)), strict=True) if r["x"] is None}
        assert filled <= {statistics.fmean(numbers)}


@settings(max_examples=60)
@given(ROWS, st.randoms(use_true_random=False))
def test_parts_add_up_to_the_whole_in_any_order(rows: list[dict[str, Any]], random: Any) -> None:
    for kind, field, params in (
        ("median", "x", {"by": ["g", "h"]}),
        ("mean", "x", {"by": ["g"]}),
        ("most_frequent", "s", {}),
        ("agree", "s", {"by": ["g"]}),
        ("iqr", "i", {"iqr": Scalar("1.5")}),
        ("mad", "d", {}),
    ):
        made = step(kind, field, **params)
        whole = made.freeze(made.partial(frame(rows)))
        shuffled = random.sample(rows, len(rows))
        cut = random.randint(0, len(rows))
        parts = [made.partial(frame(part)) for part in (shuffled[cut:], [], shuffled[:cut])]
        assert made.freeze(added(parts)) == whole
        assert made.freeze(parts[0].merge(parts[1]).merge(parts[2])) == whole


@settings(max_examples=60)
@given(ROWS, st.sampled_from(["iqr", "mad", "quantiles"]), st.sampled_from(["clip", "set_null", "quarantine"]))
def test_fences_agree_with_exact_order_statistics(rows: list[dict[str, Any]], kind: str, action: str) -> None:
    for field in ("x", "i", "d"):
        values = sorted(Fraction(r[field]) for r in rows if r[field] is not None)
        if not values:
            continue

        def quantile(share: Fraction, values: list[Fraction] = values) -> Fraction:
            place = share * (len(values) - 1)
            low = int(place)
            return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (place - low)

        if kind == "iqr":
            params: dict[str, Any] = {"iqr": Scalar("1.5")}
            q1, q3 = quantile(Fraction(1, 4)), quantile(Fraction(3, 4))
            low, high = q1 - Fraction(3, 2) * (q3 - q1), q3 + Fraction(3, 2) * (q3 - q1)
        elif kind == "mad":
            params = {"mad": Scalar("2")}
            centre = statistics.median(values)
            spread = Fraction(2) * Fraction(14826, 10000) * statistics.median([abs(v - centre) for v in values])
            low, high = centre - spread, centre + spread
        else:
            params = {"quantiles": [Scalar("0.25"), Scalar("0.5")]}
            low, high = quantile(Fraction(1, 4)), quantile(Fraction(1, 2))
        made = step(kind, field, action=Scalar(action), **params)
        data = frame(rows)
        applied = made.apply(data, learnt(made, data))
        rounded = (float(low), float(high)) if field == "x" else (low, high)
        outside = [r[field] is not None and not rounded[0] <= Fraction(r[field]) <= rounded[1] for r in rows]
        if action == "quarantine":
            assert (applied.refused.to_list() if applied.refused is not None else [False] * len(rows)) == outside
            assert applied.values.to_list() == [r[field] for r in rows]
        elif action == "set_null":
            assert applied.values.to_list() == [None if out else r[field] for r, out in zip(rows, outside, strict=True)]
        elif field != "x" and empty_between(low, high, field):
            scale = 100 if field == "d" else 1
            near = {Fraction(math.floor(low * scale), scale), Fraction(math.ceil(high * scale), scale)}
            assert {Fraction(v) for v in applied.values.drop_nulls()} <= near
        else:
            for row, out, after in zip(rows, outside, applied.values.to_list(), strict=True):
                assert after == row[field] if not out else low <= Fraction(after) <= high or field == "x"


def empty_between(low: Fraction, high: Fraction, field: str) -> bool:
    """Return whether the type of an integer or decimal field has no value between two fences."""
    scale = 100 if field == "d" else 1
    return math.ceil(low * scale) > math.floor(high * scale)


def test_a_stated_fence_may_be_open() -> None:
    made = step("bounds", "i", bounds=[Scalar("null"), Scalar("10")], action=Scalar("clip"))
    frozen = made.freeze(None)
    frame = pl.DataFrame({"i": [-(10**9), 10, 11, None]})
    assert frozen == {"low": None, "high": "10"}
    assert made.apply(frame, made.thaw(frozen)).values.to_list() == [-(10**9), 10, 10, None]


def test_fences_between_two_integers_clip_to_those() -> None:
    data = frame([dict.fromkeys(TYPES) | {"i": i} for i in (-9, 0, 1, 7)])
    made = step("quantiles", "i", quantiles=[Scalar("0.4"), Scalar("0.5")], action=Scalar("clip"))
    assert made.freeze(made.partial(data)) == {"low": "1", "high": "0"}
    assert run(made, data) == [0, 0, 1, 1]


@settings(max_examples=60)
@given(ROWS, st.sampled_from([Fraction(1, 2), Fraction(3, 5), Fraction(1)]), st.integers(1, 3))
def test_agreement_never_guesses(rows: list[dict[str, Any]], share: Fraction, least: int) -> None:
    expected = []
    for row in rows:
        pool = Counter(r["s"] for r in rows if r["s"] is not None and r["g"] == row["g"] and r["h"] == row["h"])
        after = row["s"]
        if row["g"] is not None and row["h"] is not None and pool and row["s"] is not None:
            (best, count), *others = pool.most_common()
            tie = any(other == count for _, other in others)
            if not tie and count >= least and Fraction(count, pool.total()) >= share:
                after = best
        expected.append(after)
    made = step("agree", "s", by=["g", "h"], min_share=share, min_count=Scalar(str(least)))
    assert run(made, frame(rows)) == expected


def test_nothing_learnt_changes_nothing() -> None:
    data = frame([{"g": "a", "h": 1, "x": None, "i": None, "d": None, "s": None}])
    for kind, field, params in (
        ("median", "x", {"by": ["g"]}),
        ("mean", "d", {}),
        ("most_frequent", "s", {"by": ["g"]}),
        ("iqr", "x", {}),
        ("mad", "x", {}),
        ("agree", "s", {"by": ["g"]}),
    ):
        made = step(kind, field, **params)
        assert run(made, data) == [None]
        assert made.apply(data.clear(), learnt(made, data)).values.to_list() == []


def test_medians_of_large_numbers_do_not_overflow() -> None:
    data = frame([dict.fromkeys(TYPES) | {"x": x} for x in (1.7e308, 1.6e308, None)])
    assert run(step("median", "x"), data) == [1.7e308, 1.6e308, 1.7e308 / 2 + 1.6e308 / 2]


@pytest.mark.parametrize(
    ("kind", "field", "params", "code"),
    [
        ("median", "x", {"by": ["nobody"]}, "DQ311"),
        ("median", "x", {"by": ["x"]}, "DQ308"),
        ("mean", "i", {}, "DQ304"),
        ("agree", "s", {"by": ["s"]}, "DQ308"),
        ("agree", "s", {"by": ["nobody"]}, "DQ311"),
        ("quantiles", "x", {"quantiles": [Scalar("0.9"), Scalar("0.1")]}, "DQ308"),
        ("bounds", "i", {"bounds": [Scalar("5"), Scalar("1")]}, "DQ308"),
        ("bounds", "i", {"bounds": [Scalar("null"), Scalar("~")]}, "DQ308"),
        ("bounds", "i", {"bounds": [Scalar("a"), Scalar("1")]}, "DQ318"),
    ],
)
def test_parameters_that_cannot_be_meant_are_refused(kind: str, field: str, params: dict[str, Any], code: str) -> None:
    with pytest.raises(ParamError) as caught:
        step(kind, field, **params)
    assert caught.value.code == code


def test_a_fence_beyond_the_type_is_no_fence() -> None:
    far = [-(2**62), -(2**62), 0, 2**62, 2**62, 2**62]
    data = frame([dict.fromkeys(TYPES) | {"i": i, "x": 1.7e308 if i > 0 else -1.7e308, "d": None} for i in far])
    for field in ("i", "x"):
        made = step("iqr", field, iqr=Scalar("3"), action=Scalar("clip"))
        assert made.freeze(made.partial(data)) == {"low": None, "high": None}
        assert run(made, data) == data[field].to_list()


def test_groups_of_nothing_are_neutral() -> None:
    data = frame([{"g": "a", "h": 1, "x": 1.0, "i": None, "d": None, "s": None}])
    counts = GroupCounts.fit(data, ["g"], "x")
    neutral = GroupCounts.neutral({"g": pl.String()}, pl.Float64())
    assert counts.merge(neutral).sorted().equals(counts.sorted())
    assert neutral.merge(counts).sorted().equals(counts.sorted())
