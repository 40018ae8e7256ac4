"""Agreement against brute force: keys that vote, ties, thresholds, and what is only a misspelling."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.dtypes import types
from dq.params import ParamError
from dq.states.group_counts import added
from dq.steps.fitted import load, nearest
from dq.steps.fitted.base import FITTED_STEPS, FitTarget, FittedStep

load()
TYPES = {"a": types.STRING, "b": types.INTEGER, "c": types.STRING, "s": types.STRING, "n": types.INTEGER}
SCHEMA = {name: kind.polars for name, kind in TYPES.items()}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "a": st.sampled_from([None, "x", "y"]),
            "b": st.sampled_from([None, 1, 2]),
            "c": st.sampled_from([None, "p", "q"]),
            "s": st.sampled_from([None, "u", "v", "w"]),
            "n": st.sampled_from([None, 7, 8]),
        }
    ),
    max_size=30,
)
KEYS = st.sampled_from([[["a"]], [["a", "b"]], [["a"], ["b"]], [["a"], ["b"], ["c"]], [["a", "c"], ["b"]]])


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


def step(field: str = "s", **params: Any) -> FittedStep:
    found = FITTED_STEPS.find("agree")
    assert found is not None
    return found(found.Params.model_validate(params), FitTarget(field, TYPES))


def learnt(made: FittedStep, data: pl.DataFrame) -> Any:
    return made.thaw(json.loads(json.dumps(made.freeze(made.partial(data)))))


def vote(rows: list[dict[str, Any]], row: dict[str, Any], key: list[str], field: str, share: float, least: int) -> Any:
    """What one key says of a row: the value that its group agrees on, or None."""
    if any(row[name] is None for name in key):
        return None
    same = [r[field] for r in rows if r[field] is not None and all(r[name] == row[name] for name in key)]
    counts = Counter(same).most_common()
    if not counts or counts[0][1] < max(least, share * len(same)):
        return None
    return counts[0][0] if len(counts) == 1 or counts[1][1] < counts[0][1] else None


@settings(max_examples=100)
@given(
    ROWS, KEYS, st.sampled_from(["s", "n"]), st.sampled_from([0.5, 0.75]), st.integers(1, 3), st.booleans(), st.data()
)
def test_each_key_has_one_vote_and_ties_are_never_guessed(
    rows: list[dict[str, Any]], keys: list[list[str]], field: str, share: float, least: int, fill: bool, data: Any
) -> None:
    votes = data.draw(st.integers(1, len(keys)))
    expected = []
    for row in rows:
        cast = Counter(v for key in keys if (v := vote(rows, row, key, field, share, least)) is not None).most_common()
        elected = bool(cast) and cast[0][1] >= votes and (len(cast) == 1 or cast[1][1] < cast[0][1])
        changed = elected and (fill or row[field] is not None)
        expected.append(cast[0][0] if changed else row[field])
    made = step(field, by=keys, min_share=str(share), min_count=least, min_votes=votes, fill=fill)
    assert made.apply(frame(rows), learnt(made, frame(rows))).values.to_list() == expected


@settings(max_examples=60)
@given(ROWS, KEYS, st.randoms(use_true_random=False))
def test_parts_add_up_and_one_row_alone_is_repaired_like_all(
    rows: list[dict[str, Any]], keys: list[list[str]], random: Any
) -> None:
    made = step(by=keys)
    whole = made.freeze(made.partial(frame(rows)))
    shuffled = random.sample(rows, len(rows))
    cut = random.randint(0, len(rows))
    parts = [made.partial(frame(part)) for part in (shuffled[cut:], [], shuffled[:cut])]
    assert made.freeze(added(parts)) == whole
    known = made.thaw(whole)
    one_by_one = [made.apply(frame([row]), known).values[0] for row in rows]
    assert made.apply(frame(rows), known).values.to_list() == one_by_one


def test_a_key_that_is_mistyped_into_anothers_is_outvoted() -> None:
    rows = [
        {"a": key, "b": number, "c": letter, "s": name, "n": None}
        for key, number, letter, name in [("x", 1, "p", "u")] * 3 + [("y", 2, "q", "v")] * 3 + [("y", 1, "p", "u")]
    ]
    alone, three = step(by=["a"]), step(by=[["a"], ["b"], ["c"]])
    assert alone.apply(frame(rows), learnt(alone, frame(rows))).values[-1] == "v"
    assert three.apply(frame(rows), learnt(three, frame(rows))).values[-1] == "u"


def test_keys_that_contradict_each_other_change_nothing() -> None:
    table = [("x", 1, "u")] * 3 + [("y", 2, "v")] * 3 + [("x", 2, "w")]
    rows = [{"a": key, "b": number, "c": None, "s": name, "n": None} for key, number, name in table]
    made = step(by=[["a"], ["b"]])
    assert made.apply(frame(rows), learnt(made, frame(rows))).values[-1] == "w"


def test_only_what_may_be_a_misspelling_is_changed() -> None:
    names = ["birmingham"] * 4 + ["birminghxm", "bxrminghxm", "dothan", None]
    rows = [{"a": "x", "b": 1, "c": None, "s": name, "n": None} for name in names]
    for distance, mended in ((1, 1), ("20%", 2)):
        made = step(by=["a"], max_distance=distance, fill=True)
        result = made.apply(frame(rows), learnt(made, frame(rows))).values.to_list()
        assert result[4:] == [*["birmingham"] * mended, *names[4 + mended : 7], "birmingham"]


def test_the_plan_says_which_keys_vote() -> None:
    assert step(by=[["a", "b"], ["c"]]).words() == "agree by a, b and by c"


def test_identity_tells_apart_whatever_decides() -> None:
    ways: list[dict[str, Any]] = [
        {},
        {"by": [["a"], ["b"]]},
        {"by": [["a", "b"]]},
        {"min_share": "60%"},
        {"min_count": 3},
        {"by": [["a"], ["b"]], "min_votes": 2},
        {"max_distance": 1},
        {"max_distance": "1%"},
        {"fill": True},
    ]
    identities = [json.dumps(step(**{"by": ["a"], **way}).identity(), sort_keys=True) for way in ways]
    assert len(set(identities)) == len(ways)


@pytest.mark.parametrize(
    ("params", "code", "key", "within"),
    [
        ({"by": ["s"]}, "DQ308", "by", (0,)),
        ({"by": ["a", "z"]}, "DQ311", "by", (1,)),
        ({"by": [["a"], ["b", "z"]]}, "DQ311", "by", (1, 1)),
        ({"by": ["a", "a"]}, "DQ308", "by", (1,)),
        ({"by": [["a", "b"], ["b", "a"]]}, "DQ324", "by", (1,)),
        ({"by": ["a"], "min_votes": 2}, "DQ308", "min_votes", ()),
    ],
)
def test_what_cannot_be_meant_is_refused(params: dict[str, Any], code: str, key: str, within: tuple[int, ...]) -> None:
    with pytest.raises(ParamError) as caught:
        step(**params)
    assert (caught.value.code, caught.value.key, caught.value.within) == (code, key, within)


def test_a_number_has_no_typing_errors_and_distances_need_rapidfuzz(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ParamError) as caught:
        step("n", by=["a"], max_distance=1)
    assert caught.value.code == "DQ321"
    monkeypatch.setattr(nearest, "find_spec", lambda _: None)
    step(by=["a"])
    with pytest.raises(ParamError) as caught:
        step(by=["a"], max_distance=1)
    assert caught.value.code == "DQ325"
