"""Framing of CSV: bytes in, records out, every byte accounted for.

A `Framer` reads working bytes and yields `Stretch`es, in which records, refused lines and blank lines tile the
bytes, and `Piece`s of what is no record or too long to hold.  What it yields does not depend on how the input is
cut into blocks, but for where one stretch ends and the next begins.  Where nothing is wrong it works by
arithmetic on whole blocks (`blocks`); around a fault it goes record by record (`scanning`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from dq.errors import SourceError
from dq.sources.blocks import Block, frame_block
from dq.sources.scanning import CR, LF, Fault, Rules, Scan, Scanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from dq.sources.blocks import Positions
    from dq.sources.recall import Recall

_WINDOW = 1 << 19  # the largest block that is framed at once: it stays in the processor's cache
_CALM = 1 << 14  # how far the careful scan goes on after a fault before arithmetic is tried again
_STRETCH_ROWS = 1 << 14  # rows of a careful stretch: when all are refused, each costs about a kilobyte
CHANGED = "the file changed while it was read; nothing was published"
_LINE_END = re.compile(rb"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive rows that tile `data`; `offset` is the absolute place of its first byte, `line` its 0-based line.

    One entry a row: `start`, `stop` (end of the content), `end` (begin of the next row) relative to `data`,
    `fields`, `fault` (of `Fault`: what the framing itself refused), `recovered` (begins inside a broken quote).
    `folded` lists rows that may have swallowed others, `bare` rows that have quotes as data.  `lines` counts the
    physical lines where an earlier scan did, which found nothing wrong with any of these rows.
    """

    offset: int
    line: int
    data: bytes
    start: Positions
    stop: Positions
    end: Positions
    fields: Positions
    fault: npt.NDArray[np.uint8]
    recovered: npt.NDArray[np.bool_] | None
    folded: Positions
    bare: Positions
    lines: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that are not rows: skipped lines, a row that is too long, the unfinished rest of a broken input.

    A long one comes in several pieces; `last` says that it ends with this one.
    """

    kind: Literal["skipped", "too_long", "rest"]
    offset: int
    line: int
    data: bytes
    last: bool


Event: TypeAlias = "Stretch | Piece"


class Framer:
    """Cuts one input into rows.  `scanned` counts the bytes that the careful scan has looked at."""

    def __init__(
        self,
        read: Callable[[int], bytes],
        rules: Rules,
        *,
        block_size: int,
        is_broken: Callable[[], bool],
        recall: Recall | None = None,
    ) -> None:
        """Read working bytes by `read`; `is_broken` says, at the end of them, that the input goes on unread.

        `recall` holds rows of these bytes that an earlier scan framed.
        """
        self._recall = recall
        self._read, self._rules, self._block_size, self._is_broken = read, rules, block_size, is_broken
        self._scanner = Scanner(rules)
        self._data, self._position = b"", 0
        self._offset, self._line = 0, 0
        self._exhausted = self._broken = False
        self._noticed = self._calm = 0
        self._window = _WINDOW
        self.scanned = 0

    # -- the buffer: `_position` is where the next row begins; `_offset` is the absolute place of `_data[0]` -------

    def _left(self) -> int:
        """Return how many bytes are at hand."""
        return len(self._data) - self._position

    def _fill(self, size: int) -> None:
        """Have at least `size` bytes at hand, or all there are."""
        self._read_on(size, self._block_size)

    def _read_on(self, size: int, least: int) -> None:
        """Have at least `size` bytes at hand, or all there are; what is read is read `least` bytes at a time."""
        pieces, have = [self._data[self._position :]] if self._left() else [], self._left()
        while have < size and not self._exhausted:
            piece = self._read(max(least, size - have))
            self._exhausted = not piece
            pieces.append(piece)
            have += len(piece)
        self._offset += self._position
        # One piece alone is not copied.
        self._data, self._position = pieces[0] if len(pieces) == 1 else b"".join(pieces), 0
        self._broken = self._exhausted and self._is_broken()

    def _take(self, end: int) -> bytes:
        """Hand out the bytes up to a place of the buffer."""
        data = self._data if end == len(self._data) and not self._position else self._data[self._position : end]
        self._position = end
        return data

    @property
    def _here(self) -> int:
        """Return the absolute place of the next row."""
        return self._offset + self._position

    # -- events --------------------------------------------------------------------------------------------------

    @property
    def line(self) -> int:
        """Return the 1-based physical line on which the next row begins."""
        return self._line + 1

    def skip_lines(self, count: int) -> Iterator[Piece]:
        """Skip physical lines, however long."""
        for _ in range(count):
            if self._exhausted and not self._left():
                return
            yield from self._pass_line("skipped", 0)

    def rows(self, columns: int) -> Iterator[Event]:
        """Yield everything that follows, given the header's field count."""
        while True:
            yield from self._recalled(columns)
            if not self._left():
                self._fill(self._block_size)
            if not self._left():
                return
            if self._here < max(self._calm, self._noticed):
                yield from self._careful(None)
            else:
                yield from self._by_arithmetic(columns)

    def row(self) -> Iterator[Event]:
        """Yield the next row alone: one event, or the pieces of one row, or nothing at the end."""
        yield from self._careful(1)

    # -- by what an earlier scan found -----------------------------------------------------------------------------

    def _recalled(self, columns: int) -> Iterator[Event]:
        """Yield the rows that an earlier scan framed from here on, a run at a time."""
        while self._recall is not None and (run := self._recall.run(self._here)) is not None:
            lengths = run.lengths.astype(np.int64)
            size = int(lengths.sum())
            self._read_on(size, 0)
            if self._left() < size:
                raise SourceError(CHANGED)
            offset, line, end, none = self._here, self._line, np.cumsum(lengths), np.zeros(0, np.int64)
            self._line += run.lines
            fields, fault, stop = np.full(len(end), columns, np.int64), np.zeros(len(end), np.uint8), end - run.ending
            data = self._take(size)
            yield Stretch(offset, line, data, end - lengths, stop, end, fields, fault, None, none, none, run.lines)

    # -- by arithmetic -------------------------------------------------------------------------------------------

    def _by_arithmetic(self, columns: int) -> Iterator[Event]:
        """Frame one window, and say what comes next: a wider window, more bytes, or the careful scan."""
        size = min(self._window, self._left())
        whole = size == self._left()
        data = self._data[self._position : self._position + size]
        final = whole and self._exhausted and not self._broken
        block = frame_block(data, self._rules, columns, final=final)
        if len(block.end):
            yield self._stretch_of(data, block)
        # More than _WINDOW only for a row that does not fit: arithmetic is fastest in the processor's cache.
        self._window = min(2 * self._window, _WINDOW) if len(block.end) else 2 * self._window
        if block.violation:
            self._calm, self._window = self._here + _CALM, _CALM
        elif whole and not self._exhausted:
            self._fill(max(self._block_size, 2 * self._left()))
        elif whole and self._left():
            self._calm = self._here + 1

    def _stretch_of(self, window: bytes, block: Block) -> Stretch:
        """Take the bytes of a block's rows, which begin a window."""
        offset, line = self._here, self._line
        size = int(block.end[-1])
        data = window if size == len(window) else window[:size]
        self._position += size
        self._line += block.lines
        fault, none = np.zeros(len(block.end), np.uint8), np.zeros(0, np.int64)
        return Stretch(
            offset, line, data, block.start, block.stop, block.end, block.fields, fault, None, block.folded, none
        )

    # -- record by record ----------------------------------------------------------------------------------------

    def _careful(self, count: int | None) -> Iterator[Event]:
        """Scan `count` rows, or until the fault is well behind."""
        rows = _Rows(self._here, self._line)
        need = self._rules.max_record + 2
        while True:
            if self._left() < need and not self._exhausted:
                yield from rows.flush(self._data, self._offset)
                self._fill(need + self._block_size)
                rows = _Rows(self._here, self._line)
            elif len(rows) >= _STRETCH_ROWS:
                yield from rows.flush(self._data, self._offset)
                rows = _Rows(self._here, self._line)
            if not self._left() or (count is None and self._here >= max(self._calm, self._noticed)):
                break
            piece = self._step(rows)
            if piece:
                yield from rows.flush(self._data, self._offset)
                yield from self._pass_line(piece, self._rules.max_record if piece == "too_long" else None)
                rows = _Rows(self._here, self._line)
            if count is not None:
                break
        self._scanner.forget(self._here)
        yield from rows.flush(self._data, self._offset)

    def _step(self, rows: _Rows) -> Literal["too_long", "rest"] | None:
        """Scan one row into `rows`, or say what is to be passed instead."""
        start, recovered = self._position, self._here < self._noticed
        scan = self._scanner.scan(self._data, start, self._offset)
        self.scanned += scan.looked - start
        if self._broken and self._needs_more(scan, start):
            return "rest"
        if scan.fault is Fault.NONE:
            self._line += self._lines(start, scan) if scan.end > scan.stop or scan.folded else 0
            self._position = scan.end
            rows.add(start, scan, recovered=recovered)
            return None
        if scan.fault is Fault.TOO_LONG:
            return "too_long"
        self._scanner.remember(scan, self._offset)
        self._noticed = max(self._noticed, self._offset + scan.noticed)
        self._calm = max(self._calm, self._noticed + _CALM)
        limit = start + self._rules.max_record
        line = self._scanner.line_end(self._data, start, limit)
        if line is None and len(self._data) > limit:
            return "too_long"
        stop, end = line or (len(self._data), len(self._data))
        self._line += 1
        self._position = end
        rows.add(start, Scan(stop, end, 0, scan.fault, end, end), recovered=recovered)
        return None

    def _needs_more(self, scan: Scan, start: int) -> bool:
        """Tell whether a scan reached the end of a broken input before it was decided."""
        size = len(self._data)
        if scan.fault is Fault.NONE:
            return scan.stop == scan.end == size
        return scan.fault is Fault.UNCLOSED and scan.noticed == size < start + self._rules.max_record

    def _lines(self, start: int, scan: Scan) -> int:
        """Count the physical line ends of a record."""
        if not scan.folded:
            return 1
        return sum(1 for _ in _LINE_END.finditer(self._data, start, scan.end))

    def _pass_line(self, kind: Literal["skipped", "too_long", "rest"], ahead: int | None) -> Iterator[Piece]:
        """Pass bytes up to the first physical line end at least `ahead` bytes on, or to the end of input if None."""
        first, begun, last = self._line, False, False
        while not last:
            if not self._left():
                self._fill(self._block_size)
            end, last = self._line_or_all(ahead)
            if end > self._position or (last and (begun or kind == "rest")):
                offset, data = self._here, self._take(end)
                self._line += count_lines(data)
                begun = True
                yield Piece(kind, offset, first, data, last)
            if not last:
                ahead = ahead and 0
                self._fill(self._left() + self._block_size)

    def _line_or_all(self, ahead: int | None) -> tuple[int, bool]:
        """Return the end of the line that `_pass_line` looks for, or of the buffer; and whether it is the last."""
        found = _LINE_END.search(self._data, self._position + ahead) if ahead is not None else None
        if found is None:
            return len(self._data), self._exhausted
        if found.end() == len(self._data) and self._data[-1] == CR and not self._exhausted:
            return found.start(), False  # LF may follow
        return found.end(), True


class _Rows:
    """Rows found by the careful scan, until they make a stretch.  Places are relative to the buffer."""

    def __init__(self, offset: int, line: int) -> None:
        """Begin at an absolute place, on a 0-based physical line."""
        self._offset, self._line = offset, line
        self._rows: list[tuple[int, int, int, int, int, bool]] = []
        self._folded: list[int] = []
        self._bare: list[int] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, start: int, scan: Scan, *, recovered: bool) -> None:
        """Add one row."""
        if scan.folded:
            self._folded.append(len(self._rows))
        if scan.bare:
            self._bare.append(len(self._rows))
        self._rows.append((start, scan.stop, scan.end, scan.fields, scan.fault, recovered))

    def flush(self, data: bytes, offset: int) -> Iterator[Stretch]:
        """Make the stretch, if there is a row; `offset` is the absolute place of the buffer `data`."""
        if not self._rows:
            return
        first = self._offset - offset
        table = np.array(self._rows, np.int64).T
        start, stop, end = table[0] - first, table[1] - first, table[2] - first
        recovered = table[5].astype(bool)
        self._rows = []
        yield Stretch(
            self._offset, self._line, data[first : first + int(end[-1])], start, stop, end, table[3],
            table[4].astype(np.uint8), recovered if recovered.any() else None,
            np.array(self._folded, np.int64), np.array(self._bare, np.int64),
        )  # fmt: skip


def count_lines(data: bytes) -> int:
    """Count physical line ends: LF, CRLF and CR."""
    returns = data.count(b"\r")
    return data.count(b"\n") + (returns - data.count(b"\r\n") if returns else 0)


def line_starts(data: bytes) -> Positions:
    """Return where physical lines begin within `data`, but the first."""
    view = np.frombuffer(data, np.uint8)
    at = np.flatnonzero(view == LF) if b"\r" not in data else _any_line_ends(view)
    return at + 1


def _any_line_ends(view: npt.NDArray[np.uint8]) -> Positions:
    """Return the last bytes of line ends of all three kinds."""
    at = np.flatnonzero((view == LF) | (view == CR))
    following = view[np.minimum(at + 1, len(view) - 1)]
    found: Positions = at[(view[at] == LF) | (following != LF) | (at == len(view) - 1)]
    return found
