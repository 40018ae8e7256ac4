"""Misspellings and vocabularies, against brute force: what is near, what is a word, and what is left alone."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.dtypes import types
from dq.params import ParamError
from dq.states.group_counts import added
from dq.steps.fitted import load, nearest
from dq.steps.fitted.base import FITTED_STEPS, FitTarget, FittedStep
from dq.steps.fitted.nearest import Words, near_and_outdone, reach

load()
TYPES = {"g": types.STRING, "h": types.INTEGER, "s": types.STRING}
SCHEMA = {name: kind.polars for name, kind in TYPES.items()}
TEXTS = st.text(alphabet="abA", max_size=4)
ROWS = st.lists(st.tuples(st.sampled_from([None, "x", "y"]), st.one_of(st.none(), TEXTS)), max_size=30)


def errors(one: str, other: str) -> int:
    """The distance of optimal string alignment, by its definition."""
    table = [[i + j if i * j == 0 else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            changed = table[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, changed)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


def alone(text: str, words: list[str], most: int, *, ignore_case: bool = False) -> str | None:
    """The word that is nearer than all others, by comparing with each."""
    form = str.casefold if ignore_case else str
    most = min(most, max(0, len(form(text)) - 1))
    found = sorted((errors(form(text), form(word)), word) for word in words)
    if text in words or not found or found[0][0] > most or (len(found) > 1 and found[1][0] == found[0][0]):
        return None
    return found[0][1]


def frame(rows: list[tuple[str | None, str | None]]) -> pl.DataFrame:
    return pl.DataFrame({"g": [g for g, _ in rows], "h": [1] * len(rows), "s": [s for _, s in rows]}, schema=SCHEMA)


def step(field: str = "s", reference: Any = None, **params: Any) -> FittedStep:
    found = FITTED_STEPS.find("vocabulary")
    assert found is not None
    return found(found.Params.model_validate(params), FitTarget(field, TYPES, reference))


def run(made: FittedStep, learn: pl.DataFrame, data: pl.DataFrame | None = None) -> list[Any]:
    """Freeze, go through JSON, thaw and apply."""
    learnt = made.thaw(json.loads(json.dumps(made.freeze(made.partial(learn)))))
    return made.apply(learn if data is None else data, learnt).values.to_list()


@settings(max_examples=100)
@given(st.sets(TEXTS, max_size=8), st.sets(TEXTS, max_size=8), st.integers(1, 3), st.booleans())
def test_the_nearest_word_is_that_of_comparing_with_each(
    texts: set[str], words: set[str], most: int, ignore_case: bool
) -> None:
    found = Words(tuple(sorted(words)), most, ignore_case).nearest(sorted(texts))
    assert found == {
        text: word for text in texts if (word := alone(text, sorted(words), most, ignore_case=ignore_case)) is not None
    }


def test_tables_of_distances_are_cut_without_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"word {number}" for number in range(60)]
    words = Words(tuple(f"word {number}x" for number in range(0, 60, 7)), 2)
    whole = words.nearest(texts)
    monkeypatch.setattr(nearest, "_CELLS", 20)
    assert words.nearest(texts) == whole != {}


def test_a_distance_may_be_a_share_of_the_characters() -> None:
    assert [reach(Fraction(1, 10), length) for length in (0, 9, 10, 19, 20, 10_000)] == [0, 0, 1, 1, 2, 250]
    assert [reach(3, length) for length in (0, 1, 2, 4, 9)] == [0, 0, 1, 3, 3]
    made = step(words=["government"], max_distance="20%")
    assert run(made, frame([(None, "governmxxt"), (None, "govxxnmxnt")])) == ["government", "govxxnmxnt"]


@settings(max_examples=60)
@given(ROWS, st.integers(0, 3), st.integers(0, 4))
def test_a_learnt_vocabulary_is_that_of_its_definition(
    rows: list[tuple[str | None, str | None]], min_count: int, ratio: int
) -> None:
    expected: list[str | None] = []
    for group, value in rows:
        counts = Counter(s for g, s in rows if g == group and s is not None)

        def outdone(text: str, counts: Counter[str] = counts) -> bool:
            return any(
                counts[word] >= max(ratio * counts[text], min_count)
                for word in counts
                if word != text and errors(word, text) <= min(1, max(0, len(text) - 1))
            )

        words = [word for word in counts if counts[word] >= min_count and not outdone(word)]
        mended = value is not None and group is not None and value not in words and outdone(value)
        found = alone(value, words, 1) if mended else None  # type: ignore[arg-type] - mended says that it is a text
        expected.append(found if found is not None else value)
    assert run(step(by=["g"], min_count=min_count, min_ratio=ratio), frame(rows)) == expected


@settings(max_examples=60)
@given(ROWS, st.randoms(use_true_random=False), st.sampled_from(["value", "word"]))
def test_parts_add_up_and_one_row_alone_is_mended_like_all(
    rows: list[tuple[str | None, str | None]], random: Any, unit: str
) -> None:
    rows = [(g, None if s is None else f"{s} {s[::-1]}, 1") for g, s in rows]
    made = step(by=["g"], min_ratio=2, unit=unit, max_distance=2)
    whole = made.freeze(made.partial(frame(rows)))
    shuffled = random.sample(rows, len(rows))
    cut = random.randint(0, len(rows))
    parts = [made.partial(frame(part)) for part in (shuffled[cut:], [], shuffled[:cut])]
    assert made.freeze(added(parts)) == whole
    learnt = made.thaw(whole)
    one_by_one = [made.apply(frame([row]), learnt).values[0] for row in rows]
    assert made.apply(frame(rows), learnt).values.to_list() == one_by_one


def test_a_rare_value_near_a_frequent_one_is_kept_unless_it_is_rare_enough() -> None:
    rows = [(None, city) for city in ["austin"] * 40 + ["justin"] * 5 + ["ausxin"] * 4 + ["auston"]]
    mended = run(step(by=[], min_ratio=10, max_distance=1), frame(rows))
    assert Counter(mended) == {"austin": 45, "justin": 5}  # 4 and 1 are a tenth of 40 at most, 5 are more
    unseen = frame([(None, "austan"), (None, "justan"), (None, "xustin")])
    assert run(step(min_ratio=10), frame(rows), unseen) == ["austin", "justin", "xustin"]  # the last is near to both


def test_only_the_most_frequent_words_are_learnt_and_the_rest_is_left_alone() -> None:
    rows = [(None, text) for text in ["aaaa"] * 9 + ["bbbb"] * 9 + ["bbbc"] * 3]
    frozen = step(max_words=1, min_ratio=0).freeze(step().partial(frame(rows)))
    assert frozen == {"by": [], "words": [["aaaa"]], "kept": []}
    frozen = step(max_words=2, min_ratio=10).freeze(step().partial(frame(rows)))
    assert frozen == {"by": [], "words": [["aaaa"], ["bbbb"]], "kept": [["bbbc"]]}


def test_words_inside_of_texts_are_mended_and_the_rest_stays() -> None:
    rows = [
        (None, text)
        for text in ["12 patients, 3", "13 patients", "  4\tpaxients!\n", "5xpatients", "", "é é e\u0301", None]
    ]
    expected = ["12 patients, 3", "13 patients", "  4\tpatients!\n", "5xpatients", "", "é é e\u0301", None]
    assert run(step(unit="word", min_ratio=2), frame(rows)) == expected


def test_given_words_need_no_learning_and_write_their_own_spelling() -> None:
    made = step(words=["Red", "Green"], ignore_case=True)
    assert not made.learns
    data = frame([(None, "red"), (None, "GREEM"), (None, "blue"), (None, None), (None, "Red")])
    assert made.apply(data, made.thaw(made.freeze(None))).values.to_list() == ["Red", "Green", "blue", None, "Red"]
    assert step().freeze(None) == {"by": [], "words": [], "kept": []}


def test_identity_tells_apart_whatever_decides() -> None:
    base: dict[str, Any] = {"words": ["a"], "max_distance": 2}
    ways = [base, {"words": ["b"]}, {"max_distance": "2%"}, {"ignore_case": True}, {"unit": "word"}]
    ways += [
        {"words": "learnt", other: value}
        for other, value in (("min_count", 3), ("min_ratio", 3), ("max_words", 3), ("by", ["g"]))
    ]
    identities = [json.dumps(step(**{**base, **way}).identity(), sort_keys=True) for way in ways]
    assert len(set(identities)) == len(ways)


@pytest.mark.parametrize(
    ("params", "code", "key"),
    [
        ({"by": ["s"]}, "DQ308", "by"),
        ({"by": ["z"]}, "DQ311", "by"),
        ({"words": []}, "DQ307", "words"),
        ({"words": ["a", "a"]}, "DQ324", "words"),
        ({"words": ["a"], "by": ["g"]}, "DQ321", "by"),
        ({"words": ["a"], "min_count": 3}, "DQ321", "min_count"),
        ({"column": "c"}, "DQ321", "column"),
        ({"file": "f.csv"}, "DQ306", "column"),
        ({"file": "f.csv", "column": "c"}, "DQ320", "file"),
        ({"file": "f.csv", "column": "c", "words": ["a"]}, "DQ321", "words"),
        ({"max_distance": 0}, "DQ308", "max_distance"),
    ],
)
def test_what_cannot_be_meant_is_refused(params: dict[str, Any], code: str, key: str) -> None:
    with pytest.raises(ParamError) as caught:
        step(**params)
    assert (caught.value.code, caught.value.key) == (code, key)


def test_an_empty_file_is_no_vocabulary() -> None:
    with pytest.raises(ParamError, match="DQ320"):
        step(reference=lambda *_: (), file="f.csv", column="c")


def test_without_rapidfuzz_the_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "find_spec", lambda _: None)
    with pytest.raises(ParamError) as caught:
        step()
    assert (caught.value.code, caught.value.values["extra"]) == ("DQ325", "match")


def test_near_and_outdone_are_told_apart() -> None:
    counts = {"aaa": 9, "aab": 1, "aac": 8, "zzz": 1}
    near, outdone = near_and_outdone(counts, Words(("aaa", "aac"), 1), 5)
    assert (near, outdone) == ({"aaa", "aab", "aac"}, {"aab"})


SPEC = """\
dq: 1
event: colours
version: 1.0.0
fields:
  shop: {type: string}
  colour:
    type: string
    repair:
      - {vocabulary: {file: words.csv, column: word}, max_distance: 1, ignore_case: true}
      - {agree: {by: [shop]}}
      - {vocabulary: learnt, min_ratio: 2}
"""


def test_a_state_mends_one_event_as_the_batch_was(tmp_path: Path) -> None:
    (tmp_path / "words.csv").write_text("word\nred\ngreen\n", encoding="utf-8")
    (tmp_path / "s.dq.yaml").write_text(SPEC, encoding="utf-8")
    plan = dq.load(tmp_path / "s.dq.yaml")
    colours = ["Red", "rod", "azure", "azure", "azure", "bzure", None, "green"]
    records = [{"shop": "abcdefgh"[number], "colour": colour} for number, colour in enumerate(colours)]
    result = plan.run(records)
    mended = result.accepted["colour"].to_list()
    assert mended == ["red", "red", "azure", "azure", "azure", "azure", None, "green"]
    events = [plan.check_event(record, state=result.state) for record in records]
    assert [event.record["colour"] for event in events if event.record] == mended
    assert [step["changed"] for step in result.report["cleaning"]] == [2, 0, 1]
