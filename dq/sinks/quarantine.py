"""`quarantine.jsonl` and `removed.jsonl`: every record that was not accepted, with its raw text and place.

Both begin with one line per source: `{"source", "header", "dialect", "sha256"}`.  The sum of a source is known
only when all of it was read, while its refused records come before, so records go to a spool in the same
folder, and the file is put together when it is closed; unless an earlier scan knows the sums already (`begin`).

A record is `{"source", "record", "line", "offset", "length", "raw", "reasons", "spec", "now"}`.  Its raw text
stands as `raw`, or as `raw_base64` where the source's encoding does not decode it to a text that encodes back
to the same bytes; `raw_sha256` of the whole stands beside the beginning of an over-long one.  Where a broker names its
records by no offset, the name stands as `id` behind the length.
"""

from __future__ import annotations

import codecs
import os
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import repeat
from typing import IO, Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import orjson
import polars as pl

from dq.errors import InternalError
from dq.outcome import json_texts
from dq.sinks.file import OutputFile, refusal

_BLOCK = 1 << 20
_LINES = 1 << 13  # lines put together at once: the parts of each take some kilobytes
_MARK = b"\x00"  # fences what is not known yet in the spool: JSON text has no such byte
_REASONS = b"r"

DoorsOf: TypeAlias = Callable[[list[int]], list[str]]
"""Tells the door of each of the records with these ordinals."""
ReasonsOf: TypeAlias = Callable[[list[int]], list[bytes]]
"""Tells, as JSON text, the reasons of each of the removed records with these numbers."""
Integers: TypeAlias = "Sequence[int] | npt.NDArray[np.int64]"


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Some records of one source that are not accepted; all sequences have one item per record.

    `raw` is text, or bytes in the source's `encoding`; `sha256` is given where `raw` is only the beginning of
    an over-long record, and None elsewhere.  `line`, `offset` and `length` are None for sources without them.
    `now` is the moment by which the records were judged, where it is not that of the run.  Of each record `reasons`
    holds the JSON text of an array of `dq.outcome.Reason`, or a list that orjson writes.  `ids` name records in brokers
    whose places are no offsets.
    InternalError where the lengths differ: a record would be lost.
    """

    source: str
    record: Integers
    raw: Sequence[bytes | str]
    reasons: Sequence[bytes | Sequence[Any]]
    line: Integers | None = None
    offset: Integers | None = None
    length: Integers | None = None
    sha256: Sequence[str | None] | None = None
    encoding: str = "utf-8"
    now: str | None = None
    ids: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Compare the lengths."""
        given = (self.raw, self.reasons, self.line, self.offset, self.length, self.sha256, self.ids)
        if any(items is not None and len(items) != len(self.record) for items in given):
            raise InternalError("a batch of refused records has sequences of different lengths")


class LostTo(NamedTuple):
    """The record that a removed record lost to.

    `door` is its door, if that is known already; else `ordinal` is the number by which `doors_of` finds it
    when the file is closed.  `score` says how near the two are, of near duplicates.  There are as many as there are
    duplicates, and a tuple is made five times faster than an object.
    """

    source: str
    record: int
    ordinal: int
    door: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class SourceLine:
    """What a file of records says of a source: its header, its dialect as JSON values, the SHA-256 of its bytes."""

    name: str
    header: Sequence[str] | None
    dialect: Mapping[str, Any]
    sha256: str | None

    def line(self) -> bytes:
        """Return the line; the sum of a source that does not end is null."""
        members = {"source": self.name, "header": self.header, "dialect": dict(self.dialect), "sha256": self.sha256}
        return orjson.dumps(members, option=orjson.OPT_APPEND_NEWLINE)


def later(first: int, count: int) -> list[bytes]:
    """Return what stands for the reasons of so many removed records until `reasons_of` is asked for their numbers."""
    return [b"%b%b%d%b" % (_MARK, _REASONS, number, _MARK) for number in range(first, first + count)]


def resolve(text: bytes, doors_of: DoorsOf | None = None, reasons_of: ReasonsOf | None = None) -> bytes:
    """Return lines with their marks resolved: doors of records that others lost to, and reasons known late.

    All of one kind are asked for at once.  InternalError where a mark is met that nobody can resolve.
    """
    parts = text.split(_MARK)
    marks = parts[1::2]
    late = [mark.startswith(_REASONS) for mark in marks]
    numbers = [int(mark[1:]) for mark, is_reason in zip(marks, late, strict=True) if is_reason]
    ordinals = [int(mark) for mark, is_reason in zip(marks, late, strict=True) if not is_reason]
    if (numbers and reasons_of is None) or (ordinals and doors_of is None):
        raise InternalError("nobody says why a record was removed, or through which door the one went it lost to")
    reasons = iter(reasons_of(numbers) if reasons_of is not None and numbers else ())
    doors = iter(json_texts(doors_of(ordinals)) if doors_of is not None and ordinals else ())
    parts[1::2] = [next(reasons if is_reason else doors) for is_reason in late]
    return b"".join(parts)


def raw_member(raw: bytes | str, encoding: str, *, beginning: bool = False) -> tuple[str, str]:
    """Return key and value of a raw text.  `beginning` says that the bytes may end within a character."""
    if isinstance(raw, str):
        return "raw", raw
    try:
        if beginning:
            return "raw", codecs.getincrementaldecoder(encoding)().decode(raw)
        text = raw.decode(encoding)
        if encoding == "utf-8" or text.encode(encoding) == raw:
            return "raw", text
    except UnicodeError:
        pass
    return "raw_base64", b64encode(raw).decode("ascii")


def reason_texts(batch: RecordBatch) -> list[bytes]:
    """Return the JSON text of each record's reasons."""
    if _are_bytes(batch.reasons):
        return list(batch.reasons)  # type: ignore[arg-type]
    return [item if isinstance(item, bytes) else orjson.dumps(item) for item in batch.reasons]


def _are_bytes(items: Sequence[Any]) -> bool:
    """Whether all of these are bytes."""
    return set(map(type, items)) == {bytes}


def _raw_members(batch: RecordBatch) -> tuple[bytes, Sequence[bytes], bytes]:
    """Return the JSON text of each record's members from `raw` to before `reasons`, and what stands around it."""
    if batch.sha256 is None and batch.encoding == "utf-8":
        if _is_plain(batch.raw):
            return b',"raw":"', batch.raw, b'"'  # type: ignore[return-value]  # they are all bytes
        try:
            texts = [raw if isinstance(raw, str) else raw.decode() for raw in batch.raw]
        except UnicodeDecodeError:
            pass
        else:
            return b',"raw":', json_texts(texts), b""
    members = [
        orjson.dumps(_raw_member(raw, sha256, batch.encoding))[1:-1]
        for raw, sha256 in zip(batch.raw, batch.sha256 or repeat(None), strict=False)
    ]
    return b",", members, b""


def _is_plain(raws: Sequence[bytes | str]) -> bool:
    """Whether these are all UTF-8 and mean themselves between the quotes of JSON."""
    if not _are_bytes(raws):
        return False
    text = b"\n".join(raws)  # type: ignore[arg-type]
    if b'"' in text or b"\\" in text:
        return False
    control = int(np.count_nonzero(np.frombuffer(text, np.uint8) < ord(" ")))
    return control == len(raws) - 1 and _is_utf8(text)


def _is_utf8(text: bytes) -> bool:
    """Whether the bytes are UTF-8.  Polars tells ten times faster than `bytes.decode`, which also makes a text."""
    try:
        pl.Series([text], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True


def _raw_member(raw: bytes | str, sha256: str | None, encoding: str) -> dict[str, str]:
    key, value = raw_member(raw, encoding, beginning=sha256 is not None)
    return {key: value} if sha256 is None else {key: value, "raw_sha256": sha256}


def _integer_texts(items: Integers) -> list[bytes]:
    """Return the JSON text of each integer, or of null."""
    if not isinstance(items, np.ndarray):
        return json_texts(list(items))
    return orjson.dumps(items, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",") if len(items) else []


def _joined(batch: RecordBatch, tails: bytes | list[bytes]) -> Iterator[bytes]:
    """Yield the lines of a batch, each ended by its tail, many at a time."""
    for first in range(0, len(batch.record), _LINES):
        part = slice(first, first + _LINES)
        yield _lines(_part(batch, part), tails if isinstance(tails, bytes) else tails[part])


def _part(batch: RecordBatch, rows: slice) -> RecordBatch:
    """Return some consecutive records of a batch."""
    given = ("record", "raw", "reasons", "line", "offset", "length", "sha256", "ids")
    parts = {name: items[rows] for name in given if (items := getattr(batch, name)) is not None}
    return replace(batch, **parts)


def _lines(batch: RecordBatch, tails: bytes | list[bytes]) -> bytes:
    """Return the lines of some records.

    No line is made by itself: all parts of all lines stand in one list, and are joined by one call.
    """
    columns: list[bytes | Sequence[bytes]] = [b'{"source":' + orjson.dumps(batch.source)]
    for name, items in (
        (b"record", batch.record),
        (b"line", batch.line),
        (b"offset", batch.offset),
        (b"length", batch.length),
    ):
        columns += [b',"' + name + b'":', b"null" if items is None else _integer_texts(items)]
    if batch.ids is not None:
        columns += [b',"id":', json_texts(list(batch.ids))]
    before, raws, behind = _raw_members(batch)
    columns += [before, raws, behind + b',"reasons":', reason_texts(batch), tails]
    count = len(batch.record)
    parts = [b""] * (count * len(columns))
    for place, column in enumerate(columns):
        parts[place :: len(columns)] = [column] * count if isinstance(column, bytes) else column
    return b"".join(parts)


def _ending(spec: Mapping[str, str], now: str) -> bytes:
    """Return how each record judged by a spec at a moment ends."""
    return b"," + orjson.dumps({"spec": dict(spec), "now": now})[1:] + b"\n"


def record_lines(
    batch: RecordBatch, spec: Mapping[str, str], now: str, lost_to: Sequence[LostTo | None] | None = None
) -> bytes:
    """Return refused records as lines; with `lost_to` removed ones, deduplicated or (None) filtered."""
    tail = _ending(spec, now)
    return b"".join(_joined(batch, tail if lost_to is None else _fates(lost_to, tail)))


class _RecordFile:
    """A file of source lines and records; the records wait in a spool until the file is closed."""

    def __init__(self, file: OutputFile, spec: Mapping[str, str], now: str) -> None:
        """Begin a new file.  `spec` {event, version, fingerprint} and `now` end every record.  SinkError."""
        self._file = file
        self._rows = 0
        self._sources: list[bytes] = []
        self._spec, self._now = dict(spec), now
        self._path = file.path.with_name(f".{file.path.name}.spool")
        self._spool: IO[bytes] | None = None
        self._begun = False
        file.on_discard = self._forget_spool

    def add_source(self, source: SourceLine) -> None:
        """Add the line of a source; the lines stand in the order of these calls."""
        self._sources.append(source.line())

    def abort(self) -> None:
        """Leave the file unfinished."""
        self._file.discard()

    def _tail(self, batch: RecordBatch) -> bytes:
        """Return how each record of a batch ends."""
        return _ending(self._spec, batch.now or self._now)

    def begin(self) -> None:
        """Say that every source is added: from now on records go straight into the file, and need no spool."""
        self._file.write(b"".join(self._sources))
        self._begun = True

    def _append(self, batch: RecordBatch, tails: bytes | list[bytes]) -> None:
        """Append records, each line with its tail."""
        self._rows += len(batch.record)
        for lines in _joined(batch, tails):
            if self._begun:
                self._file.write(lines)
                continue
            with self._spooling():
                self._opened().write(lines)

    def _opened(self) -> IO[bytes]:
        """Return the spool, which is made when it is first needed."""
        if self._spool is None:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            self._spool = os.fdopen(descriptor, "w+b", buffering=_BLOCK)
        return self._spool

    def _finish(self, resolve: Callable[[bytes], bytes] | None) -> int:
        """Put the file together, the lines of the spool through `resolve` if given; return the number of records."""
        if not self._begun:
            self.begin()
        if self._spool is not None:
            with self._spooling():
                self._copy(self._spool, resolve)
                self._spool.close()
                self._path.unlink()
        self._file.rows = self._rows
        self._file.close()
        return self._rows

    def _copy(self, spool: IO[bytes], resolve: Callable[[bytes], bytes] | None) -> None:
        """Copy the spool into the file."""
        spool.seek(0)
        if resolve is None:
            while block := spool.read(_BLOCK):
                self._file.write(block)
        else:
            while block := spool.read(_BLOCK):
                self._file.write(resolve(block + spool.readline()))

    def _forget_spool(self) -> None:
        """Close and remove the spool of a file that is given up; what cannot be flushed is not wanted any more."""
        if self._spool is None:
            return
        with suppress(OSError):
            self._spool.close()
        with suppress(OSError):
            self._path.unlink()

    @contextmanager
    def _spooling(self) -> Iterator[None]:
        """Turn an OSError of the spool into a SinkError."""
        try:
            yield
        except OSError as error:
            raise refusal(f"write {self._file.path.name}", error) from error


class QuarantineWriter(_RecordFile):
    """Writes `quarantine.jsonl`: the records that were refused, each with all of its reasons."""

    def write(self, batch: RecordBatch) -> None:
        """Append records.  SinkError."""
        self._append(batch, self._tail(batch))

    def close(self) -> int:
        """Finish the file and return the number of records.  SinkError."""
        return self._finish(None)


class RemovedWriter(_RecordFile):
    """Writes `removed.jsonl`: deduplicated and filtered records, with `outcome` and `lost_to`."""

    def write(self, batch: RecordBatch, lost_to: Sequence[LostTo | None]) -> None:
        """Append records: deduplicated where they lost to another, filtered where there is None.  SinkError."""
        if len(lost_to) != len(batch.record):
            raise InternalError("a batch of removed records does not say for each what it lost to")
        self._append(batch, _fates(lost_to, self._tail(batch)))

    def close(self, doors_of: DoorsOf | None = None, reasons_of: ReasonsOf | None = None) -> int:
        """Finish the file and return the number of records.

        `doors_of` tells the doors of the records with these ordinals; it is asked once for each `LostTo` that has
        none.  `reasons_of` tells the JSON text of the reasons for which `later` stands.  SinkError; InternalError
        where one is needed and not given.
        """
        return self._finish(lambda lines: resolve(lines, doors_of, reasons_of))


def _fates(lost_to: Sequence[LostTo | None], tail: bytes) -> list[bytes]:
    """Return the members `outcome` and `lost_to`, with a fenced ordinal in the place of a door not known yet.

    Behind them stands the tail.
    """
    filtered = b',"outcome":"filtered","lost_to":null' + tail
    end = b"}" + tail
    begins: dict[str, bytes] = {}
    fates = []
    for lost in lost_to:
        if lost is None:
            fates.append(filtered)
            continue
        source, record, ordinal, door, score = lost
        if source not in begins:
            begins[source] = b',"outcome":"deduplicated","lost_to":{"source":' + orjson.dumps(source) + b',"record":'
        text = b"%b%d%b" % (_MARK, ordinal, _MARK) if door is None else orjson.dumps(door)
        scored = b"" if score is None else b',"score":' + orjson.dumps(score)
        fates.append(b'%b%d,"door":%b%b%b' % (begins[source], record, text, scored, end))
    return fates
