"""What one column tells of the target, against a second opinion that looks at every row by itself."""

from __future__ import annotations

import random
from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.checks.ml.association import LEAST, told_of_classes, told_of_numbers
from dq.states.contingency import Contingency

VALUES = st.one_of(st.none(), st.sampled_from("abcd"), st.text("xyz", min_size=3, max_size=5))


def pairs(x, y, *, ordered=False, numbers=False, caps=(5000, 500)):
    kinds = (pl.Float64 if ordered else pl.String, pl.Float64 if numbers else pl.String)
    return Contingency.fit(pl.Series(x, dtype=kinds[0]), pl.Series(y, dtype=kinds[1]), caps, (ordered, numbers))


def pooled(x):
    """Return the values, those that occur once as one."""
    counts = Counter(x)
    return [v if v is None or counts[v] > 1 else "\0once" for v in x]


def lambda_by_rows(x, y):
    """Guess the class of each row from the other rows of its value; a guess that is of two minds is wrong."""
    rows = [(v, c) for v, c in zip(x, y, strict=True) if c is not None]
    values, classes = pooled([v for v, _ in rows]), [c for _, c in rows]
    base = len(rows) - max(Counter(classes).values(), default=0)
    wrong = 0
    for i, value in enumerate(values):
        others = Counter(classes[j] for j, other in enumerate(values) if other == value and j != i).most_common()
        clear = others and (len(others) == 1 or others[0][1] > others[1][1])
        wrong += not (clear and others[0][0] == classes[i])
    return None if not base else max(0.0, 1 - wrong / base)


@given(st.lists(st.tuples(VALUES, st.sampled_from(["p", "q", "r", None])), max_size=40))
def test_classes_by_value(rows):
    x, y = [x for x, _ in rows], [y for _, y in rows]
    assert told_of_classes(pairs(x, y), ordered=False) == pytest.approx(lambda_by_rows(x, y))


def ratio_by_rows(x, y):
    """Guess the rank of each row from the other rows of its value, of a lonely one from the mean of all."""
    rows = [(v, t) for v, t in zip(x, y, strict=True) if t is not None]
    values, targets = pooled([v for v, _ in rows]), [t for _, t in rows]
    ranks = [sum(o < t for o in targets) + (targets.count(t) + 1) / 2 for t in targets]
    mean = (len(ranks) + 1) / 2

    def error(groups):
        total = 0.0
        for i, group in enumerate(groups):
            others = [ranks[j] for j, other in enumerate(groups) if other == group and j != i]
            total += (ranks[i] - (sum(others) / len(others) if others else mean)) ** 2
        return total

    base = error([0] * len(ranks))
    return None if not base else max(0.0, 1 - error(values) / base)


@given(st.lists(st.tuples(VALUES, st.one_of(st.none(), st.integers(-4, 4).map(float))), max_size=40))
def test_numbers_by_value(rows):
    x, y = [x for x, _ in rows], [y for _, y in rows]
    told, wanted = told_of_numbers(pairs(x, y, numbers=True), ordered=False), ratio_by_rows(x, y)
    assert told == (wanted if wanted is None else pytest.approx(wanted, abs=1e-9))


class TestNumbersAgainstClasses:
    def test_a_threshold_settles_the_class_wherever_it_lies(self):
        rng = random.Random(1)
        for share in (0.5, 0.1, 0.03):
            x = [rng.random() for _ in range(1000)]
            y = ["late" if value < share else "in time" for value in x]
            assert told_of_classes(pairs(x, y, ordered=True), ordered=True) == pytest.approx(1, abs=0.001)

    def test_a_band_in_the_middle_settles_it_too_and_noise_costs_as_much_as_there_is(self):
        rng = random.Random(2)
        x = [rng.gauss(0, 1) for _ in range(2000)]
        y = [str(abs(value) < 0.5) for value in x]
        assert told_of_classes(pairs(x, y, ordered=True), ordered=True) == 1
        noisy = [c if rng.random() > 0.02 else str(c != "True") for c in y]
        assert 0.9 < told_of_classes(pairs(x, noisy, ordered=True), ordered=True) < 0.98

    def test_nothing_is_made_up(self):
        rng = random.Random(3)
        x = [rng.random() for _ in range(3000)]
        for share in (0.5, 0.05):
            y = [str(rng.random() < share) for _ in x]
            assert told_of_classes(pairs(x, y, ordered=True), ordered=True) < 0.35

    def test_many_values_are_ranges_and_still_tell(self):
        rng = random.Random(4)
        x = [rng.lognormvariate(0, 3) for _ in range(20_000)]
        y = [str(value > 2) for value in x]
        assert told_of_classes(pairs(x, y, ordered=True, caps=(512, 100)), ordered=True) > 0.98

    def test_a_missing_value_tells(self):
        x = [float(i) if i % 5 == 0 else None for i in range(500)]
        y = [str(i % 5 == 0) for i in range(500)]
        assert told_of_classes(pairs(x, y, ordered=True), ordered=True) == 1

    def test_codes_tell_by_value_where_their_order_does_not(self):
        rng = random.Random(5)
        x = [float(rng.randrange(300)) for _ in range(5000)]
        y = [str(hash_of(value) % 2) for value in x]
        assert told_of_classes(pairs(x, y, ordered=True), ordered=True) > 0.95

    def test_short_ranges_are_no_ranges(self):
        x = [float(i) for i in range(LEAST + 2)]
        y = ["a"] * LEAST + ["b", "b"]
        assert told_of_classes(pairs(x, y, ordered=True), ordered=True) == 0


def hash_of(value: float) -> int:
    return (int(value) * 2654435761) >> 7


class TestNumbersAgainstNumbers:
    def test_any_monotone_relation_tells(self):
        rng = random.Random(6)
        x = [rng.gauss(0, 1) for _ in range(2000)]
        for shape in (lambda v: 3 * v + 7, lambda v: -v, lambda v: v**3, lambda v: 10**v):
            y = [shape(value) for value in x]
            assert told_of_numbers(pairs(x, y, ordered=True, numbers=True), ordered=True) > 0.99
            coarse = pairs(x, y, ordered=True, numbers=True, caps=(512, 128))
            assert told_of_numbers(coarse, ordered=True) > 0.99

    def test_nothing_is_made_up(self):
        rng = random.Random(7)
        x, y = [rng.random() for _ in range(2000)], [rng.random() for _ in range(2000)]
        assert told_of_numbers(pairs(x, y, ordered=True, numbers=True), ordered=True) < 0.1
        both = [a + b for a, b in zip(x, y, strict=True)]
        assert told_of_numbers(pairs(x, both, ordered=True, numbers=True), ordered=True) == pytest.approx(0.5, abs=0.08)

    def test_a_missing_value_is_a_range_of_its_own(self):
        rng = random.Random(8)
        y = [rng.random() for _ in range(800)]
        x = [value if value < 0.9 else None for value in y]
        assert told_of_numbers(pairs(x, y, ordered=True, numbers=True), ordered=True) > 0.99

    def test_a_row_is_not_guessed_from_itself(self):
        x = [float(i // 2) for i in range(16)]
        y = [float(i * 7 % 16) for i in range(16)]
        assert told_of_numbers(pairs(x, y, ordered=True, numbers=True), ordered=False) == ratio_by_rows(x, y)

    def test_a_target_that_does_not_vary_has_no_answer(self):
        assert told_of_numbers(pairs([1.0, 2.0], [5.0, 5.0], ordered=True, numbers=True), ordered=True) is None
        assert told_of_classes(pairs(["a", "b"], ["x", "x"]), ordered=False) is None
        assert told_of_classes(pairs([], []), ordered=False) is None


def test_an_identifier_tells_nothing():
    x = [f"id{i}" for i in range(1000)]
    assert told_of_classes(pairs(x, [str(i % 3) for i in range(1000)]), ordered=False) == 0
    assert told_of_numbers(pairs(x, [float(i) for i in range(1000)], numbers=True), ordered=False) == 0
