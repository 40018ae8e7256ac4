"""The CSV reader: bytes of any size in, chunks of text cells out, every byte and every record accounted for.

The rules are DESIGN's "Framing rules".  Two of them need more words:

*Places.*  `offset`, `length` and raw bytes are of the decoded input before any change of encoding.  A record's
span has its line end, its raw bytes have not.  `max_record` counts working bytes: UTF-16 and UTF-32 are framed
as UTF-8 (see `encodings`).

*No header.*  With `header: false` a path is the 1-based number of a column, as text.  If no path of the source is
a number, the columns belong to the fields in the order in which the source lists them.  The field count is that of
the fields listed, or, with numbers, that of the first line that is not blank (the highest number, if that line
cannot be framed).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from dq.sources.base import CHUNK_BYTES, CHUNK_RECORDS, Account
from dq.sources.compression import DecodedStream
from dq.sources.csv_chunks import Assembly
from dq.sources.csv_columns import (
    Columns,
    SourceRefusedError,
    by_name,
    by_number,
    by_order,
    highest_number,
    is_numbered,
    rules_of,
)
from dq.sources.encodings import MARK_LENGTH, WorkingBytes, check_encoding, read_mark, to_utf8
from dq.sources.footer import FooterHold
from dq.sources.framing import Framer, Piece, Stretch
from dq.sources.scanning import Fault, field_text, split_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dq.sources.base import Chunk, Dialect
    from dq.sources.framing import Event
    from dq.sources.recall import Recall

_DRAIN = 1 << 20


class CsvReader:
    """One pass over one CSV input: a `Reader`.

    `open_stream` opens the stored bytes, or a `DecodedStream` over them.  `columns` are the canonical fields
    whose cells are wanted (None: all of the dialect's); framing and judging do not depend on it.  The input is
    read `block_size` bytes at a time, and a chunk holds about `chunk_records` records; neither has an influence on
    which records there are and what becomes of them.  `recall` is filled by the first scan of an input and spares
    the second one the framing.  UsageError where the dialect cannot be framed by.
    """

    def __init__(
        self,
        dialect: Dialect,
        open_stream: Callable[[], BinaryIO | DecodedStream],
        *,
        block_size: int = 2 << 20,
        chunk_records: int = CHUNK_RECORDS,
        columns: frozenset[str] | None = None,
        recall: Recall | None = None,
    ) -> None:
        """Prepare; nothing is opened before `chunks`."""
        self._recall = recall
        self.account = Account()
        self._dialect, self._rules = dialect, rules_of(dialect)
        self._open_stream, self._block_size, self._chunk_records = open_stream, block_size, chunk_records
        self._wanted = tuple(field for field in dialect.fields if columns is None or field in columns)
        self.scanned = 0

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks in order.  SourceError where the input cannot be read at all."""
        opened = self._open_stream()
        stream = opened if isinstance(opened, DecodedStream) else DecodedStream(opened, self._dialect.compression)
        with stream:
            counted = _CountedRead(stream)
            try:
                yield from self._chunks(stream, counted)
            except SourceRefusedError as refused:
                while counted.read(_DRAIN):
                    pass
                self.account.refused = (refused.code, refused.message)
            self.account.bytes, self.account.sha256 = counted.count, stream.sha256

    def _chunks(self, stream: DecodedStream, counted: _CountedRead) -> Iterator[Chunk]:
        """Read the mark, the header and the rows."""
        dialect = self._dialect
        encoding, mark = _read_mark(dialect, counted)
        working = WorkingBytes(counted.read, encoding)
        hold = FooterHold(working.read, dialect.skip_footer, dialect.max_record, lambda: stream.fault is not None)
        read = hold.read if dialect.skip_footer else working.read
        framer = Framer(
            read,
            self._rules,
            block_size=self._block_size,
            is_broken=lambda: stream.fault is not None,
            recall=self._recall,
        )
        assembly = Assembly(dialect, self._rules, self.account, working, mark)
        assembly.encoding, assembly.wanted, assembly.recall = encoding, self._wanted, self._recall
        if mark:
            assembly.raw_span("bom", 0, mark)
        for piece in framer.skip_lines(dialect.skip_rows):
            assembly.span("skipped", piece.data)
        assembly.columns, first = self._columns(framer, assembly)
        yield from self._rows(framer, assembly, first, stream)
        assembly.span("footer", hold.footer)
        self.scanned = framer.scanned
        if self._recall is not None:
            self._recall.finish()
        yield assembly.flush()

    def _rows(self, framer: Framer, assembly: Assembly, first: list[Event], stream: DecodedStream) -> Iterator[Chunk]:
        """Collect what the framer yields, and give it out a chunk at a time."""
        rest = False
        for event in chain(first, framer.rows(assembly.columns.count)):
            if isinstance(event, Stretch):
                assembly.stretch(event)
            else:
                rest = event.kind == "rest"
                assembly.piece(event, stream.fault if rest else None)
            if assembly.size >= self._chunk_records or assembly.bytes >= CHUNK_BYTES:
                yield assembly.flush()
        if stream.fault is not None and not rest:
            assembly.rest(framer.line, stream.fault)

    def _columns(self, framer: Framer, assembly: Assembly) -> tuple[Columns, list[Event]]:
        """Find out which column is which; also return the events that had to be read for it."""
        dialect, first = self._dialect, []
        if dialect.header is True:
            names = self._header(framer, assembly)
            self.account.header = tuple(names)
            columns = by_name(dialect, names)
        elif dialect.header:
            self.account.header = dialect.header
            columns = by_name(dialect, dialect.header)
        elif is_numbered(dialect):
            first = _first_row(framer)
            columns = by_number(dialect, _field_count(first, dialect))
        else:
            columns = by_order(dialect)
        self.account.absent = columns.absent
        self.account.present = dict.fromkeys(columns.index, 0)
        self.account.unknown = {name: 0 for _, name in columns.unknown}
        return columns, first

    def _header(self, framer: Framer, assembly: Assembly) -> list[str]:
        """Read the first line that is not blank as the names of the columns."""
        while True:
            event = next(iter(framer.row()), None)
            if event is None:
                raise SourceRefusedError("source.empty", "the input is empty: there is no header")
            if isinstance(event, Piece) or event.fault[0] != Fault.NONE:
                raise SourceRefusedError("source.header", "the header cannot be framed: a broken quote, or no end")
            if event.start[0] == event.stop[0]:
                self.account.blank += 1
                assembly.span("blank", event.data)
                continue
            record = event.data[: event.stop[0]]
            text = to_utf8(record, assembly.encoding)
            if text is None:
                raise SourceRefusedError("source.header", f"the header is not {assembly.encoding}")
            assembly.span("header", event.data)
            return [field_text(text, field, self._rules).decode() for field in split_fields(text, self._rules)]


class _CountedRead:
    """Reads decoded bytes and counts them; what was looked at can be given back."""

    def __init__(self, stream: DecodedStream) -> None:
        """Read from a stream."""
        self._stream = stream
        self._back = b""
        self.count = 0

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; b"" at the end."""
        if self._back:
            data, self._back = self._back, b""
            return data
        data = self._stream.read(size)
        self.count += len(data)
        return data

    def give_back(self, data: bytes) -> None:
        """Have the next `read` return these bytes."""
        self._back = data


def _read_mark(dialect: Dialect, counted: _CountedRead) -> tuple[str, int]:
    """Read the byte-order mark: the encoding with its order, and the mark's length."""
    head = counted.read(MARK_LENGTH)
    try:
        encoding, length = read_mark(check_encoding(dialect.encoding), head)
    except ValueError as error:
        raise SourceRefusedError("source.bom", str(error)) from None
    counted.give_back(head[length:])
    return encoding, length


def _first_row(framer: Framer) -> list[Event]:
    """Return the events up to the first line that is not blank."""
    events: list[Event] = []
    while True:
        row = list(framer.row())
        events += row
        if not row or isinstance(row[0], Piece) or row[0].fault[0] or row[0].start[0] != row[0].stop[0]:
            return events


def _field_count(first: list[Event], dialect: Dialect) -> int:
    """Return the field count of a source with numbered columns."""
    last = first[-1] if first else None
    if isinstance(last, Stretch) and not last.fault[0] and last.start[0] != last.stop[0]:
        return int(last.fields[0])
    return highest_number(dialect)
