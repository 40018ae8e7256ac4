"""Parquet files, written as the rows come.

Polars has no incremental Parquet writer in Python, but it streams a query into a file.  So the query is one
whose source is a generator that reads frames from a bounded queue, and it runs in a thread of its own.
Row groups are cut by Polars at a fixed count of rows, so that the bytes depend neither on the sizes of the
frames that come in nor on the number of threads.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import IO, cast

import polars as pl
from polars.io.plugins import register_io_source

from dq.errors import InternalError, SinkError
from dq.sinks.file import OutputFile

ROW_GROUP_ROWS = 100_000
_WAITING_FRAMES = 2


class _GivenUpError(Exception):
    """Ends the query of a writer that is aborted; nobody sees it."""


class ParquetWriter:
    """Writes frames of one schema to a Parquet file: zstd level 1, row groups of `row_group_rows` rows.

    `write` blocks while the thread is behind; whatever goes wrong in the thread is raised by the next `write`
    or by `close`, as SinkError where the file is the cause.
    """

    def __init__(self, file: OutputFile, schema: pl.Schema, row_group_rows: int = ROW_GROUP_ROWS) -> None:
        """Begin to write to a new file.  InternalError for a schema without columns."""
        if not schema:
            raise InternalError("a Parquet file needs at least one column")
        self._file = file
        self._schema = schema
        self._row_group_rows = row_group_rows
        self._rows = 0
        self._error: BaseException | None = None
        self._queue: queue.Queue[pl.DataFrame | _GivenUpError | None] = queue.Queue(_WAITING_FRAMES)
        self._thread = threading.Thread(target=self._run, name=f"dq-write-{file.path.name}", daemon=True)
        self._thread.start()
        file.on_discard = self.abort

    def _frames(self, *_pushed_down: object) -> Iterator[pl.DataFrame]:
        """Yield the frames of the queue; the sink asks for all columns and rows, so nothing is pushed down."""
        while (item := self._queue.get()) is not None:
            if isinstance(item, _GivenUpError):
                raise item
            yield item

    def _run(self) -> None:
        """Run the query; keep its error and wake up a caller that waits for room in the queue."""
        try:
            register_io_source(self._frames, schema=self._schema, is_pure=True).sink_parquet(
                cast("IO[bytes]", self._file),
                row_group_size=self._row_group_rows,
                compression="zstd",
                compression_level=1,
                maintain_order=True,
                engine="streaming",
            )
        except BaseException as error:  # noqa: BLE001  A panic of Polars is not an Exception, and must surface too.
            self._error = error
            self._drain()

    def _drain(self) -> None:
        """Empty the queue."""
        while True:
            try:
                self._queue.get_nowait()
            except queue.Empty:
                return

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows.  SinkError; InternalError for a frame of another schema."""
        if frame.schema != self._schema:
            raise InternalError(f"{self._file.path.name} is written with columns that it was not made for")
        self._raise_failure()
        self._rows += frame.height
        if frame.height:
            self._queue.put(frame)

    def close(self) -> int:
        """Finish the file and return the number of rows.  SinkError."""
        self._raise_failure()
        self._queue.put(None)
        self._thread.join()
        self._raise_failure()
        self._file.rows = self._rows
        self._file.close()
        return self._rows

    def _raise_failure(self) -> None:
        """Raise what went wrong in the thread: the file's own error if it has one."""
        if self._error is None:
            return
        self._thread.join()
        if self._file.failure is not None:
            raise self._file.failure from self._error
        raise SinkError(f"cannot write {self._file.path.name}: the Parquet encoder failed") from self._error

    def abort(self) -> None:
        """Stop the thread and leave the file unfinished."""
        self._drain()
        self._queue.put(_GivenUpError())
        self._thread.join()
        self._file.discard()
