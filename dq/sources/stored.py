"""Refused records read again from the raw text that a quarantine keeps, each by itself.

`quarantine.jsonl` and `removed.jsonl` are read line by line (`StoredFile`); `StoredReader` reads the records of one
of their sources by a dialect, which need not be the one by which they were refused.  Each record is framed alone: its
quotes can hide no other one.  A record keeps its number and place, and the moment at which it was judged.

Raw text is all that is stored.  Rows of typed frames were stored as JSON, so their numbers and booleans are known again
and their dates come back as text; what was stored in part only (`raw_sha256`) cannot be read.
"""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import polars as pl

from dq.errors import SourceError, UsageError
from dq.sources.base import CHUNK_RECORDS, Account, Chunk, Dialect, Unreadable
from dq.sources.csv import CsvReader
from dq.sources.encodings import WIDE, check_encoding
from dq.sources.frame import IterableReader

if TYPE_CHECKING:
    import numpy.typing as npt

CUT = "unreadable.cut"
SEVERAL = "unreadable.several"
_CUT_MESSAGE = "only the beginning of the record is stored, so it cannot be replayed"
_SEVERAL_MESSAGE = "the stored text of one record is not exactly one record of this source"
_HEAD = frozenset({"source", "header", "dialect", "sha256"})
_RECORD = frozenset({"source", "record", "line", "offset", "length", "reasons", "spec", "now"})


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A first line of the file: the input's name, the header that it had, how it was read, and its sum."""

    name: str
    header: tuple[str, ...] | None
    dialect: Mapping[str, Any]
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record of the file.  `cut` is the SHA-256 of the whole where `raw` is only its beginning."""

    source: str
    number: int
    line: int | None
    offset: int | None
    length: int | None
    raw: bytes
    cut: str | None
    checks: tuple[str, ...]
    now: datetime


class StoredFile:
    """A `quarantine.jsonl` or `removed.jsonl`.  UsageError, with the line, for a file that is neither."""

    def __init__(self, path: Path) -> None:
        """Read the lines of sources, which streams that append add anywhere.  SourceError if it cannot be read."""
        self.path = path
        self.sources: dict[str, StoredSource] = {}
        self._moments: dict[str, datetime] = {}
        for number, line in self._lines():
            if set(line) == _HEAD:
                self._add_source(number, line)
            elif not self.sources:
                break
        if not self.sources:
            raise UsageError(f"{path} is no quarantine.jsonl or removed.jsonl: its first line describes no source")

    def _lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the lines with their numbers."""
        try:
            with self.path.open("rb") as file:
                for number, data in enumerate(file, 1):
                    yield number, self._parsed(number, data)
        except OSError as error:
            raise SourceError(f"{self.path}: it cannot be read: {error.strerror}") from error

    def _parsed(self, number: int, data: bytes) -> dict[str, Any]:
        try:
            line = orjson.loads(data)
        except orjson.JSONDecodeError:
            line = None
        if not isinstance(line, dict):
            raise self._wrong(number)
        return line

    def _wrong(self, number: int) -> UsageError:
        return UsageError(f"{self.path}, line {number}: this is no line of a quarantine.jsonl or removed.jsonl")

    def _add_source(self, number: int, line: dict[str, Any]) -> None:
        header, dialect = line["header"], line["dialect"]
        known = isinstance(dialect, dict) and isinstance(dialect.get("format"), str) and isinstance(line["source"], str)
        if not known or not (header is None or isinstance(header, list)):
            raise self._wrong(number)
        names = None if header is None else tuple(map(str, header))
        source = StoredSource(line["source"], names, dialect, str(line["sha256"]))
        if self.sources.setdefault(source.name, source) != source:
            raise self._wrong(number)

    def survey(self) -> tuple[frozenset[str], frozenset[datetime]]:
        """Return which sources have records, and at which moments records were judged; without reading their texts."""
        sources: set[Any] = set()
        moments: set[Any] = set()
        for number, line in self._lines():
            if set(line) != _HEAD:
                self._check(number, line)
                sources.add(line["source"])
                moments.add(line["now"])
        try:
            return frozenset(sources), frozenset(map(self._moment, moments))
        except (TypeError, ValueError) as error:
            raise UsageError(f"{self.path}: not every record says by which `now` it was judged") from error

    def _moment(self, text: str) -> datetime:
        """Return a moment; many records have the same one."""
        if text not in self._moments:
            self._moments[text] = datetime.fromisoformat(text).astimezone(UTC)
        return self._moments[text]

    def records(self, source: str | None = None) -> Iterator[StoredRecord]:
        """Yield the records in the order of the file, of one source or of all."""
        for number, line in self._lines():
            if set(line) != _HEAD:
                record = self._record(number, line)
                if source is None or record.source == source:
                    yield record

    def _check(self, number: int, line: dict[str, Any]) -> None:
        """Refuse what has not the members of a record, or is of a source that no first line describes."""
        if not line.keys() >= _RECORD or line["source"] not in self.sources:
            raise self._wrong(number)

    def _record(self, number: int, line: dict[str, Any]) -> StoredRecord:
        self._check(number, line)
        dialect = self.sources[line["source"]].dialect
        try:
            raw = (
                b64decode(line["raw_base64"], validate=True)
                if "raw_base64" in line
                else line["raw"].encode(dialect.get("encoding", "utf-8"))
            )
            now = self._moment(line["now"])
            checks = tuple(dict.fromkeys(str(reason["check"]) for reason in line["reasons"]))
            return StoredRecord(
                line["source"],
                int(line["record"]),
                line["line"],
                line["offset"],
                line["length"],
                raw,
                line.get("raw_sha256"),
                checks,
                now,
            )
        except (KeyError, TypeError, ValueError, LookupError) as error:
            raise self._wrong(number) from error


@dataclass(frozen=True, slots=True)
class StoredRaws:
    """Raw texts and lines of the readable rows of one chunk; `every` has the unreadable records, too, by number."""

    readable: Sequence[StoredRecord]
    every: Mapping[int, StoredRecord]

    def raw(self, rows: npt.NDArray[np.int64]) -> list[bytes]:
        """Return the stored bytes of these rows."""
        return [self.readable[row].raw for row in rows.tolist()]

    def lines(self, rows: npt.NDArray[np.int64]) -> list[int] | None:
        """Return the lines on which these rows began, or None where there were none."""
        lines = [self.readable[row].line for row in rows.tolist()]
        known = [line for line in lines if line is not None]
        return known if len(known) == len(lines) else None


@dataclass(frozen=True, slots=True)
class _Read:
    """What a dialect made of some records: cells of those that it read, by position, and why it did not the others."""

    cells: pl.DataFrame
    positions: npt.NDArray[np.int64]
    faults: Mapping[int, tuple[str, str]]


class StoredReader:
    """Reads the records of one source of a `StoredFile`: a `Reader`.

    Chunks hold records of one moment.  UsageError where the dialect cannot read what is stored.
    """

    def __init__(
        self,
        file: StoredFile,
        source: StoredSource,
        dialect: Dialect,
        *,
        chunk_records: int = CHUNK_RECORDS,
        columns: frozenset[str] | None = None,
    ) -> None:
        """Prepare; no record is read yet."""
        self.account = Account(sha256=source.sha256, header=source.header)
        self._file, self._source, self._columns, self._size = file, source, columns, chunk_records
        self._wide = check_encoding(dialect.encoding) in WIDE
        self._encoding = dialect.encoding
        self._dialect = _alone(dialect, source, wide=self._wide)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks in order.  SourceError where the file cannot be read, UsageError where a line is wrong."""
        for now, records in groupby(self._file.records(self._source.name), lambda record: record.now):
            while batch := list(islice(records, self._size)):
                chunk = self._chunk(batch, now)
                if self.account.refused is not None:
                    return
                yield chunk

    def _chunk(self, batch: list[StoredRecord], now: datetime) -> Chunk:
        """Read some records of one moment."""
        raws: list[bytes] = []
        faults: dict[int, tuple[str, str]] = {}
        whole: list[int] = []
        for position, record in enumerate(batch):
            raw = self._decoded(record.raw) if record.cut is None else None
            if raw is None:
                code = CUT if record.cut is not None else "unreadable.encoding"
                faults[position] = code, _CUT_MESSAGE if code == CUT else f"bytes that {self._encoding} cannot decode"
            else:
                whole.append(position)
                raws.append(raw)
        read = self._read_csv(raws) if self._dialect.format == "csv" else self._read_json(raws)
        faults |= {whole[position]: fault for position, fault in read.faults.items()}
        kept = [batch[whole[position]] for position in read.positions.tolist()]
        if self.account.refused is None:
            self.account.records += len(batch)
            self.account.unreadable += len(faults)
            self.account.bytes += sum(len(record.raw) for record in batch)
        every = {record.number: record for record in batch}
        return replace(
            _placed(read.cells, kept), unreadable=_unreadable(batch, faults), raws=StoredRaws(kept, every), now=now
        )

    def _decoded(self, raw: bytes) -> bytes | None:
        """Return the bytes as they are read, without a line end behind them.

        Those of UTF-16 and UTF-32 are read as UTF-8; None where they are none.
        """
        if self._wide:
            try:
                raw = raw.decode(self._encoding).encode()
            except UnicodeError:
                return None
        return raw.removesuffix(b"\n").removesuffix(b"\r")

    def _read_json(self, raws: list[bytes]) -> _Read:
        """Read JSON texts; each is parsed alone."""
        return self._finish(IterableReader(self._dialect, raws, chunk_records=max(1, len(raws)), columns=self._columns))

    def _read_csv(self, raws: list[bytes]) -> _Read:
        """Read CSV records: those in one go that no framing can join or cut, and each of the others alone."""
        quote = self._dialect.quote
        marks = b"\r\n" + (b"" if quote is None else quote.encode())
        plain = [
            position for position, raw in enumerate(raws) if raw and not any(mark in raw for mark in _bytes(marks))
        ]
        together = self._finish(self._csv_reader(b"".join(raws[position] + b"\n" for position in plain)))
        parts = [together.cells]
        positions = [plain[position] for position in together.positions.tolist()]
        faults = {plain[position]: fault for position, fault in together.faults.items()}
        for position in sorted(set(range(len(raws))) - set(plain)):
            alone = self._finish(self._csv_reader(raws[position] + b"\n"))
            if len(alone.positions) == 1 and not alone.faults:
                parts.append(alone.cells)
                positions.append(position)
            else:
                broken = alone.faults and not len(alone.positions)
                faults[position] = next(iter(alone.faults.values())) if broken else (SEVERAL, _SEVERAL_MESSAGE)
        order = np.argsort(np.array(positions, dtype=np.int64), kind="stable")
        cells = pl.concat(parts)
        return _Read(cells[order] if len(parts) > 1 else cells, np.array(positions, dtype=np.int64)[order], faults)

    def _csv_reader(self, data: bytes) -> CsvReader:
        return CsvReader(self._dialect, lambda: io.BytesIO(data), chunk_records=self._size, columns=self._columns)

    def _finish(self, reader: CsvReader | IterableReader) -> _Read:
        """Read to the end.  Every raw text is one record here, so that a record's number is its position from 1."""
        chunks = list(reader.chunks())
        own, theirs = self.account, reader.account
        own.refused, own.absent = own.refused or theirs.refused, theirs.absent
        for mine, more in ((own.present, theirs.present), (own.unknown, theirs.unknown)):
            mine.update({name: mine.get(name, 0) + count for name, count in more.items()})
        cells = [chunk.cells for chunk in chunks if len(chunk.record)] or [self._nothing()]
        record = np.concatenate([np.empty(0, dtype=np.int64), *(chunk.record for chunk in chunks)])
        faults = {item.record - 1: (item.code, item.message) for chunk in chunks for item in chunk.unreadable}
        return _Read(pl.concat(cells), record - 1, faults)

    def _nothing(self) -> pl.DataFrame:
        """Return the cells of no record."""
        fields = [name for name in self._dialect.fields if self._columns is None or name in self._columns]
        return pl.DataFrame(schema=dict.fromkeys(fields, pl.String()))


def _alone(dialect: Dialect, source: StoredSource, *, wide: bool) -> Dialect:
    """Return the dialect by which stored records are read: without what belongs to a whole file.

    UsageError where it cannot be: a header that was not stored, an encoding that does not tell the order of bytes.
    """
    if wide and not check_encoding(dialect.encoding).endswith(("-le", "-be")):
        raise UsageError(f"{source.name}: {dialect.encoding} does not say the order of bytes; name it in the spec")
    encoding = "utf-8" if wide else dialect.encoding
    if dialect.format != "csv":
        fields = dialect.fields
        if dialect.format in {"parquet", "frame"}:
            columns = source.header or ()
            fields = {name: path.replace(".", "\\.") if path in columns else path for name, path in fields.items()}
        return replace(dialect, format="jsonl", fields=fields, encoding=encoding)
    header: bool | tuple[str, ...] = dialect.header
    if header is True:
        if source.header is None:
            raise UsageError(f"{source.name}: the file does not say which columns the source had")
        header = source.header
    return replace(dialect, header=header, skip_rows=0, skip_footer=0, compression="none", encoding=encoding)


def _bytes(marks: bytes) -> list[bytes]:
    return [bytes([mark]) for mark in marks]


def _placed(cells: pl.DataFrame, kept: list[StoredRecord]) -> Chunk:
    """Return a chunk of readable records in their old places."""
    numbers = np.array([record.number for record in kept], dtype=np.int64)
    places: list[npt.NDArray[np.int64] | None] = []
    for column in ([record.offset for record in kept], [record.length for record in kept]):
        known = [place for place in column if place is not None]
        places.append(np.array(known, dtype=np.int64) if len(known) == len(column) else None)
    return Chunk(cells, numbers, places[0], places[1], None, (), (), StoredRaws((), {}))


def _unreadable(batch: list[StoredRecord], faults: Mapping[int, tuple[str, str]]) -> list[Unreadable]:
    """Return the records that could not be read, in order."""
    found = []
    for position, (code, message) in sorted(faults.items()):
        record = batch[position]
        place = (record.offset or 0, record.length or 0, record.line)
        found.append(Unreadable(record.number, *place, code, message, record.raw, record.cut))
    return found
