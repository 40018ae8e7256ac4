"""A digest that grows in a thread is the digest of the bytes, however they come."""

from __future__ import annotations

import hashlib
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.sources import digest
from dq.sources.digest import Digest


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(0, 30))
def test_the_digest_of_pieces_is_that_of_the_whole(pieces: list[bytes], worth: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest, "_WORTH", worth)
        grown = Digest()
        for piece in pieces:
            grown.update(piece)
        assert grown.hexdigest() == hashlib.sha256(b"".join(pieces)).hexdigest()
        grown.close()
        assert grown.hexdigest() == hashlib.sha256(b"".join(pieces)).hexdigest()


class SlowHash:
    """A hash that takes its time for long pieces, and remembers in which order it was given them."""

    def __init__(self) -> None:
        self.given: list[bytes] = []

    def update(self, data: bytes) -> None:
        time.sleep(0.05 * (len(data) > 1))
        self.given.append(data[:1])

    def hexdigest(self) -> str:
        return b"".join(self.given).decode()


def test_pieces_are_taken_in_their_order_though_another_thread_takes_the_long_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(digest, "_WORTH", 2)
    monkeypatch.setattr(digest.hashlib, "sha256", SlowHash)
    grown = Digest()
    for piece in (b"aa", b"b", b"cc", b"dd", b"e"):
        grown.update(piece)
    assert grown.hexdigest() == "abcde"
    grown.close()


def test_a_small_piece_waits_for_the_large_one_before_it() -> None:
    large = bytes(range(256)) * 200_000
    grown = Digest()
    grown.update(large)
    grown.update(b"small")
    assert grown.hexdigest() == hashlib.sha256(large + b"small").hexdigest()
    grown.close()


def test_its_thread_ends_with_it() -> None:
    before = threading.active_count()
    grown = Digest()
    grown.update(bytes(1 << 20))
    assert threading.active_count() == before + 1
    grown.close()
    grown.close()
    assert threading.active_count() == before
