"""Streams of stored bytes: members, frames, breaks, caps, digests."""

from __future__ import annotations

import gzip
import hashlib
import io
import random

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.errors import SourceError
from dq.sources.compression import DecodedStream
from dq.sources.files import open_bytes

TEXT = b"".join(b"%d," % (index * 7919 % 100003) for index in range(60_000))


def zstd(data):
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def drain(stream, size=1 << 16):
    return b"".join(iter(lambda: stream.read(size), b""))


PACKERS = {"gzip": lambda data: gzip.compress(data, mtime=0), "zstd": zstd, "none": bytes}


@settings(max_examples=60)
@given(
    parts=st.lists(st.binary(max_size=50), min_size=1, max_size=4),
    form=st.sampled_from(sorted(PACKERS)),
    size=st.sampled_from([1, 7, 1 << 16]),
)
def test_concatenated_members_are_read_through(parts, form, size):
    stored = b"".join(PACKERS[form](part) for part in parts)
    stream = DecodedStream(io.BytesIO(stored), form)
    assert drain(stream, size) == b"".join(parts)
    assert (stream.fault, stream.sha256) == (None, hashlib.sha256(stored).hexdigest())


@pytest.mark.parametrize("form", sorted(PACKERS))
def test_auto_looks_at_the_first_bytes(form):
    assert drain(DecodedStream(io.BytesIO(PACKERS[form](TEXT)))) == TEXT


@pytest.mark.parametrize("form", ["gzip", "zstd"])
@pytest.mark.parametrize("size", [1000, 1 << 20])
def test_a_break_gives_what_came_before_it_and_says_so(form, size):
    whole = PACKERS[form](TEXT)
    broken = bytearray(whole)
    broken[-2] ^= 1  # in the checksum or the length
    for stored, least in ((whole[: len(whole) // 2], 1), (bytes(broken), len(TEXT) // 2), (whole + b"junk", len(TEXT))):
        stream = DecodedStream(io.BytesIO(stored), form)
        data = drain(stream, size)
        assert TEXT.startswith(data)
        assert len(data) >= least
        assert stream.fault
        assert stream.sha256 == hashlib.sha256(stored).hexdigest()


@pytest.mark.parametrize("form", ["gzip", "zstd"])
def test_a_small_member_that_fails_its_checksum_is_still_given(form):
    stored = bytearray(PACKERS[form](b"a,b\n1,2\n"))
    stored[-5 if form == "gzip" else -2] ^= 1
    stream = DecodedStream(io.BytesIO(bytes(stored)))
    assert drain(stream) == b"a,b\n1,2\n"
    assert "checksum" in stream.fault


def test_zero_bytes_after_the_last_member_are_padding():
    stream = DecodedStream(io.BytesIO(gzip.compress(b"x") + b"\0" * 100_000))
    assert drain(stream) == b"x"
    assert stream.fault is None


@pytest.mark.parametrize("form", ["gzip", "zstd"])
def test_expansion_is_capped_past_what_is_free(form):
    stored = PACKERS[form](b"\0" * (8 << 20))
    stream = DecodedStream(io.BytesIO(stored), free=1 << 20, ratio=100)
    data = drain(stream)
    assert len(data) < 8 << 20
    assert "expands" in stream.fault
    assert drain(DecodedStream(io.BytesIO(stored))) == b"\0" * (8 << 20)


@pytest.mark.parametrize("form", sorted(PACKERS))
def test_the_decoded_size_is_capped(form):
    stream = DecodedStream(io.BytesIO(PACKERS[form](TEXT)), max_bytes=1000)
    assert drain(stream, 333) == TEXT[:1000]
    assert "1000 bytes" in stream.fault


def test_short_reads_have_no_influence():
    class Short(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, random.Random(self.tell()).randint(1, 50)))

    stored = gzip.compress(TEXT[:5000], mtime=0)
    stream = DecodedStream(Short(stored))
    assert drain(stream) == TEXT[:5000]


def test_a_file_that_cannot_be_opened_is_a_source_error(tmp_path):
    with pytest.raises(SourceError, match="No such file"):
        open_bytes(tmp_path / "absent.csv")
    (tmp_path / "here.csv").write_bytes(gzip.compress(b"a\n"))
    with open_bytes(tmp_path / "here.csv") as stream:
        assert stream.read() == b"a\n"
