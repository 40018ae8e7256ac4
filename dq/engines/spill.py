"""A spill: narrow frames that a barrier needs to see again, in memory while they are few, else on disk."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

import polars as pl

from dq.errors import SinkError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

PIECE = 250_000  # rows; what is made of a piece takes several times its memory
PIECES = 8  # files that what may be kept in memory makes


class Spill:
    """Frames of one schema, kept in order.  Files are private to this user and go with the context.

    What is read again comes back a file at a time, beside what is still in memory, so that files are small pieces of
    what may be kept, and from the first one on no more than a piece waits in memory.
    """

    def __init__(self, memory: int, workdir: Path | None) -> None:
        """Keep up to `memory` bytes; what is more goes to a private folder in `workdir` (or the system's own)."""
        self._room = memory
        self._piece = memory // PIECES
        self._workdir = workdir
        self._folder: Path | None = None
        self._frames: list[pl.DataFrame] = []
        self._files: list[Path] = []
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._frames.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, frame: pl.DataFrame) -> None:
        """Add a frame.  SinkError where the disk refuses it."""
        self._bytes += int(frame.estimated_size())
        self._frames.append(frame)
        if self._bytes > self._room:
            self._flush()
            self._room = self._piece

    def _flush(self) -> None:
        """Write what is in memory to files of about a piece each."""
        frames, self._frames, self._bytes = self._frames, [], 0
        piece: list[pl.DataFrame] = []
        size = 0
        for frame in frames:
            piece.append(frame)
            size += int(frame.estimated_size())
            if size > self._piece or frame is frames[-1]:
                self._write(pl.concat(piece, rechunk=False))
                piece, size = [], 0

    def _write(self, frame: pl.DataFrame) -> None:
        """Write one more file."""
        try:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="dq-spill-", dir=self._workdir))
            path = self._folder / f"{len(self._files)}.arrow"
            # Keys hardly compress: lz4 makes a third less of them, takes four times as long, and twice when it reads.
            frame.write_ipc(path, compression="uncompressed")
        except OSError as error:
            raise SinkError(f"cannot spill to disk: {error.strerror or error}") from error
        self._files.append(path)

    def frames(self, columns: list[str] | None = None) -> Iterator[pl.DataFrame]:
        """Yield the frames again, in order, with all columns or with these.

        What is on disk is read a file at a time and comes back in pieces.
        """
        for path in self._files:
            frame = pl.read_ipc(path, columns=columns)
            frame = frame if columns is None else frame.select(columns)
            yield from frame.iter_slices(PIECE) if frame.height else [frame]  # one without rows has its columns
        for frame in self._frames:
            yield frame if columns is None else frame.select(columns)
