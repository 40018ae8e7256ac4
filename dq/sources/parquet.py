"""Parquet files: row groups decoded one after another by Polars, then rendered like any typed frame."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import polars as pl

from dq.errors import SourceError, is_panic
from dq.sources.base import CHUNK_RECORDS, Account, Chunk, Dialect
from dq.sources.frame import FrameRenderer

_PIECE = 1 << 20
_Result = TypeVar("_Result")


class ParquetReader:
    """Reads one local Parquet file, once, in the order of its rows.

    Memory holds a few chunks and never the whole file.  The file is hashed before it is decoded.  SourceError where it
    is absent, corrupt, or has a column without text that a field is read from.
    """

    def __init__(
        self,
        dialect: Dialect,
        path: str | Path,
        *,
        chunk_records: int = CHUNK_RECORDS,
        columns: frozenset[str] | None = None,
    ) -> None:
        self.account = Account()
        self._dialect = dialect
        self._path = Path(path)
        self._size = chunk_records
        self._columns = columns

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks in order, none if the source is refused."""
        self._hash()
        scan = self._guard(lambda: pl.scan_parquet(self._path.absolute(), glob=False, hive_partitioning=False))
        schema = self._guard(scan.collect_schema)
        renderer = FrameRenderer(self._dialect, schema, self._columns, self.account)
        if self.account.refused is not None:
            return
        batches = self._guard(lambda: scan.collect_batches(chunk_size=self._size, maintain_order=True, lazy=True))
        while (rows := self._guard(lambda: next(batches, None))) is not None:
            if rows.height:
                yield renderer.chunk(rows)

    def _hash(self) -> None:
        """Hash and count the stored bytes."""
        digest = hashlib.sha256()
        try:
            with self._path.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    self.account.bytes += len(piece)
        except OSError as error:
            raise SourceError(f"{self._path.name}: it cannot be read: {error.strerror}") from error
        self.account.sha256 = digest.hexdigest()

    def _guard(self, action: Callable[[], _Result]) -> _Result:
        """Do something with Polars; its errors and panics are SourceError.  Their words may hold values: dropped."""
        try:
            return action()
        except (pl.exceptions.PolarsError, OSError, ValueError) as error:
            raise SourceError(self._complaint(error)) from error
        except BaseException as error:
            if is_panic(error):
                raise SourceError(self._complaint(error)) from error
            raise

    def _complaint(self, error: BaseException) -> str:
        """Say that the file is not sound."""
        return f"{self._path.name}: it cannot be read as Parquet ({type(error).__name__})"
