"""What every engine shares: where rows go, and how a run is set up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from dq.sources.base import CHUNK_RECORDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dq.engines.inputs import Input
    from dq.outcome import Outcome
    from dq.plan.tally import SourceTally
    from dq.sinks.quarantine import DoorsOf, LostTo, ReasonsOf, RecordBatch, SourceLine
    from dq.sources.base import Chunk


class Doors(Protocol):
    """Where the rows of a run go."""

    def begin(self, sources: Sequence[SourceLine]) -> None:
        """Take what is known of every source, before the first record; called only where a scan has read them all."""

    def accepted(self, frame: pl.DataFrame) -> None:
        """Take canonical rows, in input order."""

    def quarantined(self, batch: RecordBatch) -> None:
        """Take refused records of one source, in order of record."""

    def removed(self, batch: RecordBatch, lost_to: Sequence[LostTo | None]) -> None:
        """Take filtered and deduplicated records of one source, in order of record; None stands for filtered."""

    def finish(self, sources: list[SourceTally], doors_of: DoorsOf, reasons_of: ReasonsOf) -> None:
        """Complete the files, now that every source, the door of every winner and every reason is known."""


class NoDoors:
    """Judge only: rows go nowhere."""

    def begin(self, sources: Sequence[SourceLine]) -> None:
        """Forget the sources."""

    def accepted(self, frame: pl.DataFrame) -> None:
        """Forget the rows."""

    def quarantined(self, batch: RecordBatch) -> None:
        """Forget the records."""

    def removed(self, batch: RecordBatch, lost_to: Sequence[LostTo | None]) -> None:
        """Forget the records."""

    def finish(self, sources: list[SourceTally], doors_of: DoorsOf, reasons_of: ReasonsOf) -> None:
        """Nothing is to be completed."""


class Recorder(Protocol):
    """Watches a run: it is shown every chunk with what became of it, in the order in which they are read."""

    def record(self, item: Input, chunk: Chunk, outcome: Outcome) -> None:
        """Take note of one chunk of an input."""

    def close(self) -> None:
        """Complete what was noted: the run is over, and no record was lost."""

    def report(self) -> dict[str, Any]:
        """Return what the report says beside the counts of the run, as JSON values by key."""


def _silent(_bytes: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run is driven; nothing here changes an outcome.

    `chunk_records` and `block_size` say how much is read at once, `memory` (bytes) how much a barrier may
    keep before it spills to `workdir`.  `progress` is told the bytes read since it was last called.
    """

    now: datetime
    chunk_records: int = CHUNK_RECORDS
    block_size: int = 2 << 20
    memory: int = 256 << 20
    workdir: Path | None = None
    profile: bool = True
    gate: bool = True
    progress: Callable[[int], None] = field(default=_silent)


def format_now(now: datetime) -> str:
    """Return `now` as it stands in the outputs."""
    return now.isoformat().replace("+00:00", "Z")
