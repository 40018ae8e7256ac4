"""CSV files: RFC 4180 with line feeds, UTF-8, a header, and every value in its canonical text.

A null is an empty field, an empty string is `""`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import polars as pl

from dq.dtypes.render import text_of
from dq.dtypes.types import Type
from dq.errors import InternalError
from dq.sinks.file import OutputFile


class CsvWriter:
    """Writes canonical rows to a CSV file.  `fields` are the columns, in order, with their types."""

    def __init__(self, file: OutputFile, fields: Mapping[str, Type]) -> None:
        """Write the header.  SinkError; InternalError where there is no column."""
        if not fields:
            raise InternalError("a CSV file needs at least one column")
        self._file = file
        self._rows = 0
        self._texts = [text_of(kind, pl.col(name)).alias(name) for name, kind in fields.items()]
        self._write(pl.DataFrame(schema=dict.fromkeys(fields, pl.String)), header=True)

    def _write(self, texts: pl.DataFrame, *, header: bool) -> None:
        """Append a frame of text columns."""
        buffer = io.BytesIO()
        texts.write_csv(buffer, include_header=header, quote_style="necessary", null_value="")
        self._file.write(buffer.getbuffer())

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows.  SinkError."""
        self._rows += frame.height
        self._write(frame.select(self._texts), header=False)

    def close(self) -> int:
        """Finish the file and return the number of rows.  SinkError."""
        self._file.rows = self._rows
        self._file.close()
        return self._rows

    def abort(self) -> None:
        """Leave the file unfinished."""
        self._file.discard()
