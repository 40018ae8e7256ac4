"""Drift against the definitions, computed from the values themselves with numpy."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.checks import EXPECTATIONS, ParamError, load
from dq.checks.expectations import Batch, Judgement, Subject
from dq.dtypes.types import parse_type
from dq.states.measures import Measured
from dq.states.profile import Profile

load()
KIND = EXPECTATIONS.find("drift")
ALL = {
    "number": {"psi": "0.2", "js": "0.1", "ks": "0.1", "chi_square": "0.01", "mean": "0.5", "missing": "5%"},
    "string": {"psi": "0.2", "js": "0.1", "chi_square": "0.01", "new_values": "1%", "missing": "5%"},
}
ALL |= {"integer": ALL["number"] | {"new_values": "1%"}, "decimal(8,2)": ALL["number"], "boolean": ALL["string"]}
TIMES = {name: limit for name, limit in ALL["number"].items() if name != "mean"}
ALL |= {"date": TIMES, "datetime": TIMES, "time": TIMES, "duration": TIMES}


def asked(of: str, pii: bool = False, **limits: str) -> Any:
    assert KIND is not None
    given = {name: float(limit) if name in {"psi", "mean"} else limit for name, limit in (limits or ALL[of]).items()}
    return KIND(KIND.Params(**given), Subject("x", {"x": parse_type(of)}, pii=pii))


def frames(parts: list[list[Any]], of: str) -> list[pl.DataFrame]:
    return [pl.DataFrame({"x": pl.Series(part, dtype=parse_type(of).polars)}) for part in parts]


def learn(expectation: Any, parts: list[list[Any]], of: str) -> Profile:
    """Return the reference of some values, as it comes out of a state."""
    measured = Measured(expectation.measures())
    for frame in frames(parts, of):
        measured.add(frame)
    return Profile.from_json(json.loads(json.dumps(measured.of(expectation.compares()).as_json())))


def compare(expectation: Any, reference: list[Any], parts: list[list[Any]], of: str) -> Judgement:
    """Return the verdict on some values that come in parts, against a reference."""
    learnt = learn(expectation, [reference], of)
    measured = Measured((*expectation.measures(), *expectation.measures_against(learnt)))
    for frame in frames(parts, of):
        measured.add(frame)
    rows = sum(map(len, parts))
    found = expectation.judge(Batch(rows, measured=measured, references={"x": learnt}))
    assert isinstance(found, Judgement)
    return found


def values_of(found: Judgement) -> dict[str, Any]:
    assert found.details is not None
    return {name: measure["value"] for name, measure in found.details["measures"].items()}


def shares(counts: list[int]) -> np.ndarray:
    return np.maximum(np.array(counts) / sum(counts), 0.0001)


def psi(one: list[int], two: list[int]) -> float:
    r, b = shares(one), shares(two)
    return float(((b - r) * np.log(b / r)).sum())


NUMBERS = st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=60)


def cut(values: list[Any], at: list[int]) -> list[list[Any]]:
    edges = sorted({0, *(n % (len(values) + 1) for n in at), len(values)})
    return [values[start:stop] for start, stop in pairwise(edges)] or [[]]


@settings(max_examples=80)
@given(NUMBERS, NUMBERS, st.lists(st.integers(0, 40), max_size=3))
def test_whole_numbers_by_the_definitions(one: list[int | None], two: list[int | None], at: list[int]) -> None:
    found = compare(asked("integer"), one, cut(two, at), "integer")
    before, after = ([value for value in side if value is not None] for side in (one, two))
    measures = values_of(found)
    assert measures["missing"] == pytest.approx(abs(one.count(None) / len(one) - two.count(None) / len(two)))
    if not before or not after:
        assert found.passed in {None, False}
        assert measures["psi"] is None
        return
    bins = found.details["histogram"]
    few = len({*before}) <= 20
    for label in bins:  # the counts of the bins, counted again from their names
        if few:
            counted = [
                sum(v == label["value"] or (label["value"] is None and v not in before) for v in s)
                for s in (before, after)
            ]
            assert [label["reference"], label["batch"]] == counted
            continue
        low = -math.inf if label["from"] is None else label["from"]
        high = math.inf if label["to"] is None else label["to"]
        assert label["reference"] == sum(low <= value < high for value in before)
        assert label["batch"] == sum(low <= value < high for value in after)
    assert len(bins) == len({*before}) + 1 if few else sum(label["reference"] for label in bins[1:-1]) == len(before)
    assert measures["psi"] == pytest.approx(psi(*([b[s] for b in bins] for s in ("reference", "batch"))), abs=1e-7)
    every = sorted({*before, *after})
    truth = max(abs(np.mean([x <= v for x in before]) - np.mean([x <= v for x in after])) for v in every)
    assert measures["ks"] == pytest.approx(truth, abs=1e-8)
    assert measures["new_values"] == pytest.approx(np.mean([x not in before for x in after]))
    spread = np.std(before, ddof=1) if len(before) > 1 else 0
    if spread > 0:
        assert measures["mean"] == pytest.approx(abs(np.mean(after) - np.mean(before)) / spread, rel=1e-7)


WORDS = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "c", "d"])), max_size=30)


@given(WORDS, WORDS, st.lists(st.integers(0, 30), max_size=3))
def test_categories_by_the_definitions(one: list[str | None], two: list[str | None], at: list[int]) -> None:
    found = compare(asked("string"), one, cut(two, at), "string")
    before, after = (Counter(value for value in side if value is not None) for side in (one, two))
    if not before or not after:
        assert values_of(found)["psi"] is None
        return
    names = sorted(before, key=lambda name: (-before[name], name))
    counts = [[before[name] for name in names] + [0], [after[name] for name in names]]
    counts[1].append(sum(after.values()) - sum(counts[1]))
    bins = found.details["histogram"]
    assert [b["value"] for b in bins] == [*names, None]
    assert [[b["reference"] for b in bins], [b["batch"] for b in bins]] == counts
    assert values_of(found)["psi"] == pytest.approx(psi(*counts), abs=1e-7)
    assert values_of(found)["new_values"] == pytest.approx(counts[1][-1] / sum(counts[1]))
    fresh = {item["value"]: item["count"] for item in found.details["new_values"]}
    assert fresh == {name: count for name, count in after.items() if name not in before}


def normal(mean: float, seed: int, count: int = 4000) -> list[float]:
    return np.random.default_rng(seed).normal(mean, 10, count).tolist()


def test_bins_of_numbers_are_tenths_of_the_reference() -> None:
    found = compare(asked("number"), normal(100, 1), [normal(103, 2)], "number")
    bins = found.details["histogram"]
    assert len(bins) == 12
    assert (bins[0]["reference"], bins[-1]["reference"]) == (0, 0)
    assert all(abs(b["reference"] - 400) <= 60 for b in bins[1:-1])
    assert [b["to"] for b in bins[:-1]] == [b["from"] for b in bins[1:]]


def test_a_heavy_value_hides_nothing_behind_it() -> None:
    """Nine tenths of zeros: all tenths end in them, and yet what lies above is compared."""
    one = [0.0] * 900 + [float(n) for n in range(1, 101)]
    two = [0.0] * 500 + [float(n) for n in range(1, 101)] * 5
    found = compare(asked("number"), one, [two], "number")
    counts = [(b["reference"], b["batch"]) for b in found.details["histogram"]]
    assert counts == [(0, 0), (900, 500), (100, 500), (0, 0)]


def test_codes_are_compared_one_by_one() -> None:
    found = compare(asked("integer"), [1] * 97 + [2, 2, 5], [[1] * 50 + [2] * 40 + [3] * 10], "integer")
    bins = [tuple(b.values()) for b in found.details["histogram"]]
    assert bins == [(1, 97, 50), (2, 2, 40), (5, 1, 0), (None, 0, 10)]
    assert values_of(found)["psi"] == pytest.approx(psi([97, 2, 1, 0], [50, 40, 0, 10]))


def test_kolmogorov_smirnov_lies_within_what_is_stated() -> None:
    one, two = normal(100, 1), normal(103, 2)
    measure = compare(asked("number"), one, [two], "number").details["measures"]["ks"]
    truth = pytest.importorskip("scipy.stats").ks_2samp(one, two).statistic
    assert measure["value"] - 1e-9 <= truth <= measure["at_most"] + 1e-9
    assert measure["at_most"] - measure["value"] < 0.03


@pytest.mark.parametrize("of", sorted(ALL))
def test_the_same_again_is_no_drift(of: str) -> None:
    start = {
        "number": 0.5, "integer": 0, "decimal(8,2)": Decimal("0.25"), "date": date(2026, 1, 1),
        "datetime": datetime(2026, 1, 1, tzinfo=UTC), "duration": timedelta(0),
    }.get(of)  # fmt: skip
    step = timedelta(days=1) if of in {"date", "datetime", "duration"} else 1
    values: list[Any] = ["a", "b", None] if start is None else [start + n * step for n in range(50)]
    if of in {"boolean", "time"}:
        values = [True, False, None] if of == "boolean" else [time(n) for n in range(20)]
    found = compare(asked(of), values, [values, values], of)
    assert found.passed is True
    assert {value for name, value in values_of(found).items() if name != "chi_square"} == {0}
    assert values_of(found)["chi_square"] == 1
    json.dumps(found.details, allow_nan=False)


def test_a_batch_that_moved_fails_what_it_moved_in() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(31)]
    later = [day + timedelta(days=31) for day in days]
    found = compare(asked("date"), days, [later], "date")
    passed = {name: measure["passed"] for name, measure in found.details["measures"].items()}
    assert passed == {"psi": False, "js": False, "ks": False, "chi_square": False, "missing": True}
    assert found.passed is False
    assert found.observed.startswith("psi ")
    assert values_of(found)["ks"] == 1


def test_nulls_are_a_measure_of_their_own() -> None:
    found = compare(asked("integer", psi="0.1", missing="10%"), [1, 2, 3, 4], [[1, 2, 3, 4], [None] * 4], "integer")
    assert found.passed is False
    assert values_of(found)["psi"] == 0
    assert values_of(found)["missing"] == 0.5


def test_a_constant_that_moves_is_seen() -> None:
    found = compare(asked("number"), [5.0] * 10, [[5.5] * 10], "number")
    assert found.passed is False
    assert values_of(found)["ks"] == values_of(found)["js"] == 1
    assert (values_of(found)["mean"], found.details["measures"]["mean"]["passed"]) == (None, False)


def test_more_values_than_are_counted_are_seen_by_the_known_ones() -> None:
    """A batch may have any number of values; a reference of more than 1000 can only not be evaluated."""
    many = [f"w{n}" for n in range(1500)]
    found = compare(asked("string", psi="0.2", new_values="1%"), ["a", "b"], [["a"] * 500, many], "string")
    assert found.passed is False
    assert values_of(found)["new_values"] == 0.75
    assert found.details["new_values"] == []
    turned = compare(asked("string", psi="0.2"), many, [["a"]], "string")
    assert (turned.passed, turned.note) == (None, "there are too many distinct values to compare them one by one")


def test_without_a_state_and_without_values_there_is_nothing_to_judge() -> None:
    expectation = asked("integer", psi="0.2")
    found = expectation.judge(Batch(5, measured=Measured(expectation.measures())))
    assert (found.passed, found.quiet) == (None, True)
    found = expectation.judge(Batch(5, measured=Measured(expectation.measures()), references={}))
    assert (found.passed, found.quiet) == (None, False)
    assert "no reference profile of x" in found.note
    assert compare(expectation, [1], [[None, None]], "integer").note == "the batch has no values"
    assert compare(expectation, [None], [[1]], "integer").note == "the reference has no values"
    assert compare(expectation, [], [[]], "integer").passed is None


def test_personal_data_is_compared_and_not_told() -> None:
    found = compare(asked("integer", pii=True), [424242, 434343], [[454545]], "integer")
    assert not any(word in json.dumps(found.details) for word in ("4242", "4343", "4545"))
    assert found.passed is False
    words = compare(asked("string", pii=True), ["secret"], [["hidden", "hidden"]], "string")
    assert not any(word in json.dumps(words.details) for word in ("secret", "hidden"))


@pytest.mark.parametrize(
    ("of", "limits", "code"),
    [
        ("string", {"ks": "0.1"}, "DQ321"),
        ("date", {"mean": "0.1"}, "DQ321"),
        ("number", {"new_values": "0.1"}, "DQ321"),
        ("number", {"psi": "-1"}, "DQ308"),
    ],
)
def test_limits_that_cannot_be_meant(of: str, limits: dict[str, str], code: str) -> None:
    with pytest.raises(ParamError) as error:
        asked(of, **limits)
    assert error.value.code == code


def test_a_limit_is_needed() -> None:
    with pytest.raises(ParamError, match="DQ306"):
        KIND(KIND.Params(), Subject("x", {"x": parse_type("number")}))


def test_limits_at_the_ends_of_their_range_ask_nothing() -> None:
    assert asked("string", js="1", new_values="100%", chi_square="0").idle()
    assert not asked("string", js="1", new_values="99%").idle()
