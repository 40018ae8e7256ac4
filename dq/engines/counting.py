"""Counts of values by group that may outgrow the memory: what is too much goes to disk, in parts of whole groups."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import polars as pl

from dq.errors import SinkError
from dq.states.group_counts import GroupCounts, PartedCounts, added

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

PARTS = 32
_PART = "\x00part"
_COMPACT = 500_000  # rows that wait to be added up; where more than these stay, as many again
_ADDING = 4  # how many times its memory a table takes while it is added up, at 16 bytes a cell


class Counting:
    """Adds up tables of counts as they come, in memory while they are few, else in files that go with the context.

    Each part on disk holds whole groups of the columns `whole`, so that what is learnt within groups is learnt part
    by part.  Without such columns nothing can be parted, and all distinct values stay in memory.
    """

    def __init__(self, whole: Sequence[str], memory: int, workdir: Path | None) -> None:
        """Keep up to `memory` bytes; what is more goes to a private folder in `workdir` (or the system's own)."""
        self._whole = tuple(whole)
        self._memory = memory
        self._workdir = workdir
        self._tables: list[GroupCounts] = []
        self._rows = self._kept = 0
        self._folder: Path | None = None
        self._files: dict[int, list[Path]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tables.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, table: GroupCounts) -> None:
        """Take one more table.  SinkError where the disk refuses it."""
        self._tables.append(table)
        self._rows += table.table.height
        room = self._memory // (_ADDING * 16 * len(table.table.columns))  # rows that may be in memory
        if self._rows <= max(2 * self._kept, min(room, _COMPACT)):
            return
        self._tables = [added(self._tables)]
        self._rows = self._kept = self._tables[0].table.height
        if self._whole and self._kept > room:
            self._flush()

    def _flush(self) -> None:
        """Write what is in memory to the files of its parts."""
        table = self._tables[0].table
        numbered = table.with_columns((pl.struct(self._whole).hash() % PARTS).alias(_PART))
        try:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="dq-counts-", dir=self._workdir))
            for (part,), rows in numbered.partition_by(_PART, as_dict=True, include_key=False).items():
                files = self._files.setdefault(int(part), [])
                path = self._folder / f"{part}-{len(files)}.parquet"
                rows.write_parquet(path, compression="lz4", statistics=False)
                files.append(path)
        except OSError as error:
            raise SinkError(f"cannot spill to disk: {error.strerror or error}") from error
        self._tables, self._rows, self._kept = [GroupCounts(table.clear())], 0, 0

    def total(self) -> GroupCounts | None:
        """Return the sum, or None where nothing was added; it can be read while the context is open."""
        if not self._tables:
            return None
        if not self._files:
            return added(self._tables)
        self._tables = [added(self._tables)]
        self._flush()
        return PartedCounts(tuple(partial(_read, self._files[part]) for part in sorted(self._files)), self._whole)


def _read(files: list[Path]) -> GroupCounts:
    return added([GroupCounts(pl.read_parquet(path, glob=False)) for path in files])
