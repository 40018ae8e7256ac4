"""What the JSON readers share: bounded reading of bytes, and records gathered into chunks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from dq.errors import SourceError
from dq.sources.base import CHUNK_BYTES, KEPT_RAW, Account, Chunk, Dialect, Span, Unreadable
from dq.sources.compression import DecodedStream
from dq.sources.encodings import MARK_LENGTH, WorkingBytes, check_encoding, read_mark
from dq.sources.json_batch import BATCH_RECORDS, RENDER_RECORDS, LineReader
from dq.sources.json_cells import CellBuilder, stack
from dq.sources.json_values import RecordParser, Refusal

if TYPE_CHECKING:
    from dq.sources.json_marks import Lines, Positions
    from dq.sources.recall import Recall

FIRST_RECORD = 1  # records and lines are numbered from 1
BATCH_BYTES = 4 << 20

SpanKind = Literal["bom", "skipped", "header", "blank", "structure", "footer"]


class ByteInput:
    """The bytes of a stream, without its byte-order mark, in blocks that can be framed as if they were ASCII.

    UTF-16 and UTF-32 are framed on UTF-8; `take` leads back from what was framed to the bytes as they were.
    """

    def __init__(
        self, open_stream: Callable[[], BinaryIO | DecodedStream], size: int, encoding: str, account: Account
    ) -> None:
        self._open = open_stream
        self._size = size
        self._account = account
        self._digest = hashlib.sha256()
        self.encoding = check_encoding(encoding)  # with its byte order, once the mark has been read
        self.mark = 0  # the length of the byte-order mark
        self.fault: str | None = None  # why the bytes ended early, in words
        self.take: Callable[[bytes], bytes] = bytes

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes to frame, at least one block, of any length; the account is complete afterwards.

        SourceError where the stream cannot be opened or read, or its mark contradicts the encoding.
        """
        try:
            with self._open() as stream:
                head = self._read(stream, MARK_LENGTH)
                self.encoding, self.mark = _mark(self.encoding, head)
                rest = BytesIO(head[self.mark :])
                working = WorkingBytes(lambda size: rest.read(size) or self._read(stream, size), self.encoding)
                self.take = working.take
                yield working.read(self._size)
                while block := working.read(self._size):
                    yield block
                self.fault = getattr(stream, "fault", None)
                self._account.sha256 = getattr(stream, "sha256", None) or self._digest.hexdigest()
        except OSError as error:
            raise SourceError(f"the source cannot be read: {error.strerror or type(error).__name__}") from error

    def _read(self, stream: BinaryIO | DecodedStream, size: int) -> bytes:
        """Read up to `size` bytes, fewer only at the end; a stream that hashes what it stores is not hashed again."""
        data = stream.read(size)
        while data and len(data) < size and (more := stream.read(size - len(data))):
            data += more
        self._account.bytes += len(data)
        if not isinstance(stream, DecodedStream):
            self._digest.update(data)
        return data


def _mark(encoding: str, head: bytes) -> tuple[str, int]:
    """Return the encoding with its order and the length of the mark; SourceError if it contradicts."""
    try:
        return read_mark(encoding, head)
    except ValueError as error:
        raise SourceError(f"the source cannot be read: {error}") from error


class BoundedText:
    """Bytes that arrive in parts: kept whole up to a limit, and beyond it only counted, hashed and begun.

    Memory is never more than the limit plus one part, and the work is linear in the bytes.
    """

    def __init__(self, limit: int, carriage_return: bytes = b"\r") -> None:
        self._limit = limit
        self._cr = carriage_return
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.length = 0
        self._parts: list[bytes] = []
        self._head = b""
        self._last = b""  # the last character is not hashed before it is known not to be the CR of a line end
        self._digest = hashlib.sha256()

    def feed(self, part: bytes) -> None:
        """Take the next bytes."""
        if not part:
            return
        self.length += len(part)
        self._parts.append(part)
        if self.length > self._limit:
            part = b"".join(self._parts)
            self._parts = []
            self._head += part[: KEPT_RAW - len(self._head)]
            part = self._last + part
            self._digest.update(part[: -len(self._cr)])
            self._last = part[-len(self._cr) :]

    @property
    def whole(self) -> bytes | None:
        """All bytes, or None if there are more than the limit."""
        return b"".join(self._parts) if self.length <= self._limit else None

    def begun(self, *, line: bool) -> tuple[bytes, str]:
        """Return the first KEPT_RAW bytes and the SHA-256 of all, of a line without a CR at its end.

        Only for texts beyond the limit; nothing may be fed afterwards.
        """
        if line and self._last == self._cr:
            return self._head[: self.length - len(self._cr)], self._digest.hexdigest()
        self._digest.update(self._last)
        return self._head, self._digest.hexdigest()


def broken_off(fault: str) -> Refusal:
    """Return the refusal of what follows the place where the bytes of an input broke off."""
    return Refusal("unreadable.rest", f"the input cannot be read further: {fault}", broken=True)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Consecutive readable rows of a chunk: their places, and their raw text from `start` to `stop` of `data`."""

    record: Positions
    offset: Positions
    length: Positions
    line: Positions
    data: bytes
    start: Positions
    stop: Positions


class RawRecords:
    """Raw bytes and lines of the readable rows of a chunk, kept as they were read."""

    def __init__(self, parts: Sequence[_Rows]) -> None:
        """Keep the parts; rows are numbered through them."""
        self._parts = parts
        self._behind = np.cumsum([len(part.record) for part in parts], dtype=np.int64)

    def _places(self, rows: npt.NDArray[np.int64]) -> Iterator[tuple[_Rows, int]]:
        """Yield the part of each row, and where in the part it is."""
        owners = np.searchsorted(self._behind, rows, side="right").tolist()
        for row, owner in zip(rows.tolist(), owners, strict=True):
            part = self._parts[owner]
            yield part, row - int(self._behind[owner]) + len(part.record)

    def raw(self, rows: npt.NDArray[np.int64]) -> list[bytes]:
        """Return the raw bytes of these rows; a line is without its line end."""
        return [part.data[part.start[at] : part.stop[at]] for part, at in self._places(rows)]

    def lines(self, rows: npt.NDArray[np.int64]) -> list[int] | None:
        """Return the 1-based physical line on which each of these rows begins."""
        return [int(part.line[at]) for part, at in self._places(rows)]


class ChunkBuilder:
    """Gathers records, refused ones and spans, in the order of the input, into chunks."""

    def __init__(
        self,
        dialect: Dialect,
        columns: frozenset[str] | None,
        account: Account,
        chunk_records: int,
        recall: Recall | None = None,
    ) -> None:
        self._dialect = dialect
        self._recall = recall
        self._cells = CellBuilder(dialect, columns, account)
        self._account = account
        self._limit = chunk_records
        self.next_record = FIRST_RECORD
        self._clear()
        self._clear_single()

    def _clear(self) -> None:
        """Begin an empty chunk."""
        self._batches: list[pl.DataFrame] = []
        self._parts: list[_Rows] = []
        self._bytes = 0
        self._readable = 0
        self._unreadable: list[Unreadable] = []
        self._spans: list[Span] = []

    def _clear_single(self) -> None:
        """Forget the records that were added one by one."""
        self._values: list[dict[str, Any]] = []
        self._raws: list[bytes] = []
        self._places: list[tuple[int, int, int, int]] = []
        self._unflushed_bytes = 0

    def begin(self, encoding: str, mark: int) -> None:
        """Say what the head of the input has told: the encoding's byte order, and the length of its mark."""
        self.parser = RecordParser(encoding, self._dialect.max_depth)
        self._lines = LineReader(self.parser, self._cells, encoding, self._dialect.max_record, self._recall)
        self.skip("bom", 0, mark)

    @property
    def room(self) -> int:
        """How many records this chunk still takes; 0 when it should be taken."""
        if self._bytes >= CHUNK_BYTES:
            return 0
        return self._limit - self._readable - len(self._unreadable)

    @property
    def bytes_left(self) -> int:
        """How many bytes this chunk still takes; the record that crosses the mark is its last."""
        return CHUNK_BYTES - self._bytes

    @property
    def empty(self) -> bool:
        """Whether there is nothing to take."""
        return not (self._readable or self._unreadable or self._spans)

    def read(self, lines: Lines, offset: int, line: int) -> None:
        """Read lines that there is room for; the first has this offset and is this physical line."""
        self._close_single()
        batch = self._lines.read(lines, offset)
        record = np.cumsum(~batch.blank) + (self.next_record - 1)
        offsets = lines.start + (offset - int(lines.start[0]))
        length = lines.end - lines.start
        for row in np.flatnonzero(batch.blank).tolist():
            self.skip("blank", int(offsets[row]), int(length[row]))
        for row, refusal in batch.refusals.items():
            raw = lines.data[lines.start[row] : lines.stop[row]]
            self.next_record = int(record[row])
            self.refuse(refusal, raw, int(offsets[row]), int(length[row]), line + row)
        self.next_record = int(record[-1]) + 1
        self._account.blank += int(np.count_nonzero(batch.blank))
        if batch.cells is not None:
            at = batch.readable
            places = (record[at], offsets[at], length[at], line + at, lines.data, lines.start[at], lines.stop[at])
            self._keep(_Rows(*places), batch.cells)

    def _keep(self, rows: _Rows, cells: pl.DataFrame) -> None:
        """Add readable rows whose cells are made."""
        self._parts.append(rows)
        self._batches.append(cells)
        self._readable += len(rows.record)
        self._bytes += int(rows.length.sum())

    def add(self, value: dict[str, Any], raw: bytes, offset: int, length: int, line: int) -> None:
        """Add one record."""
        self._values.append(value)
        self._raws.append(raw)
        self._places.append((self.next_record, offset, length, line))
        self.next_record += 1
        self._readable += 1
        self._bytes += length
        self._unflushed_bytes += length
        if len(self._values) >= BATCH_RECORDS or self._unflushed_bytes >= BATCH_BYTES:
            self._feed()

    def _feed(self) -> None:
        """Take the cells out of the records that were added since the last time."""
        self._cells.feed(self._values, self._raws[len(self._raws) - len(self._values) :], self.parser)
        self._values = []
        self._unflushed_bytes = 0
        if self._cells.pending >= RENDER_RECORDS:
            self._batches.append(self._cells.flush())

    def _close_single(self) -> None:
        """Make rows of the records that were added one by one."""
        if not self._places:
            return
        if self._values:
            self._feed()
        if self._cells.pending:
            self._batches.append(self._cells.flush())
        size = np.array([len(raw) for raw in self._raws], np.int64)
        stop = np.cumsum(size)
        record, offset, length, line = np.array(self._places, np.int64).T
        self._parts.append(_Rows(record, offset, length, line, b"".join(self._raws), stop - size, stop))
        self._clear_single()

    def refuse(
        self, refusal: Refusal, raw: bytes, offset: int, length: int, line: int, sha256: str | None = None
    ) -> None:
        """Add a record that could not be read.  `raw` is all of it, or its beginning where `sha256` is given."""
        if sha256 is None and len(raw) > self._dialect.max_record:
            raw, sha256 = raw[:KEPT_RAW], hashlib.sha256(raw).hexdigest()
        self._unreadable.append(
            Unreadable(self.next_record, offset, length, line, refusal.code, refusal.message, raw, sha256)
        )
        self.next_record += 1
        self._bytes += length

    def skip(self, kind: SpanKind, offset: int, length: int) -> None:
        """Add bytes that are no record, to the span before them if they continue it."""
        if length == 0:
            return
        self._bytes += length
        if self._spans:
            last = self._spans[-1]
            if last.kind == kind and last.offset + last.length == offset:
                self._spans[-1] = Span(kind, last.offset, last.length + length)
                return
        self._spans.append(Span(kind, offset, length))

    def take(self) -> Chunk:
        """Return what was gathered and begin the next chunk."""
        self._close_single()
        parts = self._parts
        record, offset, length = (
            np.concatenate([np.zeros(0, np.int64), *(getattr(part, name) for part in parts)])
            for name in ("record", "offset", "length")
        )
        chunk = Chunk(
            cells=stack(self._batches or [self._cells.flush()]),
            record=record,
            offset=offset,
            length=length,
            recovered=None,
            unreadable=self._unreadable,
            spans=self._spans,
            raws=RawRecords(parts),
        )
        self._account.records += chunk.records
        self._account.unreadable += len(chunk.unreadable)
        self._clear()
        return chunk
