"""Which hashes and ordinals are among many."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dq.engines.keys import Keys, among

HASHES = st.lists(
    st.sampled_from([0, 1, 2, 1 << 20, (1 << 20) + 1, 1 << 63, (1 << 64) - 1]) | st.integers(0, 2**64 - 1)
)
ORDINALS = st.lists(st.integers(-50, 50))


@given(ORDINALS, ORDINALS)
def test_among_is_membership(ordinals: list[int], wanted: list[int]) -> None:
    found = among(np.array(ordinals, np.int64), np.array(sorted(set(wanted)), np.int64))
    assert found.tolist() == [ordinal in set(wanted) for ordinal in ordinals]


@given(st.lists(st.sampled_from("abcdefgh") | st.none(), max_size=40), st.integers(1, 10))
def test_candidates_are_the_rows_whose_key_another_one_has(texts: list[str | None], size: int) -> None:
    keys = Keys(("key",))
    frames = [
        pl.DataFrame({"key": texts[at : at + size]}, schema={"key": pl.String}) for at in range(0, len(texts), size)
    ]
    for frame in frames:
        keys.add(frame)
    candidates = keys.candidates(frames, keys.repeated())
    expected = [text for text in texts if text is not None and texts.count(text) > 1]
    assert ([] if candidates is None else candidates["key"].to_list()) == expected


@given(HASHES, HASHES)
def test_hashes_are_looked_up_exactly(hashes: list[int], wanted: list[int]) -> None:
    class Given(Keys):
        """Keys whose hashes are the keys themselves."""

        def hash(self) -> pl.Expr:
            return pl.col("key")

    frame = pl.DataFrame({"key": [*hashes, None]}, schema={"key": pl.UInt64})
    found = Given(("key",)).candidates([frame], np.array(sorted(set(wanted)), np.uint64))
    assert ([] if found is None else found["key"].to_list()) == [number for number in hashes if number in set(wanted)]
