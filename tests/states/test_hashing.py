"""The hash: frozen values, so that states written today can be merged in years."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.states.hashing import hash_series

WORD = 2**64 - 1
FROZEN_TEXT = ["0000000000000000", "67762d1821ff3d07", "36dfca9b33760da4", "e136f256394eee91"]
FROZEN_OTHERS = ["910a2dec89025cc1", "d6dab18e1392608a", "910a2dec89025cc1", "89db5515b8de1f50"]


def finish(word: int) -> int:
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & WORD
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB & WORD
    return word ^ (word >> 31)


def reference(text: str) -> int:
    """The definition, one text at a time, in Python's integers."""
    raw = text.encode()
    state = len(raw) * 0x9E3779B97F4A7C15 & WORD
    for at in range(0, len(raw) + 1, 8):
        state = (state ^ int.from_bytes(raw[at : at + 8], "little")) * 0xBF58476D1CE4E5B9 & WORD
        state ^= state >> 32
    return finish(state)


@given(st.lists(st.one_of(st.text(max_size=30), st.text("aЖ", min_size=100, max_size=500)), max_size=40))
def test_text_is_hashed_by_the_definition(values: list[str]) -> None:
    assert hash_series(pl.Series(values, dtype=pl.String)).tolist() == [reference(text) for text in values]


@pytest.mark.parametrize("length", [7, 8, 9, 1023, 1024, 1025, 100_000])
def test_a_hash_does_not_depend_on_the_neighbours(length: int) -> None:
    alone = hash_series(pl.Series(["x" * length]))[0]
    among = hash_series(pl.Series(["", "ab", "y" * 20] * 9000 + ["x" * length, "y" * 3000, "x" * length]))
    assert among[-3] == among[-1] == alone


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_integers(values: list[int]) -> None:
    expected = [finish((number + 0x9E3779B97F4A7C15) & WORD) for number in values]
    assert hash_series(pl.Series(values, dtype=pl.Int64)).tolist() == expected


def test_decimals_beyond_64_bits_do_not_change_the_hash_of_the_others() -> None:
    narrow = pl.Series([Decimal("1.25"), Decimal("-2.50")], dtype=pl.Decimal(38, 2))
    wide = pl.Series([Decimal("1.25"), Decimal(10**30), Decimal("-2.50"), Decimal(-(10**30))], dtype=pl.Decimal(38, 2))
    hashes = hash_series(wide)
    assert hashes[[0, 2]].tolist() == hash_series(narrow).tolist()
    assert len(set(hashes.tolist())) == 4


def test_frozen_values() -> None:
    text = hash_series(pl.Series(["", "a", "привет", "x" * 2000]))
    assert [f"{number:016x}" for number in text.tolist()] == FROZEN_TEXT
    others = [
        hash_series(pl.Series([1, -1]))[0],
        hash_series(pl.Series([1.5]))[0],
        hash_series(pl.Series([True]))[0],
        hash_series(pl.Series([date(2026, 1, 1)]))[0],
    ]
    assert [f"{int(number):016x}" for number in others] == FROZEN_OTHERS


def test_both_zeros_are_one_value() -> None:
    one, two = hash_series(pl.Series([0.0, -0.0]))
    assert one == two


def test_lists_are_not_hashed() -> None:
    with pytest.raises(TypeError):
        hash_series(pl.Series([[1]]))


def test_no_collisions_among_similar_texts() -> None:
    values = pl.Series([f"{prefix}{number:07d}" for prefix in ("", "user", "A-") for number in range(60_000)])
    assert len(np.unique(hash_series(values))) == len(values)
