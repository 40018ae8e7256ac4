"""JSON Lines: a line is a record.

LF ends a line; a CR before it belongs to the line end, any other CR is white space.  A line of white space
is blank and no record.  Framing looks at LF bytes only, so nothing inside a line can move its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from dq.sources.base import CHUNK_RECORDS, Account, Chunk, Dialect
from dq.sources.compression import DecodedStream
from dq.sources.json_chunks import BoundedText, ByteInput, ChunkBuilder, broken_off
from dq.sources.json_marks import Lines, cut_lines, joined_lines
from dq.sources.json_values import BLANK, Refusal, too_long, truncated

if TYPE_CHECKING:
    from dq.sources.recall import Recall


class LineFramer:
    """Makes chunks of blocks of bytes as they come: a line is a record as soon as its end is there.

    The length of a record includes its line end; its raw text does not.  Chunks are cut by records and bytes of the
    input and do not depend on how it is cut into blocks, unless somebody takes what is there.
    """

    def __init__(
        self,
        dialect: Dialect,
        account: Account,
        chunk_records: int = CHUNK_RECORDS,
        columns: frozenset[str] | None = None,
        recall: Recall | None = None,
    ) -> None:
        self.account = account
        self._limit = dialect.max_record
        self._columns, self._records = columns, chunk_records
        self._builder = ChunkBuilder(dialect, columns, account, chunk_records, recall)
        self.offset = 0  # of the first line that is not read
        self.line = 1

    def begin(self, encoding: str, mark: int, take: Callable[[bytes], bytes]) -> None:
        """Prepare for the encoding that is now known for certain; `take` is that of `ByteInput`."""
        self._builder.begin(encoding, mark)
        self.offset = mark
        self._encoding, self._take = encoding, take
        self._plain = not encoding.startswith(("utf-16", "utf-32"))
        self._cr, self._lf = "\r".encode(encoding), "\n".encode(encoding)
        # One character more than the longest record, which may be the CR of the line end.
        self._open_line = BoundedText(self._limit + len(self._cr), self._cr)

    def resume(self, offset: int, line: int, record: int) -> None:
        """Go on where another framer of the same bytes stopped; `record` is the number of the next record."""
        self.offset, self.line = offset, line
        self._builder.next_record = record

    def renew(self, dialect: Dialect) -> None:
        """Read the fields of another dialect, which frames alike, from the next line on; nothing may be gathered."""
        record = self.next_record
        self._builder = ChunkBuilder(dialect, self._columns, self.account, self._records)
        self._builder.begin(self._encoding, 0)
        self._builder.next_record = record

    @property
    def next_record(self) -> int:
        """The number of the next record."""
        return self._builder.next_record

    def finish(self, fault: str | None = None) -> Iterator[Chunk]:
        """Yield what is left when the bytes are at their end, or broke off by a `fault`."""
        if fault is not None:
            self._refuse_open_line(broken_off(fault), line=False)
        elif self._open_line.length:
            self._close_line(b"")
        yield from self.gathered()

    def gathered(self) -> Iterator[Chunk]:
        """Yield the chunk of all lines that are complete by now, if there is any."""
        if not self._builder.empty:
            yield self._builder.take()

    def feed(self, block: bytes) -> Iterator[Chunk]:
        """Read the lines that end in a block and keep the beginning of the one that does not."""
        end = block.rfind(b"\n") + 1
        if end and self._open_line.length:
            block, end = self._continued(block, end)
        if end:
            yield from self._lines(self._cut(block[:end]))
        self._open_line.feed(self._take(block[end:]))
        if self._builder.room <= 0:
            yield self._builder.take()

    def _continued(self, block: bytes, end: int) -> tuple[bytes, int]:
        """Return a block together with the line that was begun before it, or without the rest of that line."""
        begun = self._open_line.whole
        if self._plain and begun is not None:
            self._open_line.clear()
            return begun + block, len(begun) + end
        start = block.index(b"\n") + 1
        self._open_line.feed(self._take(block[: start - 1]))
        self._close_line(self._take(b"\n"))
        return block[start:], end - start

    def _cut(self, data: bytes) -> Lines:
        """Cut whole lines from bytes that were framed as ASCII."""
        if self._plain:
            return cut_lines(data)
        lines = [self._take(line + b"\n") for line in data[:-1].split(b"\n")]
        return joined_lines(lines, [line.removesuffix(self._lf).removesuffix(self._cr) for line in lines])

    def _lines(self, lines: Lines) -> Iterator[Chunk]:
        """Read whole lines, as many at once as the chunk has room for."""
        start = 0
        records = np.cumsum(~lines.blank)
        while start < len(lines):
            if self._builder.room <= 0:
                yield self._builder.take()
            known, size = (int(records[start - 1]), int(lines.end[start - 1])) if start else (0, 0)
            # The last line is the one that fills the chunk with records, or crosses its limit of bytes.
            full = np.searchsorted(records, known + self._builder.room)
            crossed = np.searchsorted(lines.end, size + self._builder.bytes_left)
            behind = min(int(full), int(crossed), len(lines) - 1) + 1
            part = lines.part(start, behind)
            self._builder.read(part, self.offset, self.line)
            self.offset += int(part.end[-1] - part.start[0])
            self.line += len(part)
            start = behind

    def _add(self, value: dict[str, Any] | Refusal, raw: bytes, length: int) -> None:
        """Add one line: a record, a refused record, or a blank."""
        if not isinstance(value, Refusal):
            self._builder.add(value, raw, self.offset, length, self.line)
        elif value is BLANK:
            self._builder.skip("blank", self.offset, length)
            self.account.blank += 1
        else:
            self._builder.refuse(value, raw, self.offset, length, self.line)
        self.offset += length
        self.line += 1

    def _close_line(self, end: bytes) -> None:
        """Add the line that was begun in an earlier block and ends now, or with the input if `end` is empty."""
        whole = self._open_line.whole
        raw = whole.removesuffix(self._cr) if whole is not None and end else whole
        if raw is None:
            self._refuse_open_line(too_long(self._limit), line=bool(end), end=len(end))
            return
        value = too_long(self._limit) if len(raw) > self._limit else self._builder.parser.parse(raw)
        length = self._open_line.length + len(end)
        self._add(truncated(value) if isinstance(value, Refusal) and not end else value, raw, length)
        self._open_line.clear()

    def _refuse_open_line(self, refusal: Refusal, *, line: bool, end: int = 0) -> None:
        """Refuse what was begun, of any length, even none."""
        length, whole = self._open_line.length + end, self._open_line.whole
        raw, sha256 = (whole, None) if whole is not None else self._open_line.begun(line=line)
        self._builder.refuse(refusal, raw, self.offset, length, self.line, sha256)
        self.offset += length
        self.line += 1
        self._open_line.clear()


class JsonLinesReader:
    """Reads JSON Lines from a stream, once.  Chunks do not depend on `block_size`.

    `recall` is filled by the first scan of an input and spares the second one, by the same sizes, some of the work.
    """

    def __init__(
        self,
        dialect: Dialect,
        open_stream: Callable[[], BinaryIO | DecodedStream],
        *,
        block_size: int = 4 << 20,
        chunk_records: int = CHUNK_RECORDS,
        columns: frozenset[str] | None = None,
        recall: Recall | None = None,
    ) -> None:
        self.account = Account()
        self._recall = recall
        self._input = ByteInput(open_stream, block_size, dialect.encoding, self.account)
        self._framer = LineFramer(dialect, self.account, chunk_records, columns, recall)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks in order.  SourceError where the stream cannot be read."""
        blocks = self._input.blocks()
        block = next(blocks)
        self._framer.begin(self._input.encoding, self._input.mark, self._input.take)
        yield from self._framer.feed(block)
        for block in blocks:
            yield from self._framer.feed(block)
        yield from self._framer.finish(self._input.fault)
        if self._recall is not None:
            self._recall.finish()
