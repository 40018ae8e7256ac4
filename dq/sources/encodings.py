"""Encodings: the closed list, byte-order marks, and the working bytes that records are framed on.

Framing needs bytes in which the delimiter, the quote and the line ends are themselves.  Encodings that are
transparent to ASCII are framed as they are.  UTF-16 and UTF-32 are transcoded to UTF-8 first; a unit that cannot
be decoded becomes the byte 0xFF, which UTF-8 never has, so that its record is found and refused later.
"""

from __future__ import annotations

import codecs
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

# Encodings of one byte a character whose first half is ASCII.
SINGLE_BYTE = (
    "ascii", "cp437", "cp720", "cp737", "cp775", "cp850", "cp852", "cp855", "cp856", "cp857", "cp858", "cp860",
    "cp861", "cp862", "cp863", "cp865", "cp866", "cp869", "cp874", "cp1006", "cp1125", "cp1250", "cp1251",
    "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "iso8859-1", "iso8859-2", "iso8859-3",
    "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9", "iso8859-10", "iso8859-11",
    "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "koi8-r", "koi8-t", "koi8-u", "kz1048",
    "mac-cyrillic", "mac-greek", "mac-iceland", "mac-latin2", "mac-roman", "mac-turkish", "ptcp154", "tis-620",
)  # fmt: skip
# Encodings of several bytes a character whose later bytes may be ASCII, but none below 0x30 and not ":" or ";".
MULTI_BYTE = (
    "big5", "big5hkscs", "cp932", "cp949", "cp950", "euc_jis_2004", "euc_jisx0213", "euc_jp", "euc_kr",
    "gb18030", "gb2312", "gbk", "shift_jis", "shift_jis_2004", "shift_jisx0213",
)  # fmt: skip
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")

_MARKS = (  # the longer first: the mark of UTF-32 LE begins with that of UTF-16 LE
    ("utf-32-le", codecs.BOM_UTF32_LE),
    ("utf-32-be", codecs.BOM_UTF32_BE),
    ("utf-8", codecs.BOM_UTF8),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
    ("gb18030", b"\x84\x31\x95\x33"),
)
MARK_LENGTH = 4

_UNDECODABLE = "dq-undecodable"
_BYTE_FF = "\udcff"  # what `surrogateescape` writes as the byte 0xFF
_CONTINUATION, _CONTINUATION_MASK, _FOUR_BYTES, _NOT_UTF8 = 0x80, 0xC0, 0xF0, 0xFF


_UTF8 = ("utf-8", "utf-8-sig")  # in Python's own names


@cache
def _known() -> dict[str, str]:
    """Map Python's own name of each other codec of the list to the name that dq prints; it imports all of them."""
    return {codecs.lookup(name).name: name for name in (*SINGLE_BYTE, *MULTI_BYTE, *WIDE)}


def check_encoding(name: str) -> str:
    """Return the canonical name of an encoding of the closed list; ValueError in words for any other."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        raise ValueError("not a known encoding") from None
    if found in _UTF8:
        return "utf-8"
    if found not in _known():
        raise ValueError("not an encoding that records can be framed in: it is stateful, or no superset of ASCII")
    return _known()[found]


def is_multi_byte(encoding: str) -> bool:
    """Tell whether a later byte of a character may look like an ASCII character (see MULTI_BYTE)."""
    return encoding in MULTI_BYTE


def read_mark(encoding: str, head: bytes) -> tuple[str, int]:
    """Look for a byte-order mark in the first MARK_LENGTH bytes.

    Returns the encoding, its byte order now known, and the mark's length.  ValueError in words if the mark
    contradicts the declared encoding, or if UTF-16 or UTF-32 was declared without an order and has no mark.
    """
    if encoding in {"utf-16-le", "utf-16-be"} and head.startswith(dict(_MARKS)[encoding]):
        return encoding, 2
    for marked, mark in _MARKS:
        if not head.startswith(mark):
            continue
        if encoding == marked or (encoding in {"utf-16", "utf-32"} and marked.startswith(encoding)):
            return marked, len(mark)
        if encoding == "utf-16" and marked == "utf-32-le":
            return "utf-16-le", 2
        if marked != "gb18030":
            raise ValueError(f"the byte-order mark is of {marked}, the declared encoding is {encoding}")
    if encoding in {"utf-16", "utf-32"} and head:
        raise ValueError(f"{encoding} without a byte-order mark: declare {encoding}-le or {encoding}-be")
    return encoding, 0


def _replace(error: UnicodeError) -> tuple[str, int]:
    """Stand in for one unit that cannot be decoded."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    width = 4 if "32" in error.encoding else 2
    return _BYTE_FF, min(error.start + width, len(error.object))


codecs.register_error(_UNDECODABLE, _replace)


class WorkingBytes:
    """The bytes that are framed, and the way back to the raw ones.

    `read` gives working bytes.  `take` hands back, in order, the raw bytes of a stretch of working bytes.
    For encodings transparent to ASCII both are the same and nothing is kept.
    """

    def __init__(self, read: Callable[[int], bytes], encoding: str) -> None:
        """Read raw bytes after the byte-order mark by `read`; the encoding has an order (see `read_mark`)."""
        self._read = read
        self._unit = {"utf-16": 2, "utf-32": 4}.get(encoding[:6], 0)
        self._decode = codecs.getincrementaldecoder(encoding)(_UNDECODABLE).decode if self._unit else None
        self._raw = bytearray()
        self._ended = False

    @property
    def encoding_is_wide(self) -> bool:
        """Whether working bytes differ from raw ones."""
        return self._unit > 0

    def read(self, size: int) -> bytes:
        """Return about `size` working bytes; b"" at the end."""
        if self._decode is None:
            return self._read(size)
        while not self._ended:
            raw = self._read(size)
            self._ended = not raw
            self._raw += raw
            working = self._decode(raw, self._ended).encode("utf-8", "surrogateescape")
            if working:
                return working
        return b""

    def take(self, working: bytes) -> bytes:
        """Return the raw bytes of the next `working` bytes; called for every stretch, in order."""
        if not self._unit:
            return working
        length = int(self.raw_offsets(working, np.array([len(working)]))[0])
        raw = bytes(self._raw[:length])
        del self._raw[:length]
        return raw

    def raw_offsets(self, working: bytes, offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Map offsets within a stretch of working bytes to offsets within its raw bytes.

        A character is one unit, or two in UTF-16 if it takes four bytes in UTF-8; 0xFF is one unit.  The very
        last unit of an input may be cut short; `take` then gives fewer bytes than it asks for.
        """
        if not self._unit:
            return offsets
        data = np.frombuffer(working, np.uint8)
        units = ((data & _CONTINUATION_MASK) != _CONTINUATION).astype(np.int64)
        if self._unit == 2:  # noqa: PLR2004 - UTF-16
            units += (data >= _FOUR_BYTES) & (data != _NOT_UTF8)
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(units)))
        found: npt.NDArray[np.int64] = before[offsets] * self._unit
        return np.minimum(found, len(self._raw))


def to_utf8(data: bytes, encoding: str) -> bytes | None:
    """Return working bytes as UTF-8, or None if they are not all decodable."""
    if encoding not in ("utf-8", *WIDE):
        try:
            return data.decode(encoding).encode()
        except UnicodeDecodeError:
            return None
    return data if is_utf8(data) else None


def is_utf8(data: bytes) -> bool:
    """Tell whether the bytes are UTF-8."""
    # Polars validates ten times faster than `bytes.decode`, which also has to build the text.
    try:
        pl.Series([data], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True
