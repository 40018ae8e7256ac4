"""The doors of a stream: accepted rows as canonical JSON lines, all others in the shape of the quarantine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import orjson

from dq.engines.base import format_now
from dq.engines.doors import output_frame, output_types
from dq.engines.inputs import dialect_of
from dq.engines.records import DUPLICATE, filtered_reason, merge_unreadable, records_at
from dq.sinks.jsonl import line_of, lines_of
from dq.sinks.quarantine import LostTo, SourceLine, record_lines

if TYPE_CHECKING:
    from datetime import datetime

    from dq.engines.progress import Transaction
    from dq.outcome import Outcome
    from dq.plan.bound import BoundSource
    from dq.plan.plan import CompiledPlan
    from dq.sinks.append import Target
    from dq.sinks.quarantine import RecordBatch
    from dq.sources.base import Chunk


@dataclass(frozen=True, slots=True)
class Settled:
    """A chunk, what became of it, and whom its deduplicated rows lost to."""

    chunk: Chunk
    outcome: Outcome
    lost_to: list[LostTo]
    now: datetime


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where accepted, refused and removed events go; refused and removed ones may go to the same place.

    `transaction` holds what those of them write that go to a broker which knows transactions.
    """

    accepted: Target
    refused: Target
    removed: Target
    transaction: Transaction | None = None

    @property
    def each(self) -> dict[str, Target]:
        """The places by the door that names them, each once."""
        doors = {"accepted": self.accepted, "refused": self.refused, "removed": self.removed}
        return {name: target for name, target in doors.items() if name != "removed" or target is not self.refused}


class StreamDoors:
    """Writes what became of events, as one plan and source say it."""

    def __init__(self, plan: CompiledPlan, source: BoundSource, name: str, outlets: Outlets, told: set[str]) -> None:
        """Prepare the forms; `name` is that of the source in records whose chunk names none.

        `told` are the sources of which the outlets tell already; those that are met are added.
        """
        self.plan, self.source, self.name, self.outlets = plan, source, name, outlets
        self._told = told
        self._line = line_of(output_types(plan)).alias("line")
        self._spec = {"event": plan.event, "version": plan.version, "fingerprint": plan.fingerprint}

    def _tell(self, name: str) -> None:
        """Say what the records of a source are, before the first of them."""
        line = SourceLine(name, None, dialect_of(self.source), None).line()
        for door, target in self.outlets.each.items():
            if door != "accepted":
                target.write(line)
        self._told.add(name)

    def write(self, settled: Settled) -> None:
        """Send each event of a chunk through its door."""
        outcome = settled.outcome
        name = settled.chunk.origin or self.name
        if name not in self._told:
            self._tell(name)
        if len(outcome.accepted_rows):
            self.outlets.accepted.write(bytes(lines_of(output_frame(self.plan, outcome.accepted), self._line)))
        if len(outcome.refused.rows) or settled.chunk.unreadable:
            self._write_refused(settled)
        if len(outcome.filtered_rows) or len(outcome.deduplicated_rows):
            self._write_removed(settled)

    def _write_refused(self, settled: Settled) -> None:
        chunk, refused = settled.chunk, settled.outcome.refused
        batch = records_at(self, chunk, refused.rows, refused.reasons)
        if chunk.unreadable:
            batch = merge_unreadable(batch, list(chunk.unreadable), placed=chunk.offset is not None)
        self.outlets.refused.write(record_lines(named(batch, chunk), self._spec, format_now(settled.now)))

    def _write_removed(self, settled: Settled) -> None:
        outcome = settled.outcome
        rows = np.concatenate([outcome.filtered_rows, outcome.deduplicated_rows])
        order = np.argsort(rows, kind="stable")
        reasons = [orjson.dumps([filtered_reason(name)]) for name in outcome.filtered_by]
        reasons += [orjson.dumps([DUPLICATE])] * len(outcome.deduplicated_rows)
        lost_to = [*([None] * len(outcome.filtered_rows)), *settled.lost_to]
        positions = order.tolist()
        batch = records_at(self, settled.chunk, rows[order], [reasons[at] for at in positions])
        fates = [lost_to[at] for at in positions]
        self.outlets.removed.write(
            record_lines(named(batch, settled.chunk), self._spec, format_now(settled.now), fates)
        )


def named(batch: RecordBatch, chunk: Chunk) -> RecordBatch:
    """Return records of a chunk with the names that its broker has for them."""
    if chunk.ids is None:
        return batch
    return replace(batch, ids=[chunk.ids[number] for number in map(int, batch.record)])
