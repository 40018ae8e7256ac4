"""Reference files beside the spec: read once, at compile time, as distinct text values of one column."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import polars as pl

from dq.diagnostics import did_you_mean
from dq.dtypes.render import render_frame
from dq.errors import is_panic
from dq.params import ParamError
from dq.spec.paths import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dq.dtypes.types import CellKind

MAX_BYTES = 256 * 2**20


class References:
    """Reads reference files under the spec's root, and remembers their sums for the plan's fingerprint."""

    def __init__(self, root: Path) -> None:
        """Begin with nothing read."""
        self._root = root
        self._sums: dict[str, str] = {}
        self._values: dict[tuple[str, str], tuple[str, ...]] = {}

    def values(self, file: str, column: str) -> tuple[str, ...]:
        """Return the sorted distinct values of a column as text; ParamError DQ320 if they cannot be read."""
        if (file, column) not in self._values:
            self._values[file, column] = self._read(file, column)
        return self._values[file, column]

    def used(self) -> tuple[tuple[str, str], ...]:
        """Return each file that was read with its SHA-256."""
        return tuple(sorted(self._sums.items()))

    def table(self, file: str, columns: Sequence[str]) -> tuple[pl.DataFrame, Mapping[str, CellKind]]:
        """Return some columns of a file as text cells, and what they were; ParamError DQ320 if they cannot be read."""
        frame = self._frame_of(file)
        for column in columns:
            if column not in frame.columns:
                near = did_you_mean(column, frame.columns)
                raise ParamError(
                    "DQ320", "by", file=file, problem=f"it has no column {column!r}", column=column, suggestion=near
                )
        try:
            return render_frame(frame.select(list(dict.fromkeys(columns))))
        except TypeError as error:
            raise ParamError("DQ320", "file", file=file, problem=str(error)) from error

    def texts(self, file: str, columns: Sequence[str]) -> pl.DataFrame:
        """Return some columns of a file as text cells; ParamError DQ320 if they cannot be read."""
        return self.table(file, columns)[0]

    def sum(self, file: str) -> str:
        """Return the SHA-256 of a file that was read."""
        return self._sums[file]

    def _read(self, file: str, column: str) -> tuple[str, ...]:
        return self._distinct(self._frame_of(file), file, column)

    def _frame_of(self, file: str) -> pl.DataFrame:
        """Read a file; what Polars cannot read is the author's mistake, a panic included."""
        try:
            path, content = self._content(file)
            return self._frame(path, content)
        except BaseException as error:
            expected = isinstance(error, (OSError, ValueError, pl.exceptions.PolarsError)) or is_panic(error)
            if isinstance(error, ParamError) or not expected:
                raise
            absent = "it does not exist" if isinstance(error, FileNotFoundError) else "it cannot be read"
            problem = str(error) if isinstance(error, ValueError) else absent
            raise ParamError("DQ320", "file", file=file, problem=problem) from error

    def _content(self, file: str) -> tuple[Path, bytes]:
        """Read a file of bounded size, and remember its sum."""
        path = resolve(self._root, file)
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is larger than 256 MiB")
        content = path.read_bytes()
        self._sums[file] = hashlib.sha256(content).hexdigest()
        return path, content

    @staticmethod
    def _distinct(frame: pl.DataFrame, file: str, column: str) -> tuple[str, ...]:
        """Return the sorted distinct values of a column."""
        if column not in frame.columns:
            raise ParamError("DQ320", "column", file=file, problem=f"it has no column {column!r}")
        return tuple(sorted(frame[column].cast(pl.String).drop_nulls().unique().to_list()))

    @staticmethod
    def _frame(path: Path, content: bytes) -> pl.DataFrame:
        """Read a file by its suffix."""
        if path.suffix == ".parquet":
            return pl.read_parquet(content, glob=False)
        if path.suffix == ".csv":
            return pl.read_csv(content, infer_schema=False, glob=False)
        raise ValueError("a reference is a .csv or a .parquet file")
