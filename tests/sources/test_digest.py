"""A digest that grows in a thread is the digest of the bytes, however they come."""

from __future__ import annotations

import hashlib
import threading

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
