"""Whole lines in, cells out: by shape where lines have one that is known, one by one where they have not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dq.errors import InternalError, SourceError
from dq.sources.framing import CHANGED
from dq.sources.json_cells import stack
from dq.sources.json_shapes import Shapes
from dq.sources.json_values import BLANK, RecordParser, Refusal, too_long

if TYPE_CHECKING:
    import polars as pl

    from dq.sources.json_cells import CellBuilder
    from dq.sources.json_marks import Flags, Lines, Positions
    from dq.sources.json_shapes import SortedLines
    from dq.sources.recall import Recall

BATCH_RECORDS = 512  # records whose parsed form is held at once: fewer than wake Python's cyclic collector
RENDER_RECORDS = 8192  # records that are rendered at once


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of some lines.

    `cells` are those of the lines `readable`, in their order, None where there are none.  `refusals` holds the lines
    that are no records, in their order, and `blank` marks those that are nothing.
    """

    cells: pl.DataFrame | None
    readable: Positions
    refusals: dict[int, Refusal]
    blank: Flags


class LineReader:
    """Reads lines of one encoding; what it gives does not depend on which of them are known by their shape."""

    def __init__(
        self, parser: RecordParser, cells: CellBuilder, encoding: str, max_record: int, recall: Recall | None = None
    ) -> None:
        """Begin with no shape, but those that an earlier scan of the same bytes noted in `recall`."""
        self._parser = parser
        self._cells = cells
        self._limit = max_record
        self._shapes = Shapes(cells.reads, self._is_record, recall) if encoding == "utf-8" else None

    def _is_record(self, raw: bytes) -> bool:
        """Tell whether a line is a record."""
        return not isinstance(self._parser.parse(raw), Refusal)

    def read(self, lines: Lines, offset: int) -> Batch:
        """Read some lines, the first of which has this offset in the input.  SourceError where they changed."""
        long = lines.stop - lines.start > self._limit
        blank = lines.blank & ~long
        refusals = dict.fromkeys(np.flatnonzero(long).tolist(), too_long(self._limit))
        left = ~(long | blank)
        found = self._shapes.sort(lines, offset) if self._shapes and not long.any() else None
        if found:
            for matched in found.matched:
                left[matched.rows] = False
        # Names of unknown keys are counted in the order in which the parser meets them: it goes first.
        parts = self._one_by_one(lines, np.flatnonzero(left), refusals)
        if found:
            parts += self._by_shape(found)
        for row, refusal in refusals.items():
            blank[row] = refusal is BLANK
        refusals = {row: refusal for row, refusal in sorted(refusals.items()) if refusal is not BLANK}
        return _in_order(parts, refusals, blank)

    def _by_shape(self, found: SortedLines) -> list[tuple[Positions, pl.DataFrame]]:
        """Return the lines of known shapes with their cells."""
        try:
            return [(matched.rows, self._cells.matched(matched, found.marked)) for matched in found.matched]
        except InternalError:
            if found.recalled:  # The bytes are not those that were judged.
                raise SourceError(CHANGED) from None
            raise

    def _one_by_one(
        self, lines: Lines, rows: Positions, refusals: dict[int, Refusal]
    ) -> list[tuple[Positions, pl.DataFrame]]:
        """Parse some lines; return those that are records, with their cells, and add the others to the refusals."""
        readable: list[int] = []
        frames: list[pl.DataFrame] = []
        for first in range(0, len(rows), BATCH_RECORDS):
            some = rows[first : first + BATCH_RECORDS]
            raws = lines.raws(some)
            values = list(map(self._parser.parse, raws))
            records = [value for value in values if not isinstance(value, Refusal)]
            numbers = some.tolist()
            if len(records) < len(values):
                bad = {row: value for row, value in zip(numbers, values, strict=True) if isinstance(value, Refusal)}
                raws = [raw for row, raw in zip(numbers, raws, strict=True) if row not in bad]
                numbers = [row for row in numbers if row not in bad]
                refusals.update(bad)
            readable += numbers
            self._cells.feed(records, raws, self._parser)
            if self._cells.pending >= RENDER_RECORDS:
                frames.append(self._cells.flush())
        if self._cells.pending:
            frames.append(self._cells.flush())
        return [(np.array(readable, np.int64), stack(frames))] if frames else []


def _in_order(parts: list[tuple[Positions, pl.DataFrame]], refusals: dict[int, Refusal], blank: Flags) -> Batch:
    """Put the cells of lines that were read in different ways into the order of the lines."""
    if not parts:
        return Batch(None, np.zeros(0, np.int64), refusals, blank)
    if len(parts) == 1:
        return Batch(parts[0][1], parts[0][0], refusals, blank)
    rows = np.concatenate([part[0] for part in parts])
    order = np.argsort(rows)
    return Batch(stack([part[1] for part in parts])[order], rows[order], refusals, blank)
