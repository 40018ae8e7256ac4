"""Stored bytes in, decoded bytes out: gzip and zstd as bounded streams, with a digest of what was stored.

Sources: RFC 1952 (gzip, members may be concatenated), RFC 8878 (zstd, so may frames).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol, Self

from dq.errors import SourceError
from dq.sources.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

Compression = Literal["auto", "none", "gzip", "zstd"]

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
RATIO_LIMIT = 1000  # decoded bytes per stored byte, past the first FREE_BYTES
FREE_BYTES = 64 << 20

_STORED_PIECE = 1 << 16
_GZIP_OUTPUT = 1 << 20
# A zstd block of four bytes may stand for 128 KiB, and its decoder has no bound on output: feed it little.
_ZSTD_INPUT = 1 << 10
_ZSTD_WINDOW = 1 << 27


class _Broken(Exception):  # noqa: N818 - a signal between two methods of this file, never seen outside
    """The compressed stream cannot be read further; the text says why.  `salvaged` was decoded before the break."""

    def __init__(self, message: str, salvaged: bytes = b"") -> None:
        """Keep both."""
        self.salvaged = salvaged
        super().__init__(message)


class _Decoder(Protocol):
    """One compressed format: stored pieces in, decoded pieces out."""

    pending: bytes

    def decode(self) -> bytes:
        """Decode some of `pending`; may return nothing while there is still input.  _Broken on a break."""

    def finish(self) -> None:
        """Say that no more input comes.  _Broken if the format needs more."""


class _Plain:
    """No compression."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.pending = b""

    def decode(self) -> bytes:
        """Hand the input on."""
        data, self.pending = self.pending, b""
        return data

    def finish(self) -> None:
        """Any end is a good end."""


class _Gzip:
    """Concatenated members; zero bytes after the last one are padding, as gzip itself has it."""

    def __init__(self) -> None:
        """Start before the first member."""
        self.pending = b""
        self._member = zlib.decompressobj(wbits=31)
        self._fresh = True  # no byte of this member was read
        self._complete = False  # a member has ended well
        self._padding = False

    def decode(self) -> bytes:
        """Decode at most _GZIP_OUTPUT bytes."""
        if self._fresh and self._complete and self.pending[:1] == b"\0":
            self._padding = True
        if self._padding:
            return self._pad()
        self._fresh = False
        before = self._member.copy()
        try:
            data = self._member.decompress(self.pending, _GZIP_OUTPUT)
        except zlib.error:
            salvaged = _one_by_one(before.decompress, self.pending, zlib.error)
            raise _Broken("a gzip member is broken or fails its checksum", salvaged) from None
        self.pending = self._member.unconsumed_tail
        if self._member.eof:
            self.pending = self._member.unused_data
            self._member = zlib.decompressobj(wbits=31)
            self._fresh, self._complete = True, True
        return data

    def _pad(self) -> bytes:
        """Drop zero bytes; anything else is not ours."""
        if self.pending.strip(b"\0"):
            raise _Broken("bytes that are not gzip follow the last member")
        self.pending = b""
        return b""

    def finish(self) -> None:
        """Ask for the trailer of the last member."""
        if not self._fresh or not self._complete:
            raise _Broken("the gzip stream ends before its trailer")


class _Zstd:
    """Concatenated frames."""

    def __init__(self) -> None:
        """Start before the first frame."""
        import zstandard  # heavy and optional in use: only compressed sources need it

        self.pending = b""
        self._error = zstandard.ZstdError
        self._factory = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._frame = self._factory.decompressobj()
        self._fresh = True

    def decode(self) -> bytes:
        """Decode what _ZSTD_INPUT stored bytes give."""
        piece, self.pending = self.pending[:_ZSTD_INPUT], self.pending[_ZSTD_INPUT:]
        first, self._fresh = self._fresh, False
        try:
            data: bytes = self._frame.decompress(piece)
        except self._error:
            # Its state cannot be copied, so only the first piece of a frame can be read again.
            again = self._factory.decompressobj().decompress
            salvaged = _one_by_one(again, piece, self._error) if first else b""
            raise _Broken("a zstd frame is broken or fails its checksum", salvaged) from None
        if self._frame.eof:
            self.pending = self._frame.unused_data + self.pending
            self._frame = self._factory.decompressobj()
            self._fresh = True
        return data

    def finish(self) -> None:
        """Ask for the end of the last frame."""
        if not self._fresh:
            raise _Broken("the zstd stream ends before its frame does")


def _one_by_one(decode: Callable[[bytes], bytes], stored: bytes, error: type[Exception]) -> bytes:
    """Return what a decoder gives, byte by byte, before it fails."""
    pieces = []
    try:
        for at in range(len(stored)):
            pieces.append(decode(stored[at : at + 1]))  # noqa: PERF401 - what came before the error is wanted
    except error:
        pass
    return b"".join(pieces)


class DecodedStream:
    """A readable stream of decoded bytes over a stream of stored ones.

    `read` gives decoded bytes until there are none.  A break, a failed checksum or a cap that is hit ends the
    decoded bytes early: `fault` then says in words what happened, and the stored rest is still hashed.
    `sha256` is of all stored bytes and complete once `read` has returned nothing.  What is decoded, and where
    it ends, does not depend on the sizes that `read` is asked for.
    """

    def __init__(
        self,
        stored: BinaryIO,
        compression: Compression = "auto",
        *,
        max_bytes: int | None = None,
        ratio: int = RATIO_LIMIT,
        free: int = FREE_BYTES,
    ) -> None:
        """Read from `stored`; `max_bytes` caps the decoded size, `ratio` the expansion past `free` bytes."""
        self._stored = stored
        self._digest = Digest()
        self._max_bytes, self._ratio, self._free = max_bytes, ratio, free
        self._taken = 0
        self._given = 0
        self._ready = bytearray()
        self._done = False
        self.fault: str | None = None
        first = self._take()
        self._decoder = _decoder(compression, first)
        self._decoder.pending = first

    @property
    def sha256(self) -> str:
        """Return the digest of the stored bytes read so far, in hexadecimal."""
        return self._digest.hexdigest()

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` decoded bytes (all of them if negative), exactly as many as there are; b"" at the end."""
        if isinstance(self._decoder, _Plain) and self._max_bytes is None and size > 0:
            return self._read_plain(size)
        while not self._done and (size < 0 or len(self._ready) < size):
            self._advance()
        cut = len(self._ready) if size < 0 else size
        data = bytes(self._ready[:cut])
        del self._ready[:cut]
        return data

    def _read_plain(self, size: int) -> bytes:
        """Read without a copy: what is not compressed needs no buffer of ours."""
        data = self._decoder.decode()
        if len(data) < size:
            data += self._take(size - len(data))
        elif len(data) > size:
            data, self._decoder.pending = data[:size], data[size:]
        return data

    def _take(self, size: int = _STORED_PIECE) -> bytes:
        """Read exactly `size` stored bytes, or what is left, and hash them."""
        pieces = []
        while size:
            try:
                piece = self._stored.read(size)
            except OSError as error:
                raise SourceError(f"the input cannot be read: {error.strerror or type(error).__name__}") from error
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._digest.update(data)
        self._taken += len(data)
        return data

    def _advance(self) -> None:
        """Decode one piece more, or find the end."""
        try:
            if not self._decoder.pending:
                self._decoder.pending = self._take()
                if not self._decoder.pending:
                    self._done = True
                    self._decoder.finish()
                    return
            self._keep(self._decoder.decode())
        except _Broken as broken:
            self.fault = str(broken)
            self._ready += broken.salvaged[: None if self._max_bytes is None else self._max_bytes - self._given]
            self._done = True
            while self._take():
                pass

    def _keep(self, data: bytes) -> None:
        """Add decoded bytes, under the caps."""
        most = max(self._free, self._ratio * (self._taken - len(self._decoder.pending)))
        limit = most if self._max_bytes is None else min(most, self._max_bytes)
        self._ready += data[: limit - self._given]
        self._given += len(data)
        if self._given > limit == self._max_bytes:
            raise _Broken(f"the decoded input is larger than {limit} bytes")
        if self._given > limit:
            raise _Broken(f"the compressed input expands more than {self._ratio} times")

    def close(self) -> None:
        """Close the stored stream."""
        self._digest.close()
        self._stored.close()

    def __enter__(self) -> Self:
        """Return the stream."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the stored stream."""
        self.close()


def _decoder(compression: Compression, first: bytes) -> _Decoder:
    """Choose the decoder: as declared, or by the first bytes."""
    if compression == "auto":
        if first.startswith(GZIP_MAGIC):
            return _Gzip()
        return _Zstd() if first.startswith(ZSTD_MAGIC) else _Plain()
    if compression == "none":
        return _Plain()
    return _Gzip() if compression == "gzip" else _Zstd()
