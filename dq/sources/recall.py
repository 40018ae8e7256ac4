"""What one scan knows of an input's rows, so that the next scan need not look for them again.

Framing is the same in every scan of the same bytes.  Where a whole stretch of rows is in order, the first scan notes
the length of each, 4 bytes a row, and the next one cuts by these lengths.  Of JSON Lines it notes which shape each line
has, 1 byte a line, and the next one need not judge them.  The engine compares the sums of both scans, so that rows
which were read wrongly, since the file changed in between, are never published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq.sources.base import CHUNK_BYTES

if TYPE_CHECKING:
    import numpy.typing as npt

    from dq.sources.json_shapes import Shape


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive rows in order: the length of each, how long their line ends are, and how many lines they are."""

    lengths: npt.NDArray[np.uint32]
    ending: int
    lines: int


@dataclass(frozen=True, slots=True)
class Sorting:
    """Consecutive lines: for each the number of its shape among `shapes`, or NO_SHAPE."""

    which: npt.NDArray[np.uint8]
    shapes: tuple[Shape, ...]


NO_SHAPE = 255


class Recall:
    """Runs of rows of one input, and the shapes of lines, by the absolute place at which each begins.

    It is filled by the first scan (`note` or `note_shapes`, then `finish`) and asked by the next (`run`, `shapes`).  A
    run has about `rows` rows.  `room` is how many bytes may be kept; what comes after that is framed again.
    """

    def __init__(self, rows: int, room: int) -> None:
        """Know nothing yet."""
        self._rows, self._room = rows, room
        self._runs: dict[int, Run] = {}
        self._sorted: dict[int, Sorting] = {}
        self._parts: list[npt.NDArray[np.uint32]] = []
        self._begin = self._end = self._lines = self._ending = self._count = 0
        self.finished = False

    def note(self, offset: int, lengths: npt.NDArray[np.int64], ending: int, lines: int) -> None:
        """Note rows in order that begin at an absolute place and have line ends of `ending` bytes."""
        if self._room < 4 * len(lengths):
            self._room = 0
            return
        full = self._count >= self._rows or self._end - self._begin >= CHUNK_BYTES
        if full or offset != self._end or ending != self._ending:
            self._close()
            self._begin = self._end = offset
        self._room -= 4 * len(lengths)
        self._parts.append(lengths.astype(np.uint32))
        self._end += int(lengths.sum())
        self._ending = ending
        self._count += len(lengths)
        self._lines += lines

    def note_shapes(self, offset: int, sorting: Sorting) -> None:
        """Note the shapes of lines that begin at an absolute place."""
        self._room -= len(sorting.which)
        if self._room >= 0:
            self._sorted[offset] = sorting

    def _close(self) -> None:
        """End the run that is being noted."""
        if self._parts:
            self._runs[self._begin] = Run(np.concatenate(self._parts), self._ending, self._lines)
        self._parts, self._lines, self._count = [], 0, 0

    def finish(self) -> None:
        """End the first scan: from now on rows are recalled."""
        self._close()
        self.finished = True

    def run(self, offset: int) -> Run | None:
        """Return the run that begins at this place, or None; None while the first scan goes on."""
        return self._runs.get(offset) if self.finished else None

    def shapes(self, offset: int) -> Sorting | None:
        """Return the shapes of the lines that begin at this place, or None; None while the first scan goes on."""
        return self._sorted.get(offset) if self.finished else None
