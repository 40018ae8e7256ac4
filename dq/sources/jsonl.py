"""JSON Lines: a line is a record.

LF ends a line; a CR before it belongs to the line end, any other CR is white space.  A line of white space
is blank and no record.  Framing looks at LF bytes only, so nothing inside a line can move its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from dq.sources.base import Account, Chunk, Dialect
from dq.sources.json_chunks import BATCH_RECORDS, UTF8_BOM, BoundedText, ChunkBuilder, blocks
from dq.sources.json_values import WHITE_SPACE, Refusal, too_long, truncated

class JsonLinesReader:
    """Reads JSON Lines from a stream, once.

    The length of a record includes its line end; its raw text does not.  Chunks are cut by records and bytes
    of the input and do not depend on `block_size`.
    """

    def __init__(
        self,
        dialect: Dialect,
        open_stream: Callable[[], BinaryIO],
        *,
        block_size: int = 4 << 20,
        chunk_records: int = 100_000,
        columns: frozenset[str] | None = None,
    ) -> None:
        self.account = Account()
        self._limit = dialect.max_record
        self._blocks = blocks(open_stream, block_size, self.account)
        self._builder = ChunkBuilder(dialect, columns, self.account, chunk_records)
        self._parse = self._builder.parser.parse
        self._open_line = BoundedText(self._limit + 1)  # one more, which may be the CR of the line end
        self._offset = 0
        self._line = 1

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks in order.  SourceError where the stream cannot be read."""
        first = True
        for block in self._blocks:
            start = 0
            if first and block.startswith(UTF8_BOM):
                self._builder.skip("bom", 0, len(UTF8_BOM))
                self._offset = start = len(UTF8_BOM)
            first = False
            yield from self._block(block, start)
        if self._open_line.length:
            self._close_line(b"")
        if not self._builder.empty:
            yield self._builder.take()

    def _block(self, block: bytes, start: int) -> Iterator[Chunk]:
        """Read the lines that end in a block and keep the beginning of the one that does not."""
        end = block.rfind(b"\n") + 1
        if end <= start:
            self._open_line.feed(block[start:])
            return
        if self._open_line.length:
            middle = block.index(b"\n", start)
            self._open_line.feed(block[start:middle])
            self._close_line(b"\n")
            start = middle + 1
        if start < end:
            yield from self._lines(block[start : end - 1].split(b"\n"))
        self._open_line.feed(block[end:])
        if self._builder.room <= 0:
            yield self._builder.take()

    def _lines(self, lines: list[bytes]) -> Iterator[Chunk]:
        """Read whole lines, given without their LF, batch by batch."""
        start = 0
        while start < len(lines):
            if self._builder.room <= 0:
                yield self._builder.take()
            batch = lines[start : start + min(self._builder.room, BATCH_RECORDS)]
            lengths = [len(line) + 1 for line in batch]
            if sum(lengths) > self._builder.bytes_left:
                batch = batch[: self._fitting(lengths)]
                lengths = lengths[: len(batch)]
            self._batch(batch, lengths)
            start += len(batch)

    def _fitting(self, lengths: list[int]) -> int:
        """Return how many lines the chunk takes: those up to the one that crosses its limit of bytes."""
        left = self._builder.bytes_left
        for count, length in enumerate(lengths, start=1):
            left -= length
            if left <= 0:
                return count
        return len(lengths)

    def _batch(self, lines: list[bytes], lengths: list[int]) -> None:
        """Parse a batch of lines; the rule is that all are records."""
        raws = [line[:-1] if line.endswith(b"\r") else line for line in lines]
        if max(lengths) <= self._limit:
            values = list(map(self._parse, raws))
            records = [value for value in values if not isinstance(value, Refusal)]
            if len(records) == len(values):
                self._offset = self._builder.extend(records, raws, lengths, self._offset, self._line)
                self._line += len(lines)
                return
            for value, raw, length in zip(values, raws, lengths, strict=True):
                self._add(value, raw, length)
            return
        for raw, length in zip(raws, lengths, strict=True):
            self._add(too_long(self._limit) if len(raw) > self._limit else self._parse(raw), raw, length)

    def _add(self, value: dict[str, Any] | Refusal, raw: bytes, length: int) -> None:
        """Add one line: a record, a refused record, or a blank."""
        if not isinstance(value, Refusal):
            self._builder.add(value, raw, self._offset, length, self._line)
        elif value.broken and not raw.strip(WHITE_SPACE):
            self._builder.skip("blank", self._offset, length)
            self.account.blank += 1
        else:
            self._builder.refuse(value, raw, self._offset, length, self._line)
        self._offset += length
        self._line += 1

    def _close_line(self, end: bytes) -> None:
        """Add the line that was begun in an earlier block and ends now, or with the input if `end` is empty."""
        length = self._open_line.length + len(end)
        whole = self._open_line.whole
        raw = whole[:-1] if whole is not None and end and whole.endswith(b"\r") else whole
        if raw is None:
            head, sha256 = self._open_line.begun(line=bool(end))
            self._builder.refuse(too_long(self._limit), head, self._offset, length, self._line, sha256)
            self._offset += length
            self._line += 1
        elif len(raw) > self._limit:
            self._add(too_long(self._limit), raw, length)
        else:
            value = self._parse(raw)
            self._add(truncated(value) if isinstance(value, Refusal) and not end else value, raw, length)
        self._open_line.clear()
