"""What every source is: something that cuts its bytes into records and places each one.

A source is described by a `Dialect` (declared, never guessed) and read by a `Reader`, which yields `Chunk`s.
A chunk holds text cells of the records that could be framed and parsed, and the records that could not
(`Unreadable`), each with its record number, byte offset and length.  Sources never see a plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import numpy as np
    import numpy.typing as npt
    import polars as pl

KIND_SUFFIX = "\x00kind"  # beside a column of cells: its `CellKind`s as UInt8, only where not all are text
UNKNOWN_COLUMN = "\x00unknown"  # a JSON object of the cells that no field claims, as text; null where none
KEPT_RAW = 4096  # bytes of an over-long raw text that are kept
CHUNK_RECORDS = 5 << 14  # how many records a chunk has; two or three chunks are in memory at once
CHUNK_BYTES = 20 << 20  # of raw text: what bounds a chunk of large records


@dataclass(frozen=True, slots=True)
class Dialect:
    """Everything that a source declares about its form.  `fields` maps canonical fields to paths.

    `name` is the source's name in the spec ("" for the implied one).  `quote` None turns quoting off;
    `header` is True, False, or the names.  `keep_unknown` asks for the UNKNOWN_COLUMN.
    """

    name: str
    format: Literal["csv", "jsonl", "json", "parquet", "frame"]
    fields: Mapping[str, str]
    required: frozenset[str] = frozenset()  # canonical fields whose absent column refuses a whole CSV source
    explicit: frozenset[str] = frozenset()  # canonical fields whose path the spec declares
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    header: bool | tuple[str, ...] = True
    skip_rows: int = 0
    skip_footer: int = 0
    bare_quotes: Literal["refuse", "data"] = "refuse"
    multiline: Literal["check", "trust", "false"] = "check"
    recover: Literal["accept", "quarantine"] = "accept"
    max_record: int = 1 << 20
    max_depth: int = 64
    compression: Literal["auto", "none", "gzip", "zstd"] = "auto"
    keep_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be framed or parsed.

    `code` is `unreadable.*`; `message` says what is wrong and holds no value.  `raw` is the span's bytes, or
    its first KEPT_RAW bytes if the span is longer than the dialect's max_record, and then `sha256` is of all.
    """

    record: int
    offset: int
    length: int
    line: int | None
    code: str
    message: str
    raw: bytes
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes that are not a record: a BOM, a header, a blank line, skipped rows.  They complete the tiling."""

    kind: Literal["bom", "skipped", "header", "blank", "structure", "footer"]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some consecutive records of one source.

    `cells` has one String column per canonical field that the reader was asked for, in the dialect's order,
    null where the record has no value at that path, and where not all cells of a column are text a UInt8
    column of `CellKind`s called `field + KIND_SUFFIX`.  `record`, `offset` and `length` (Int64, one per row
    of `cells`) place each readable record; `offset` and `length` are None for frames.  `recovered` marks rows
    framed inside a broken quote.  `spans` are the bytes of this stretch that are no records.  `now` is the moment
    that `now` means for these records, where they bring their own (UTC).  `origin` names what these records are from,
    where a source has several parts, and `ids` names records, by their numbers, where an offset does not.
    """

    cells: pl.DataFrame
    record: npt.NDArray[np.int64]
    offset: npt.NDArray[np.int64] | None
    length: npt.NDArray[np.int64] | None
    recovered: npt.NDArray[np.bool_] | None
    unreadable: Sequence[Unreadable]
    spans: Sequence[Span]
    raws: RawText
    now: datetime | None = None
    origin: str | None = None
    ids: Mapping[int, str] | None = None

    @property
    def records(self) -> int:
        """How many records this chunk accounts for, readable or not."""
        return len(self.record) + len(self.unreadable)


class RawText(Protocol):
    """Raw bytes and physical lines of the readable rows of one chunk, made only for the rows that are asked for."""

    def raw(self, rows: npt.NDArray[np.int64]) -> list[bytes]:
        """Return the raw bytes of these rows of `cells`, without the record's line end."""

    def lines(self, rows: npt.NDArray[np.int64]) -> list[int] | None:
        """Return the 1-based physical line on which each of these rows begins, or None for frames."""


@dataclass(slots=True)
class Account:
    """What a reader has read so far; complete when its chunks are exhausted.

    `sha256` is of the bytes as stored (before decompression).  `refused` is set where the whole source is
    refused (code and message), once and not per row; then `records` is 0 and `bytes` says how much there is.
    `present` counts, per canonical field, the records that had something at its path.
    """

    sha256: str = ""
    bytes: int = 0
    records: int = 0
    unreadable: int = 0
    recovered: int = 0
    blank: int = 0
    header: tuple[str, ...] | None = None
    absent: tuple[str, ...] = ()
    refused: tuple[str, str] | None = None
    present: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)

    def count_anew(self) -> None:
        """Begin to count anew, for whoever goes on reading."""
        self.records = self.unreadable = self.recovered = self.blank = 0
        self.present.update(dict.fromkeys(self.present, 0))
        self.unknown.clear()


class Reader(Protocol):
    """One pass over one input.  A reader is used once; a second pass opens another."""

    account: Account

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks in order.  SourceError where the input cannot be read at all."""
