"""A sample of texts is the same whatever the parts and their order."""

from __future__ import annotations

from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dq.states import sample
from dq.states.sample import Sample

TEXTS = st.lists(st.one_of(st.none(), st.sampled_from([f"t{n}" for n in range(30)])), max_size=60)


def fit(texts: list[str | None]) -> Sample:
    return Sample.fit(pl.Series(texts, dtype=pl.String))


@given(TEXTS, st.integers(0, 60))
def test_the_sample_of_a_whole_is_the_merge_of_its_parts_in_any_order(texts, cut):
    whole, parts = fit(texts), (fit(texts[:cut]), fit(texts[cut:]))
    assert whole == parts[0].merge(parts[1]) == parts[1].merge(parts[0])
    assert whole.merge(Sample()) == whole


def test_it_is_the_same_when_there_are_more_than_it_keeps(monkeypatch):
    monkeypatch.setattr(sample, "KEPT", 5)
    texts = [f"t{n % 40}" for n in range(200)]
    whole = fit(texts)
    assert len(whole.kept) == 5
    assert whole.total == 200
    assert all(count == 5 for _, count in whole.ranked())
    assert fit(texts[::2]).merge(fit(texts[1::2])) == whole


def test_few_texts_are_all_there_with_their_counts():
    texts = ["b", "a", "b", None, "c" * (sample.LONGEST + 1)]
    found = fit(texts)
    assert found.ranked() == [("b", 2), ("a", 1)]
    assert (found.total, found.covered) == (4, 3)
    assert Counter(dict(found.ranked())).total() == found.covered
