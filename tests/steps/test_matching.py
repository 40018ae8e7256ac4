"""Blocks, pairs, scores and clusters, each beside the plain way to say it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.steps.matching import pairs
from dq.steps.matching.blocks import BlockPart, block_codes, soundex
from dq.steps.matching.clusters import Clusters
from dq.steps.matching.pairs import Blocks, candidates
from dq.steps.matching.scores import Compared, MatchRule, Scorer
from dq.steps.matching.similarities import SIMILARITIES, is_installed

rapidfuzz = pytest.mark.skipif(not is_installed(), reason="the extra match is not installed")
WORDS = st.sampled_from(["smith", "smyth", "smithe", "", "jones", "jonse", "street main", "main street", None])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Robert", "R163"), ("Rupert", "R163"), ("Rubin", "R150"), ("Ashcraft", "A261"), ("Ashcroft", "A261"),
        ("Tymczak", "T522"), ("Pfister", "P236"), ("Honeyman", "H555"), ("Lee", "L000"), ("O'Hara", "O600"),
        ("van  der\tBerg", "V536"), ("Жук", None), ("12", None), ("", None),
    ],
)  # fmt: skip
def test_soundex(text: str, code: str | None) -> None:
    assert soundex(text) == code


def test_a_block_needs_all_of_its_parts() -> None:
    frame = pl.DataFrame({"a": ["xa", "xb", None, "xa", "", ""], "b": ["1", "1", "1", None, "2", "2"]})
    assert block_codes((BlockPart("a", first=1), BlockPart("b")), frame).tolist()[:4].count(-1) == 2
    codes = block_codes((BlockPart("a", first=1), BlockPart("b")), frame)
    assert codes[0] == codes[1] != -1
    assert codes[4] == codes[5] not in {-1, codes[0]}
    sounds = block_codes((BlockPart("a", soundex=True),), pl.DataFrame({"a": ["Robert", "Rupert", "1", None, "Lee"]}))
    assert sounds[0] == sounds[1] != sounds[4]
    assert sounds[2:4].tolist() == [-1, -1]


@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 2)), max_size=25),
    most=st.integers(2, 6),
    at_once=st.integers(1, 20),
)
def test_every_pair_of_a_block_comes_once(rows: list[tuple[int, int]], most: int, at_once: int) -> None:
    kinds, expected, skipped = [], set(), 0
    for number in range(2):
        codes = [row[number] for row in rows]
        kinds.append(Blocks.bounded(np.array(codes, dtype=np.int64), most))
        for code in set(codes) - {-1}:
            group = [row for row, own in enumerate(codes) if own == code]
            if len(group) <= most:
                expected |= set(combinations(group, 2))
            else:
                skipped += 1
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "_AT_ONCE", at_once)
        for left, right in candidates(kinds):
            assert len(left) <= max(at_once, most)
            found += list(zip(left.tolist(), right.tolist(), strict=True))
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert sum(blocks.skipped for blocks in kinds) == skipped


@rapidfuzz
@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=2, max_size=12),
    by=st.tuples(*[st.sampled_from(sorted(SIMILARITIES))] * 3),
    threshold=st.sampled_from([0.3, 0.6, 0.9, 1.0]),
    weights=st.tuples(*[st.sampled_from([0.5, 1.0, 3.0])] * 3),
    least=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_what_is_given_up_early_would_not_have_matched(
    rows: list[tuple[str | None, ...]],
    by: tuple[str, ...],
    threshold: float,
    weights: tuple[float, ...],
    least: float,
) -> None:
    compared = tuple(Compared(name, one, weight) for name, one, weight in zip("abc", by, weights, strict=True))
    scorer = Scorer(
        MatchRule(compared, (), threshold, least, 100),
        {name: pl.Series([row[at] for row in rows], dtype=pl.String) for at, name in enumerate("abc")},
    )
    left, right = (np.array(side, dtype=np.int64) for side in zip(*combinations(range(len(rows)), 2), strict=True))
    scores = scorer.score(left, right)
    wanted = {pair for pair, score in zip(combinations(range(len(rows)), 2), scores, strict=True) if score >= threshold}
    assert set(zip(*(side.tolist() for side in scorer.matches(left, right)), strict=True)) == wanted
    assert scorer.score(right, left).tolist() == scores.tolist()
    assert ((scores >= 0) & (scores <= 1)).all()


@rapidfuzz
@pytest.mark.parametrize("name", sorted(SIMILARITIES))
def test_similarities_go_from_nothing_to_equal(name: str) -> None:
    near, far = SIMILARITIES[name].score(["martha", "abc"], ["marhta", "xyz"])
    assert far == 0.0
    assert near == 0.0 if name == "exact" else 0.6 < near < 1.0


@settings(max_examples=60)
@given(links=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=15))
def test_clusters_are_what_is_linked(links: list[tuple[int, int]]) -> None:
    clusters = Clusters(10)
    left, right = ([pair[side] for pair in links] for side in range(2))
    clusters.link(np.array(left, dtype=np.int64), np.array(right, dtype=np.int64))
    reach = {row: {row} for row in range(10)}
    for one, other in links:
        joined = reach[one] | reach[other]
        for row in joined:
            reach[row] = joined
    assert clusters.labels().tolist() == [min(reach[row]) for row in range(10)]
