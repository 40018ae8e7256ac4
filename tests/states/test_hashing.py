"""The hash: one value for equal values, wherever they stand and in whichever process."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.states.hashing import hash_series

WORD = 2**64 - 1


def finish(word: int) -> int:
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & WORD
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB & WORD
    return word ^ (word >> 31)


@given(st.lists(st.text(max_size=300), max_size=40), st.integers(0, 40))
def test_a_hash_of_text_does_not_depend_on_the_neighbours(values: list[str], cut: int) -> None:
    whole = hash_series(pl.Series(values, dtype=pl.String)).tolist()
    parts = [hash_series(pl.Series(part, dtype=pl.String)).tolist() for part in (values[:cut], values[cut:])]
    assert whole == parts[0] + parts[1]
    assert len(set(whole)) == len(set(values))


@pytest.mark.parametrize("seed", ["0", "1", "random"])
def test_a_hash_is_the_same_in_another_process(seed: str) -> None:
    program = "import polars as pl; from dq.states.hashing import hash_series as h; print(h(pl.Series(['a', 'b'])))"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": "1"}
    printed = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True).stdout
    assert printed.decode().strip() == str(hash_series(pl.Series(["a", "b"])))


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


def test_both_zeros_are_one_value() -> None:
    one, two = hash_series(pl.Series([0.0, -0.0]))
    assert one == two


def test_lists_are_not_hashed() -> None:
    with pytest.raises(TypeError):
        hash_series(pl.Series([[1]]))


def test_no_collisions_among_similar_texts() -> None:
    values = pl.Series([f"{prefix}{number:07d}" for prefix in ("", "user", "A-") for number in range(60_000)])
    assert len(np.unique(hash_series(values))) == len(values)
