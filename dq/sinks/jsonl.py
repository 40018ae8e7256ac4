"""JSON Lines files: one object per row, every field present, in the declared order.

Integers, numbers and decimals are JSON numbers with all of their digits, objects and lists are embedded as
JSON, dates and the like are their canonical text, a missing value is null.  The text is composed by Polars,
column by column: nothing is turned into Python objects.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from itertools import groupby

import orjson
import polars as pl

from dq.dtypes.render import text_of
from dq.dtypes.types import Type
from dq.errors import InternalError
from dq.sinks.file import OutputFile

_NATIVE = frozenset({"string", "integer", "number", "boolean"})  # what Polars writes as JSON exactly as dq does
_EMBEDDED = frozenset({"decimal", "object"})  # whose canonical text is itself JSON
_NULL = pl.lit("null")
_FEW_ROWS = 256  # that are joined sooner than a writer is made for them


def _is_embedded(kind: Type) -> bool:
    """Whether a value of the type is composed by dq, and not written by Polars' JSON encoder."""
    return kind.name in _EMBEDDED or (kind.element is not None and kind.element.name in _EMBEDDED)


def _encodable(kind: Type, value: pl.Expr) -> pl.Expr:
    """Return the value in a type that Polars' JSON encoder writes as dq wants it: itself, or its text."""
    if kind.element is not None:
        return value.list.eval(_encodable(kind.element, pl.element()))
    if kind.name in _NATIVE:
        return value
    return text_of(kind, value)


def _embedded(kind: Type, value: pl.Expr) -> pl.Expr:
    """Return the value's JSON text; `null` where it is missing."""
    if kind.element is not None:
        items = value.list.eval(_embedded(kind.element, pl.element()))
        return pl.concat_str(pl.lit("["), items.list.join(","), pl.lit("]")).fill_null(_NULL)
    return text_of(kind, value).fill_null(_NULL)


def _members(fields: Mapping[str, Type]) -> Iterator[pl.Expr]:
    """Yield, for each run of like fields, the text of their members, such as `"a":1,"b":null`."""
    for embedded, run in groupby(fields.items(), key=lambda item: _is_embedded(item[1])):
        if embedded:
            for name, kind in run:
                yield pl.concat_str(pl.lit(orjson.dumps(name).decode() + ":"), _embedded(kind, pl.col(name)))
        else:
            values = [_encodable(kind, pl.col(name)).alias(name) for name, kind in run]
            yield pl.struct(values).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")


def line_of(fields: Mapping[str, Type]) -> pl.Expr:
    """Return the expression of a row's JSON object, as text."""
    if not any(map(_is_embedded, fields.values())):
        return pl.struct(
            _encodable(kind, pl.col(name)).alias(name) for name, kind in fields.items()
        ).struct.json_encode()
    return pl.concat_str(pl.lit("{"), pl.concat_str(list(_members(fields)), separator=","), pl.lit("}"))


class LineForm:
    """How rows of some fields are written as lines, each the value of `line_of`."""

    def __init__(self, fields: Mapping[str, Type]) -> None:
        """Prepare the expressions."""
        self._line = line_of(fields)
        whole = not any(map(_is_embedded, fields.values()))
        self._values = [_encodable(kind, pl.col(name)).alias(name) for name, kind in fields.items()] if whole else None

    def lines(self, frame: pl.DataFrame) -> memoryview:
        """Return rows as lines."""
        if frame.height <= _FEW_ROWS:
            texts = frame.select_seq(self._line).to_series().to_list()
            return memoryview("".join(f"{text}\n" for text in texts).encode())
        buffer = io.BytesIO()
        if self._values is not None:
            frame.select(self._values).write_ndjson(buffer)
        else:
            # A JSON text has no line end outside its strings and none inside them, so it is written as it is.
            frame.select(self._line.alias("line")).write_csv(buffer, include_header=False, quote_style="never")
        return buffer.getbuffer()


class JsonLinesWriter:
    """Writes canonical rows to a JSON Lines file.  `fields` are the members, in order, with their types."""

    def __init__(self, file: OutputFile, fields: Mapping[str, Type]) -> None:
        """Begin an empty file.  InternalError where there is no field."""
        if not fields:
            raise InternalError("a JSON Lines file needs at least one field")
        self._file = file
        self._rows = 0
        self._form = LineForm(fields)

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows.  SinkError."""
        self._rows += frame.height
        self._file.write(self._form.lines(frame))

    def close(self) -> int:
        """Finish the file and return the number of rows.  SinkError."""
        self._file.rows = self._rows
        self._file.close()
        return self._rows

    def abort(self) -> None:
        """Leave the file unfinished."""
        self._file.discard()
