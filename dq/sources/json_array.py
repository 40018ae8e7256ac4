"""A JSON array: its elements are records, framed one by one while the bytes stream by.

The scanner knows strings, brackets and white space; jiter judges each element.  An element that begins with
a bracket ends where that bracket is closed, one that begins with a quote ends with the string, any other at
the next delimiter.  If the syntax of an element is broken, no later comma can be trusted, so that what
follows is one record `unreadable.rest`; any other refusal concerns the element alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import BinaryIO

from dq.errors import SourceError
from dq.sources.base import CHUNK_RECORDS, Account, Chunk, Dialect
from dq.sources.compression import DecodedStream
from dq.sources.encodings import is_multi_byte
from dq.sources.json_chunks import BoundedText, ByteInput, ChunkBuilder, broken_off
from dq.sources.json_values import Refusal, too_long

_SPACE = re.compile(rb"[ \t\r\n]*+")
_BARE = re.compile(rb'[^ \t\r\n"\[\]{},]*+')
_IN_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
# What is passed over at one bound inside brackets: everything but brackets, strings as a whole.
_IN_BRACKETS = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_QUOTE, _BACKSLASH, _COMMA = b'"\\,'
_OPENING, _CLOSING = b"[{", b"]}"


class _State(Enum):
    """Where in the input the scanner stands."""

    OUTSIDE = auto()  # before the array
    OPENED = auto()  # behind its opening bracket: an element or the closing bracket may follow
    BETWEEN = auto()  # behind a comma: an element must follow
    ELEMENT = auto()
    AFTER = auto()  # behind an element: a comma or the closing bracket must follow
    BROKEN = auto()  # behind an element whose syntax is broken: only the closing bracket is trusted
    CLOSED = auto()  # behind the array
    REST = auto()  # framing has ended: what remains is one record


_MISPLACED = {
    _State.OUTSIDE: "the input is not a JSON array",
    _State.OPENED: "an element of the array is missing",
    _State.BETWEEN: "an element of the array is missing",
    _State.AFTER: "an element of the array is not followed by a comma or the closing bracket",
    _State.BROKEN: "what follows a broken element of the array cannot be framed",
    _State.CLOSED: "something follows the end of the array",
}
_UNFINISHED = "the input ends before the array does"


class ElementScanner:
    """Finds where an element ends, whatever the blocks it arrives in; work and memory are linear and flat."""

    def __init__(self) -> None:
        self._depth = 0
        self._bare = False
        self._in_string = False
        self._escaped = False

    def begin(self, first: int) -> None:
        """Prepare for an element that begins with this byte, which `advance` then sees again."""
        self._depth = 0
        self._bare = first != _QUOTE and first not in _OPENING
        self._in_string = self._escaped = False

    def advance(self, block: bytes, position: int) -> tuple[int, bool]:
        """Return the position behind the element, or the end of the block, and whether the element ends there."""
        if self._bare:
            position = _end(_BARE, block, position)
            return position, position < len(block)
        while position < len(block):
            if self._in_string:
                position = self._through_string(block, position)
                if not self._in_string and self._depth == 0:
                    return position, True
                continue
            position = _end(_IN_BRACKETS, block, position) if self._depth else position
            if position < len(block) and self._through_mark(block[position]):
                return position + 1, True
            position += 1
        return len(block), False

    def _through_string(self, block: bytes, position: int) -> int:
        """Pass over the inside of a string up to its end or the block's."""
        if self._escaped:
            self._escaped = False
            return position + 1
        position = _end(_IN_STRING, block, position)
        if position < len(block):
            self._escaped = block[position] == _BACKSLASH
            self._in_string = self._escaped
        return position + 1 if position < len(block) else position

    def _through_mark(self, mark: int) -> bool:
        """Pass over a bracket or an opening quote; tell whether the element's own bracket closes."""
        if mark in _OPENING:
            self._depth += 1
        elif mark in _CLOSING:
            self._depth -= 1
            return self._depth == 0
        else:
            self._in_string = True
        return False


class JsonArrayReader:
    """Reads the elements of one JSON array from a stream, once.

    The offset and length of a record are those of its element; brackets, commas and white space between
    elements are spans of kind `structure`.  Where the array is not complete, the last record is
    `unreadable.rest`, of length 0 if there is no element begun that it could hold.
    """

    def __init__(
        self,
        dialect: Dialect,
        open_stream: Callable[[], BinaryIO | DecodedStream],
        *,
        block_size: int = 4 << 20,
        chunk_records: int = CHUNK_RECORDS,
        columns: frozenset[str] | None = None,
    ) -> None:
        self.account = Account()
        self._limit = dialect.max_record
        self._input = ByteInput(open_stream, block_size, dialect.encoding, self.account)
        self._builder = ChunkBuilder(dialect, columns, self.account, chunk_records)
        self._scanner = ElementScanner()
        self._state = _State.OUTSIDE
        self._text = BoundedText(self._limit)  # of the element that has begun, or of the rest
        self._problem = _UNFINISHED  # why there is a rest
        self._offset = 0  # behind the last span or record
        self._line = 1  # at that offset
        self._line_ends = 0  # inside the element that has begun

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks in order.  SourceError where the stream cannot be read."""
        if is_multi_byte(self._input.encoding):
            raise SourceError(f"a JSON array cannot be framed in {self._input.encoding}: declare format jsonl")
        for number, block in enumerate(self._input.blocks()):
            if number == 0:
                self._begin()
            position = 0
            while position < len(block):
                position = self._step(block, position)
                if self._builder.room <= 0:
                    yield self._builder.take()
        self._finish()
        if not self._builder.empty:
            yield self._builder.take()

    def _begin(self) -> None:
        """Prepare for the encoding that is now known for certain."""
        self._builder.begin(self._input.encoding, self._input.mark)
        self._offset = self._input.mark
        self._parse = self._builder.parser.parse
        self._take = self._input.take

    def _step(self, block: bytes, position: int) -> int:
        """Pass over white space, one mark, one element or the rest, and return the position behind it."""
        if self._state is _State.ELEMENT:
            return self._element(block, position)
        if self._state is _State.REST:
            self._text.feed(self._take(block[position:]))
            return len(block)
        end = _end(_SPACE, block, position)
        if end < len(block):
            following = self._following(block[end])
            if following is _State.ELEMENT:
                self._scanner.begin(block[end])
            elif following is _State.REST:
                self._problem = _MISPLACED[self._state]
            else:
                end += 1
            self._state = following
        if end > position:
            length = len(self._take(block[position:end]))
            self._builder.skip("structure", self._offset, length)
            self._offset += length
            self._line += block.count(b"\n", position, end)
        return end

    def _following(self, mark: int) -> _State:
        """Return the state behind a byte that is no white space, or at it where an element or the rest begins."""
        state = self._state
        if state is _State.AFTER and mark == _COMMA:
            return _State.BETWEEN
        if state is _State.OUTSIDE:
            return _State.OPENED if mark == _OPENING[0] else _State.REST
        before = state is _State.BETWEEN or state is _State.OPENED
        if mark == _CLOSING[0] and (state is _State.OPENED or state is _State.AFTER or state is _State.BROKEN):
            return _State.CLOSED
        return _State.ELEMENT if before and mark != _COMMA and mark not in _CLOSING else _State.REST

    def _element(self, block: bytes, position: int) -> int:
        """Pass over an element as far as the block goes, and read it when it is complete."""
        end, complete = self._scanner.advance(block, position)
        raw = self._take(block[position:end])
        if complete and not self._text.length and len(raw) <= self._limit:
            self._read(raw)
        else:
            self._text.feed(raw)
            if complete:
                self._close()
        self._line_ends += block.count(b"\n", position, end)
        if complete:
            self._line += self._line_ends
            self._line_ends = 0
        return end

    def _close(self) -> None:
        """Read an element that came in several blocks, or refuse it for its length."""
        whole = self._text.whole
        if whole is not None:
            self._read(whole)
        else:
            self._refuse(too_long(self._limit))
            self._state = _State.AFTER
        self._text.clear()

    def _read(self, raw: bytes) -> None:
        """Add one element as a record or a refused record."""
        value = self._parse(raw)
        if isinstance(value, Refusal):
            self._builder.refuse(value, raw, self._offset, len(raw), self._line)
            self._state = _State.BROKEN if value.broken else _State.AFTER
        else:
            self._builder.add(value, raw, self._offset, len(raw), self._line)
            self._state = _State.AFTER
        self._offset += len(raw)

    def _refuse(self, refusal: Refusal) -> None:
        """Refuse what `_text` holds."""
        length, whole = self._text.length, self._text.whole
        raw, sha256 = (whole, None) if whole is not None else self._text.begun(line=False)
        self._builder.refuse(refusal, raw, self._offset, length, self._line, sha256)
        self._offset += length

    def _finish(self) -> None:
        """Add what remains at the end of the input as the rest, unless the array is complete."""
        if self._input.fault is not None:
            self._refuse(broken_off(self._input.fault))
        elif self._state is not _State.CLOSED:
            problem = self._problem if self._state is _State.REST else _UNFINISHED
            self._refuse(Refusal("unreadable.rest", problem, broken=True))


def _end(pattern: re.Pattern[bytes], block: bytes, position: int) -> int:
    """Return the position behind what the pattern matches here; the patterns match at least nothing."""
    match = pattern.match(block, position)
    return match.end() if match else position
