"""Frames and records in memory.

Typed frames: rows rendered to text by the fixed table of `dq.dtypes.render`, then treated as text.

A field is read from the column that has its path as name, or, where there is none, from a field of a struct
column by a dotted path.  Rows have a number and no place in bytes; the raw text of a row is a JSON object.

Records: dictionaries of Python values, or JSON texts of one record each.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import polars as pl

from dq.dtypes.render import render_frame
from dq.dtypes.types import CellKind
from dq.errors import SourceError
from dq.sources.base import CHUNK_RECORDS, KEPT_RAW, KIND_SUFFIX, UNKNOWN_COLUMN, Account, Chunk, Dialect, Unreadable
from dq.sources.encodings import check_encoding
from dq.sources.json_cells import CellBuilder, json_text
from dq.sources.json_chunks import FIRST_RECORD
from dq.sources.json_values import RecordParser, Refusal, too_long
from dq.sources.paths import parse_path
from dq.sources.python_values import described, plain_record

MISSING_COLUMN = "source.missing_column"
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z", re.ASCII)


class FrameLayout:
    """Which column of a typed frame each field is read from; made from the schema alone."""

    def __init__(self, dialect: Dialect, schema: Mapping[str, pl.DataType]) -> None:
        self.found: dict[str, pl.Expr] = {}
        claimed: set[str] = set()
        absent: list[str] = []
        for field, text in dialect.fields.items():
            located = _locate(text, schema)
            if located is None:
                absent.append(field)
                continue
            claimed.add(located[0])
            self.found[field] = located[1]
        self.absent = tuple(absent)
        self.extra = tuple(name for name in schema if name not in claimed)
        missing = [dialect.fields[field] for field in absent if field in dialect.required]
        self.refused = (MISSING_COLUMN, f"required columns are absent: {', '.join(missing)}") if missing else None

    def describe(self, account: Account, schema: Mapping[str, pl.DataType]) -> None:
        """Write into the account what is known before any row is read."""
        account.header = tuple(schema)
        account.absent = self.absent
        account.refused = self.refused
        account.present.update(dict.fromkeys((*self.found, *self.absent), 0))
        account.unknown.update(dict.fromkeys(self.extra, 0))


class FrameRenderer:
    """Turns typed rows into chunks of cells."""

    def __init__(
        self, dialect: Dialect, schema: Mapping[str, pl.DataType], columns: frozenset[str] | None, account: Account
    ) -> None:
        self.layout = FrameLayout(dialect, schema)
        self.layout.describe(account, schema)
        self._fields = [field for field in dialect.fields if columns is None or field in columns]
        self._keep_unknown = dialect.keep_unknown and (columns is None or UNKNOWN_COLUMN in columns)
        self._account = account
        self._next = FIRST_RECORD

    def chunk(self, rows: pl.DataFrame) -> Chunk:
        """Return these rows, the next ones of the source, as a chunk.  SourceError for a column without text."""
        found = self.layout.found
        typed = rows.select(found[field].alias(field) for field in self._fields if field in found)
        cells = [] if typed.width == 0 else _cells(typed)
        have = {series.name: series for series in cells}
        ordered: list[pl.Series] = []
        for field in self._fields:
            ordered.append(have.get(field, pl.Series(field, [None] * rows.height, dtype=pl.String)))
            if field + KIND_SUFFIX in have:
                ordered.append(have[field + KIND_SUFFIX])
        if self._keep_unknown:
            ordered.append(self._unknown(rows))
        record = np.arange(self._next, self._next + rows.height, dtype=np.int64)
        self._next += rows.height
        self._count(rows.height)
        return Chunk(pl.DataFrame(ordered), record, None, None, None, (), (), RowTexts(rows))

    def _unknown(self, rows: pl.DataFrame) -> pl.Series:
        """Return the cells that no field claims as JSON objects, null where all of them are null."""
        texts = json_rows(rows.select(self.layout.extra), skip_null=True) if self.layout.extra else ["{}"] * rows.height
        return pl.Series(UNKNOWN_COLUMN, [None if text == "{}" else text for text in texts], dtype=pl.String)

    def _count(self, height: int) -> None:
        """Keep the account: a column gives every row something."""
        self._account.records += height
        for field in self.layout.found:
            self._account.present[field] += height
        for name in self.layout.extra:
            self._account.unknown[name] += height


@dataclass(frozen=True, slots=True)
class RowTexts:
    """Raw texts of typed rows, rendered when they are asked for."""

    frame: pl.DataFrame

    def raw(self, rows: npt.NDArray[np.int64]) -> list[bytes]:
        """Return each of these rows as a JSON object of all its cells."""
        return [text.encode() for text in json_rows(self.frame[rows])]

    def lines(self, rows: npt.NDArray[np.int64]) -> list[int] | None:  # noqa: ARG002 - the protocol's signature
        """Return None: a frame has no lines."""
        return None


class FrameReader:
    """Reads a Polars frame, `chunk_records` rows at a time.

    An absent column makes the field null, or refuses the whole source if the field is required.
    """

    def __init__(
        self,
        dialect: Dialect,
        frame: pl.DataFrame,
        *,
        chunk_records: int = CHUNK_RECORDS,
        columns: frozenset[str] | None = None,
    ) -> None:
        self.account = Account()
        self._frame = frame
        self._size = chunk_records
        self._renderer = FrameRenderer(dialect, frame.schema, columns, self.account)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks in order, none if the source is refused.  SourceError for a column without text."""
        if self.account.refused is not None:
            return
        for start in range(0, self._frame.height, self._size):
            yield self._renderer.chunk(self._frame.slice(start, self._size))


@dataclass(frozen=True, slots=True)
class ItemTexts:
    """Raw texts of records in memory, written when they are asked for."""

    items: Sequence[bytes | dict[str, Any]]

    def raw(self, rows: npt.NDArray[np.int64]) -> list[bytes]:
        """Return the JSON text of each of these records, as it was given or written from its values."""
        found = (self.items[row] for row in rows.tolist())
        return [item if isinstance(item, bytes) else json_text(item).encode() for item in found]

    def lines(self, rows: npt.NDArray[np.int64]) -> list[int] | None:  # noqa: ARG002 - the protocol's signature
        """Return None: records in memory have no lines."""
        return None


class IterableReader:
    """Reads records in memory: dictionaries of Python values, or JSON texts as str or bytes, each one record.

    Bytes are in the dialect's encoding.  See `python_values.plain_record` for the types that values may have;
    a longest record is enforced for texts only.
    """

    def __init__(
        self,
        dialect: Dialect,
        items: Iterable[Mapping[str, Any] | str | bytes],
        *,
        chunk_records: int = CHUNK_RECORDS,
        columns: frozenset[str] | None = None,
    ) -> None:
        self.account = Account()
        self._items = iter(items)
        self._size = chunk_records
        self._dialect = dialect
        self._cells = CellBuilder(dialect, columns, self.account)
        self._parsers = {
            bytes: RecordParser(check_encoding(dialect.encoding), dialect.max_depth),
            str: RecordParser("utf-8", dialect.max_depth),
        }
        self._next = FIRST_RECORD

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks in order."""
        while batch := list(islice(self._items, self._size)):
            yield self._chunk(batch)

    def _chunk(self, items: list[Any]) -> Chunk:
        """Read some records."""
        records: list[dict[str, Any]] = []
        raws: list[bytes | dict[str, Any]] = []
        numbers: list[int] = []
        unreadable: list[Unreadable] = []
        for number, item in enumerate(items, start=self._next):
            value, raw = self._read(item)
            if isinstance(value, Refusal):
                kept = described(raw) if not isinstance(raw, bytes) else raw
                unreadable.append(self._refused(number, value, kept))
                continue
            records.append(value)
            raws.append(raw)
            numbers.append(number)
        self._next += len(items)
        self.account.records += len(items)
        self.account.unreadable += len(unreadable)
        self._cells.feed(records)
        record = np.array(numbers, dtype=np.int64)
        return Chunk(self._cells.flush(), record, None, None, None, unreadable, (), ItemTexts(raws))

    def _read(self, item: Any) -> tuple[dict[str, Any] | Refusal, Any]:
        """Return the record of an item, or why there is none, and its raw text or what to write it from."""
        if isinstance(item, Mapping):
            value = plain_record(item, self._dialect.max_depth)
            return value, item if isinstance(value, Refusal) else value
        if not isinstance(item, (str, bytes)):
            message = f"the record is of type {type(item).__name__}, not a dict or JSON text"
            return Refusal("unreadable.not_object", message), item
        parser = self._parsers[bytes if isinstance(item, bytes) else str]
        raw = item if isinstance(item, bytes) else item.encode("utf-8", "backslashreplace")
        raw = raw.removesuffix(b"\n").removesuffix(b"\r")
        if len(raw) > self._dialect.max_record:
            return too_long(self._dialect.max_record), raw
        value = parser.parse(raw)
        if not isinstance(value, Refusal) and parser.may_have_negative_zero(raw):
            value = parser.exact(raw)
        return value, raw

    def _refused(self, number: int, refusal: Refusal, raw: bytes) -> Unreadable:
        """Return the unreadable record of an item; it has no place in bytes."""
        sha256 = None
        if len(raw) > self._dialect.max_record:
            raw, sha256 = raw[:KEPT_RAW], hashlib.sha256(raw).hexdigest()
        return Unreadable(number, 0, len(raw), None, refusal.code, refusal.message, raw, sha256)


def json_rows(frame: pl.DataFrame, *, skip_null: bool = False) -> list[str]:
    """Return each row as a JSON object: numbers as literals, binary columns as base64, all else as its text."""
    binary = [pl.col(name).bin.encode("base64") for name, dtype in frame.schema.items() if dtype == pl.Binary]
    texts, kinds = _rendered(frame.with_columns(binary))
    names = [orjson.dumps(name).decode() for name in texts.columns]
    columns = [[_json_cell(cell, kinds[name]) for cell in texts[name]] for name in texts.columns]
    rows: Sequence[tuple[str | None, ...]] = list(zip(*columns, strict=True))
    return [
        "{" + ",".join(f"{n}:{c or 'null'}" for n, c in zip(names, row, strict=True) if c or not skip_null) + "}"
        for row in rows
    ]


def _locate(text: str, schema: Mapping[str, pl.DataType]) -> tuple[str, pl.Expr] | None:
    """Return the column that a path begins with and the expression of its value, or None if there is none."""
    if text in schema:
        return text, pl.col(text)
    try:
        path = parse_path(text)
    except ValueError:
        return None
    if path.root not in schema:
        return None
    dtype: object = schema[path.root]
    value = pl.col(path.root)
    for part in path.parts[1:]:
        if isinstance(part, int):
            if not isinstance(dtype, (pl.List, pl.Array)):
                return None
            value = value.list.get(part, null_on_oob=True) if isinstance(dtype, pl.List) else value.arr.get(part)
            dtype = dtype.inner
        else:
            inner = {field.name: field.dtype for field in dtype.fields} if isinstance(dtype, pl.Struct) else {}
            if part not in inner:
                return None
            value, dtype = value.struct.field(part), inner[part]
    return path.root, value


def _rendered(frame: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, CellKind]]:
    """Render a typed frame; SourceError for a column that has no text."""
    try:
        return render_frame(frame)
    except TypeError as error:
        raise SourceError(str(error)) from error


def _cells(typed: pl.DataFrame) -> list[pl.Series]:
    """Return the text of each column and, where it is not text, its kinds."""
    texts, kinds = _rendered(typed)
    result: list[pl.Series] = []
    for name in texts.columns:
        result.append(texts[name])
        if kinds[name] is not CellKind.TEXT:
            result.append((texts[name].is_not_null().cast(pl.UInt8) * int(kinds[name])).alias(name + KIND_SUFFIX))
    return result


def _json_cell(cell: str | None, kind: CellKind) -> str | None:
    """Return a cell as JSON, None where it is null.  NaN and infinities are strings, which JSON has for them."""
    if cell is None:
        return None
    literal = kind in {CellKind.BOOLEAN, CellKind.ARRAY, CellKind.OBJECT}
    if literal or (kind is CellKind.NUMBER and _JSON_NUMBER.match(cell)):
        return cell
    return orjson.dumps(cell).decode()
