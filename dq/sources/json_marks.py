"""Where the structure of JSON Lines stands, for a block of lines at once.

A *mark* is a bracket, colon or comma outside strings.  Which bytes stand in strings follows from the quotes alone:
those with an odd number of quotes up to them.  That parity is a prefix XOR over bits (Langdale and Lemire, "Parsing
Gigabytes of JSON per Second", 2019, section 3.1.1), here 64 bytes a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dq.sources.encodings import is_utf8
from dq.sources.json_values import WHITE_SPACE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Positions: TypeAlias = npt.NDArray[np.int64]
    Bytes: TypeAlias = npt.NDArray[np.uint8]
    Flags: TypeAlias = npt.NDArray[np.bool_]
    Words: TypeAlias = npt.NDArray[np.uint64]

LF, CR, SPACE, QUOTE, COMMA, COLON, BACKSLASH = b'\n\r ",:\\'
_OPENING, _CLOSING = b"[]"  # of arrays; those of objects differ from them in one bit
_CASE = 0xDF  # the mask that takes this bit away
_SLACK = 8  # bytes behind the text, so that eight bytes can be read anywhere in it
_WORD = 64  # bits
_ONE = np.uint64(1)
_IS_WHITE = np.isin(np.arange(256), list(WHITE_SPACE))


@dataclass(frozen=True, slots=True)
class Lines:
    """Some consecutive whole lines of `data`: content from `start` to `stop`, line end up to `end`; one entry a line.

    Each begins where the one before ends.  `blank` marks those known to be white space.
    """

    data: bytes
    start: Positions
    stop: Positions
    end: Positions
    blank: Flags

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.start)

    def part(self, first: int, behind: int) -> Lines:
        """Return the lines from `first` to before `behind`."""
        some = slice(first, behind)
        return Lines(self.data, self.start[some], self.stop[some], self.end[some], self.blank[some])

    def raws(self, rows: Positions) -> list[bytes]:
        """Return the bytes of some lines without their line ends."""
        data = self.data
        return [data[i:j] for i, j in zip(self.start[rows].tolist(), self.stop[rows].tolist(), strict=True)]


def cut_lines(data: bytes) -> Lines:
    """Return the lines of bytes of an encoding that is transparent to ASCII; an LF ends the last."""
    view = np.frombuffer(data, np.uint8)
    end = np.flatnonzero(view == LF) + 1
    start = np.concatenate((np.zeros(1, np.int64), end[:-1]))
    stop = end - 1
    stop -= (view[np.maximum(stop - 1, 0)] == CR) & (stop > start)
    blank = start == stop
    for row in np.flatnonzero(_IS_WHITE[view[start]] & ~blank).tolist():
        blank[row] = not data[start[row] : stop[row]].strip(WHITE_SPACE)
    return Lines(data, start, stop, end, blank)


def joined_lines(lines: Sequence[bytes], contents: Sequence[bytes]) -> Lines:
    """Return lines that were cut one by one, in any encoding; the contents are without their line ends."""
    end = np.cumsum([len(line) for line in lines], dtype=np.int64)
    start = np.concatenate((np.zeros(1, np.int64), end[:-1]))
    stop = start + np.array([len(content) for content in contents], np.int64)
    return Lines(b"".join(lines), start, stop, end, np.zeros(len(lines), np.bool_))


class MarkedLines:
    """Lines of UTF-8 and where their marks stand; positions are those in `data`, which holds these lines alone.

    `text` is a copy of the bytes with some slack behind them.  `at` holds the positions of the marks and of the LF
    of each line, in order; line `row` has `count[row]` of them from `at[first[row]]` on, LF included.
    """

    def __init__(self, lines: Lines) -> None:
        """Find the marks."""
        base = int(lines.start[0])
        self.data = lines.data[base : int(lines.end[-1])]
        self.start, self.stop, self.end = lines.start - base, lines.stop - base, lines.end - base
        size = len(self.data)
        self.text = np.zeros(size + _SLACK, np.uint8)
        self.text[:size] = np.frombuffer(self.data, np.uint8)
        view, line_feed = self.text[:size], self.end - 1
        quotes = view == QUOTE
        bits = _pack(quotes)
        inside = _inside(bits, size)
        closed = _closed(inside, line_feed)
        if not closed.all():
            quotes[line_feed[~closed]] = True  # what is begun in a line ends with it
            inside = _inside(_pack(quotes), size)
        marks = _marks(view) & ~inside
        marks[line_feed] = True
        self.at = np.flatnonzero(marks)
        last = np.flatnonzero(view[self.at] == LF)
        self.first = np.concatenate((np.zeros(1, np.int64), last[:-1] + 1))
        self.count = last + 1 - self.first
        self._closed, self._quotes = closed, bits

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self.start)

    @cached_property
    def quotes(self) -> Positions:
        """How many quotes each line has."""
        counts: Positions = np.diff(_ones_before(self._quotes, self.end - 1), prepend=0)
        return counts

    @cached_property
    def sound(self) -> Flags:
        """Which lines are UTF-8, close their strings, and have neither backslashes nor control characters.

        A CR before the LF is none.
        """
        return self._closed & self._plain(self.text[: len(self.data)])

    def _plain(self, view: Bytes) -> Flags:
        """Tell which lines are UTF-8 without backslashes and control characters."""
        plain = np.ones(len(self), np.bool_)
        control = view < SPACE
        if np.count_nonzero(control) != int((self.end - self.stop).sum()):
            control[self.end - 1] = False
            control[self.stop[self.end - self.stop > 1]] = False
            plain[self._lines_of(control)] = False
        if b"\\" in self.data:
            plain[self._lines_of(view == BACKSLASH)] = False
        if not is_utf8(self.data):
            spans = zip(self.start.tolist(), self.end.tolist(), strict=True)
            plain &= [is_utf8(self.data[start:end]) for start, end in spans]
        return plain

    def _lines_of(self, flags: Flags) -> Positions:
        """Return the lines of the flagged bytes."""
        return np.searchsorted(self.end, np.flatnonzero(flags), side="right")

    @cached_property
    def words(self) -> Words:
        """The eight bytes from each position on, as one little-endian number."""
        size = len(self.text) - _SLACK + 1
        return np.ndarray((size,), dtype="<u8", buffer=self.text, strides=(1,))

    def marks(self, rows: Positions, count: int) -> Positions:
        """Return the positions of the marks of some lines that have `count` each, as a matrix: a row is a line."""
        if len(rows) * count == len(self.at):
            return self.at.reshape(-1, count)
        found: Positions = self.at[self.first[rows][:, None] + np.arange(count)]
        return found


def _marks(view: Bytes) -> Flags:
    """Tell which bytes are a mark, unless they stand in a string."""
    folded = view & _CASE
    found: Flags = folded == _OPENING
    found |= folded == _CLOSING
    found |= view == COMMA
    found |= view == COLON
    return found


def _pack(flags: Flags) -> Words:
    """Return flags as bits: flag i is bit i % 64 of word i // 64."""
    packed = np.packbits(flags, bitorder="little")
    whole = np.zeros(-(-len(flags) // _WORD) * (_WORD // 8), np.uint8)
    whole[: len(packed)] = packed
    return whole.view("<u8")


def _inside(quotes: Words, size: int) -> Flags:
    """Tell which bytes have an odd number of quotes up to them, themselves included."""
    parity = quotes.copy()
    for shift in (1, 2, 4, 8, 16, 32):
        parity ^= parity << np.uint64(shift)
    before = np.bitwise_xor.accumulate(parity >> np.uint64(_WORD - 1))[:-1]
    parity[1:] ^= np.uint64(0) - before
    return np.unpackbits(parity.view(np.uint8), count=size, bitorder="little").view(np.bool_)


def _closed(inside: Flags, ends: Positions) -> Flags:
    """Tell which lines close all of their strings: the parity at their ends is that at the ends before them."""
    parity = inside[ends]
    same: Flags = parity == np.concatenate((np.zeros(1, np.bool_), parity[:-1]))
    return same


def _ones_before(bits: Words, positions: Positions) -> Positions:
    """Count the ones before each position."""
    ones = np.bitwise_count(bits)
    before = np.cumsum(ones, dtype=np.int64) - ones
    word, bit = positions // _WORD, (positions % _WORD).astype(np.uint64)
    found: Positions = before[word] + np.bitwise_count(bits[word] & ((_ONE << bit) - _ONE))
    return found
