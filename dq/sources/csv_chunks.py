"""Framed stretches in, chunks out: record numbers, raw places, reasons of what cannot be read, cells."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from dq.errors import InternalError, SourceError
from dq.sources.base import KEPT_RAW, UNKNOWN_COLUMN, Chunk, Span, Unreadable
from dq.sources.csv_cells import gather, json_objects, parse, undecodable
from dq.sources.encodings import to_utf8
from dq.sources.framing import CHANGED, count_lines, line_starts
from dq.sources.scanning import Fault, swallows_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from dq.sources.base import Account, Dialect
    from dq.sources.blocks import Positions
    from dq.sources.csv_columns import Columns
    from dq.sources.encodings import WorkingBytes
    from dq.sources.framing import Piece, Stretch
    from dq.sources.recall import Recall
    from dq.sources.scanning import Rules

_CODES = {
    Fault.MALFORMED: ("unreadable.quote", "text stands between a closing quote and the end of its field"),
    Fault.UNCLOSED: ("unreadable.quote", "a quoted field is not closed"),
    Fault.BARE_QUOTE: ("unreadable.bare_quote", "a quote stands inside a field that is not quoted"),
    Fault.SUSPECT: ("unreadable.suspect_quote", "a quoted field holds lines that look like records"),
    Fault.ENCODING: ("unreadable.encoding", "bytes that the declared encoding {encoding} cannot decode"),
    Fault.RECOVERED: ("unreadable.recovered", "begins inside a broken quoted field"),
}


@dataclass(frozen=True, slots=True)
class _Part:
    """The readable rows of one stretch: their text as UTF-8, and where they stand in the raw bytes."""

    text: bytes
    raw: bytes
    working: bytes
    line: int
    number: Positions
    offset: Positions
    length: Positions
    raw_start: Positions
    raw_stop: Positions
    working_start: Positions
    recovered: npt.NDArray[np.bool_] | None
    one_line_each: bool


class CsvRaw:
    """`RawText` over the stretches of one chunk."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        """Keep the parts; rows are numbered through them."""
        self._parts = parts
        self._ends = np.cumsum([len(part.number) for part in parts], dtype=np.int64)

    def _by_part(self, rows: Positions) -> Iterator[tuple[_Part, Positions, Positions]]:
        """Yield each part that holds some of the rows, where they stand among `rows`, and their rows in the part."""
        owner = np.searchsorted(self._ends, rows, side="right")
        for index in np.unique(owner).tolist():
            part = self._parts[index]
            slots = np.flatnonzero(owner == index)
            yield part, slots, rows[slots] - (int(self._ends[index]) - len(part.number))

    def raw(self, rows: npt.NDArray[np.int64]) -> list[bytes]:
        """Return the raw bytes of these rows, without the line end."""
        found = [b""] * len(rows)
        for part, slots, at in self._by_part(rows):
            raw, places = part.raw, zip(part.raw_start[at].tolist(), part.raw_stop[at].tolist(), strict=True)
            texts = [raw[start:stop] for start, stop in places]
            if len(texts) == len(found):
                return texts
            for slot, text in zip(slots.tolist(), texts, strict=True):
                found[slot] = text
        return found

    def lines(self, rows: npt.NDArray[np.int64]) -> list[int] | None:
        """Return the 1-based physical line on which each row begins."""
        found = np.zeros(len(rows), np.int64)
        for part, slots, at in self._by_part(rows):
            found[slots] = part.line + 1 + (at if part.one_line_each else _lines_before(part, at))
        lines: list[int] = found.tolist()
        return lines


def _lines_before(part: _Part, rows: Positions) -> Positions:
    """Return how many physical lines of a part end before each of these rows of it."""
    before: Positions = np.searchsorted(line_starts(part.working), part.working_start[rows], side="right")
    return before


class Assembly:
    """Collects what the framer yields, until there is enough for a chunk."""

    def __init__(self, dialect: Dialect, rules: Rules, account: Account, working: WorkingBytes, offset: int) -> None:
        """Begin at a raw offset (after a byte-order mark).  The rest is set later."""
        self.dialect, self.rules, self.account, self.working = dialect, rules, account, working
        self.columns: Columns
        self.wanted: Sequence[str] = ()
        self.encoding = "utf-8"
        self.recall: Recall | None = None
        self._offset = offset
        self._parts: list[_Part] = []
        self._unreadable: list[Unreadable] = []
        self._spans: list[Span] = []
        self._long: _Long | None = None
        self.size = self.bytes = 0

    def span(self, kind: Literal["bom", "skipped", "header", "blank", "footer"], working: bytes) -> None:
        """Account for working bytes that are no record."""
        length = len(self.working.take(working))
        if length:
            self.raw_span(kind, self._offset, length)
            self._offset += length

    def raw_span(self, kind: Literal["bom", "skipped", "header", "blank", "footer"], offset: int, length: int) -> None:
        """Account for raw bytes that are no record; neighbours of one kind are one span."""
        last = self._spans[-1] if self._spans else None
        if last and last.kind == kind and last.offset + last.length == offset:
            self._spans[-1] = Span(kind, last.offset, last.length + length)
        else:
            self._spans.append(Span(kind, offset, length))

    def piece(self, piece: Piece, fault: str | None) -> None:
        """Account for a piece of what is too long, or of the rest of a broken input (`fault` says why)."""
        raw = self.working.take(piece.data)
        if self._long is None:
            self._long = _Long(self._offset, piece.line + 1)
        self._long.add(raw, self.dialect.max_record)
        self._offset += len(raw)
        if piece.last:
            self._finish_long(piece.kind, fault)

    def rest(self, line: int, fault: str) -> None:
        """Account for a broken input that broke exactly at a record's end."""
        self._long = _Long(self._offset, line)
        self._finish_long("rest", fault)

    def _finish_long(self, kind: str, fault: str | None) -> None:
        """Refuse the one record that the pieces make."""
        long, self._long = self._long, None
        assert long is not None
        message = fault if fault is not None else f"longer than {self.dialect.max_record} bytes"
        self._refuse(long.unreadable(self._next(), f"unreadable.{kind}", message, self.dialect.max_record))

    def _next(self) -> int:
        """Give out the next record number."""
        self.account.records += 1
        return self.account.records

    def _refuse(self, unreadable: Unreadable) -> None:
        """Keep an unreadable record."""
        self._unreadable.append(unreadable)
        self.account.unreadable += 1
        self.size += 1

    def stretch(self, stretch: Stretch) -> None:
        """Judge the rows of a stretch and keep them."""
        if stretch.lines is not None:
            self._keep(stretch, stretch.fault, stretch.data)
            return
        faults = self._judge(stretch)
        text = to_utf8(gather(stretch, faults == Fault.NONE, self.rules), self.encoding)
        if text is None:
            faults[undecodable(stretch, faults == Fault.NONE, self.encoding)] = Fault.ENCODING
            text = to_utf8(gather(stretch, faults == Fault.NONE, self.rules), self.encoding)
            assert text is not None
        if self.dialect.recover == "quarantine" and stretch.recovered is not None:
            self.account.recovered += int(np.count_nonzero(stretch.recovered & (faults == Fault.NONE)))
            faults[stretch.recovered & (faults == Fault.NONE)] = Fault.RECOVERED
            text = to_utf8(gather(stretch, faults == Fault.NONE, self.rules), self.encoding) or b""
        self._keep(stretch, faults, text)
        if self.recall is not None and not self.recall.finished and text is stretch.data:
            self._note(self.recall, stretch)

    def _note(self, recall: Recall, stretch: Stretch) -> None:
        """Note the rows of a stretch in which nothing is wrong, for the next scan."""
        endings = stretch.end - stretch.stop
        if stretch.recovered is None and len(endings) and bool((endings == endings[0]).all()):
            lengths = stretch.end - stretch.start
            quoted = self.rules.quote is not None and self.rules.quote in stretch.data
            lines = count_lines(stretch.data) if quoted else len(lengths)
            recall.note(stretch.offset, lengths, int(endings[0]), lines)

    def _judge(self, stretch: Stretch) -> npt.NDArray[np.uint8]:
        """Return what is wrong with each row, encoding aside."""
        faults = stretch.fault.copy()
        if self.columns.count != 1:
            faults[(faults == Fault.NONE) & (stretch.start == stretch.stop)] = Fault.BLANK
        if self.rules.multiline == "check":
            for row in stretch.folded.tolist():
                record = stretch.data[stretch.start[row] : stretch.stop[row]]
                if faults[row] == Fault.NONE and swallows_records(record, self.rules, self.columns.count):
                    faults[row] = Fault.SUSPECT
        faults[(faults == Fault.NONE) & (stretch.fields != self.columns.count)] = Fault.RAGGED
        return faults

    def _keep(self, stretch: Stretch, faults: npt.NDArray[np.uint8], text: bytes) -> None:
        """Give the rows their numbers and raw places; sort them into readable, unreadable and blank."""
        places = (self.working.raw_offsets(stretch.data, at) for at in (stretch.start, stretch.stop, stretch.end))
        start, stop, end = places
        raw, base = self.working.take(stretch.data), self._offset
        self._offset += len(raw)
        good = faults == Fault.NONE
        is_record = faults != Fault.BLANK
        number = np.cumsum(is_record, dtype=np.int64) + self.account.records
        self.account.records += int(np.count_nonzero(is_record))
        part = _Part(
            text, raw, stretch.data, stretch.line, number, start + base, end - start, start, stop, stretch.start,
            stretch.recovered, stretch.lines == len(stretch.end),
        )  # fmt: skip
        if good.all():
            self._parts.append(part)
        else:
            self._parts.append(_only(part, good))
            self._sort_out(stretch, faults, part)
        self.size += int(np.count_nonzero(good))
        self.bytes += len(raw)
        if self._parts[-1].recovered is not None:
            self.account.recovered += int(np.count_nonzero(self._parts[-1].recovered))

    def _sort_out(self, stretch: Stretch, faults: npt.NDArray[np.uint8], part: _Part) -> None:
        """Refuse the rows that are wrong, and account for the blank ones."""
        starts = line_starts(stretch.data)
        for row in np.flatnonzero(faults).tolist():
            fault, offset, length = Fault(int(faults[row])), int(part.offset[row]), int(part.length[row])
            if fault is Fault.BLANK:
                self.raw_span("blank", offset, length)
                self.account.blank += 1
                continue
            line = part.line + 1 + int(np.searchsorted(starts, stretch.start[row], side="right"))
            long = _Long(offset, line)
            begin, stop = int(part.raw_start[row]), int(part.raw_stop[row])
            long.add(part.raw[begin : begin + length], self.dialect.max_record)
            code, message = self._reason(fault, int(stretch.fields[row]))
            ending = begin + length - stop
            self._refuse(long.unreadable(int(part.number[row]), code, message, self.dialect.max_record, ending))

    def _reason(self, fault: Fault, fields: int) -> tuple[str, str]:
        """Return the code and the message of a fault."""
        if fault is Fault.RAGGED:
            count = self.columns.count
            return "unreadable.ragged", f"expected {count} field{'s' * (count != 1)}, found {fields}"
        code, message = _CODES[fault]
        return code, message.format(encoding=self.encoding)

    def flush(self) -> Chunk:
        """Make the chunk and begin the next one."""
        parts, unreadable, spans = self._parts, self._unreadable, self._spans
        self._parts, self._unreadable, self._spans = [], [], []
        self.size = self.bytes = 0
        number, offset, length = (
            np.concatenate([np.zeros(0, np.int64), *(getattr(part, name) for part in parts)])
            for name in ("number", "offset", "length")
        )
        recovered = None
        if any(part.recovered is not None for part in parts):
            marks = [np.zeros(len(part.number), bool) if part.recovered is None else part.recovered for part in parts]
            recovered = np.concatenate(marks)
        cells = self._cells([part.text for part in parts], len(number))
        self._count(len(number))
        return Chunk(cells, number, offset, length, recovered, tuple(unreadable), tuple(spans), CsvRaw(parts))

    def _count(self, rows: int) -> None:
        """Count which fields and unknown columns were there."""
        account = self.account
        for field in self.columns.index:
            account.present[field] = account.present.get(field, 0) + rows
        for _, name in self.columns.unknown:
            account.unknown[name] = account.unknown.get(name, 0) + rows

    def _cells(self, texts: Sequence[bytes], height: int) -> pl.DataFrame:
        """Parse the text of a chunk into the columns that are wanted."""
        columns = self.columns
        unknown = columns.unknown if self.dialect.keep_unknown else ()
        used = {columns.index[field] for field in self.wanted if field in columns.index}
        used |= {index for index, _ in unknown}
        text = b"" if not used else texts[0] if len(texts) == 1 else b"".join(texts)
        try:
            frame = parse(text, self.rules, columns.count, sorted(used), height)
        except InternalError:
            if self.recall is not None and self.recall.finished:  # The bytes are not those that were framed.
                raise SourceError(CHANGED) from None
            raise
        nothing = pl.lit(None, pl.String)
        cells = pl.DataFrame(height=height)
        if self.wanted:
            found = ((field, columns.index.get(field)) for field in self.wanted)
            exprs = [(nothing if at is None else pl.col(str(at))).alias(field) for field, at in found]
            cells = frame.with_columns(exprs).select(self.wanted)
        if not self.dialect.keep_unknown:
            return cells
        if not unknown:
            return cells.with_columns(nothing.alias(UNKNOWN_COLUMN))
        objects = json_objects(frame.select(str(index) for index, _ in unknown), [name for _, name in unknown])
        return cells.with_columns(objects.alias(UNKNOWN_COLUMN))


def _only(part: _Part, good: npt.NDArray[np.bool_]) -> _Part:
    """Return a part without the rows that are not good."""
    return replace(
        part,
        number=part.number[good],
        offset=part.offset[good],
        length=part.length[good],
        raw_start=part.raw_start[good],
        raw_stop=part.raw_stop[good],
        working_start=part.working_start[good],
        recovered=None if part.recovered is None else part.recovered[good],
        one_line_each=False,
    )


class _Long:
    """A record's raw bytes, piece by piece: all of them up to a limit, else their beginning and a digest."""

    def __init__(self, offset: int, line: int) -> None:
        """Begin at a raw offset, on a 1-based physical line."""
        self._offset, self._line = offset, line
        self._kept = b""
        self._length = 0
        self._digest = hashlib.sha256()

    def add(self, raw: bytes, limit: int) -> None:
        """Add a piece."""
        keep = max(limit, KEPT_RAW) - len(self._kept)
        self._kept += raw[:keep]
        self._length += len(raw)
        self._digest.update(raw)

    def unreadable(self, number: int, code: str, message: str, limit: int, ending: int = 0) -> Unreadable:
        """Return the record.  Raw text has no line end, which is as long as `ending`; length and digest count it."""
        long = self._length > limit
        whole = self._kept[: self._length - ending]
        kept, digest = (self._kept[:KEPT_RAW], self._digest.hexdigest()) if long else (whole, None)
        return Unreadable(number, self._offset, self._length, self._line, code, message, kept, digest)
