"""The doors of a stream: accepted rows as canonical JSON lines, all others in the shape of the quarantine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import orjson

from dq.engines.base import format_now
from dq.engines.doors import output_frame, output_types
from dq.engines.inputs import dialect_of
from dq.engines.records import DUPLICATE, filtered_reason, merge_unreadable, records_at
from dq.engines.routing import UNMATCHED_SPEC
from dq.sinks.jsonl import LineForm
from dq.sinks.quarantine import LostTo, SourceLine, record_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dq.engines.bearing import AnyBearing
    from dq.engines.progress import Transaction
    from dq.outcome import Outcome
    from dq.plan.plan import CompiledPlan
    from dq.sinks.append import Target
    from dq.sinks.quarantine import RecordBatch
    from dq.sources.base import Chunk


@dataclass(frozen=True, slots=True)
class Settled:
    """A chunk, the plan that judged it, what became of it, and whom its deduplicated rows lost to."""

    plan: CompiledPlan
    chunk: Chunk
    outcome: Outcome
    lost_to: list[LostTo]
    now: datetime


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where accepted, refused and removed events go; refused and removed ones may go to the same place.

    `transaction` holds what those of them write that go to a broker which knows transactions.  `apart` are the places
    of accepted events by event and version, where each specification has its own.
    """

    accepted: Target
    refused: Target
    removed: Target
    transaction: Transaction | None = None
    apart: Mapping[tuple[str, str], Target] = field(default_factory=dict)

    def accepted_of(self, event: str, version: str) -> Target:
        """Return where accepted events of a specification go."""
        return self.apart.get((event, version), self.accepted)

    @property
    def each(self) -> dict[str, Target]:
        """The places by the door that names them, each once."""
        doors = {"accepted": self.accepted, "refused": self.refused, "removed": self.removed}
        named = {name: target for name, target in doors.items() if name != "removed" or target is not self.refused}
        if self.apart:
            del named["accepted"]
        return named | {f"accepted {' '.join(key)}": target for key, target in self.apart.items()}


class StreamDoors:
    """Writes what became of events, as one plan and source say it."""

    def __init__(self, bearing: AnyBearing, name: str, outlets: Outlets, told: set[str]) -> None:
        """Prepare the forms; `name` is that of the source in records whose chunk names none.

        `told` are the sources of which the outlets tell already; those that are met are added.
        """
        self.source, self.name, self.outlets = bearing.source, name, outlets
        self._told = told
        plans = [part.judge.plan for part in bearing.parts]
        self._forms = {_key(plan): LineForm(output_types(plan)) for plan in plans}

    def tell(self, chunk: Chunk) -> None:
        """Say what the records of the source of a chunk are, before the first of them."""
        name = chunk.origin or self.name
        if name not in self._told:
            self._tell(name)

    def _tell(self, name: str) -> None:
        """Say what the records of a source are, before the first of them."""
        line = SourceLine(name, None, dialect_of(self.source), None).line()
        for door, target in self.outlets.each.items():
            if door in {"refused", "removed"}:
                target.write(line)
        self._told.add(name)

    def write(self, settled: Settled) -> None:
        """Send each event of a chunk through its door."""
        outcome, plan = settled.outcome, settled.plan
        if len(outcome.accepted_rows):
            rows = output_frame(plan, outcome.accepted)
            self.outlets.accepted_of(*_key(plan)).write(bytes(self._forms[_key(plan)].lines(rows)))
        if len(outcome.refused.rows) or settled.chunk.unreadable:
            self._write_refused(settled)
        if len(outcome.filtered_rows) or len(outcome.deduplicated_rows):
            self._write_removed(settled)

    def write_unmatched(self, batch: RecordBatch, chunk: Chunk, now: datetime) -> None:
        """Send events that no specification takes to the refused ones."""
        self.outlets.refused.write(record_lines(named(batch, chunk), UNMATCHED_SPEC, format_now(now)))

    def _write_refused(self, settled: Settled) -> None:
        chunk, refused = settled.chunk, settled.outcome.refused
        batch = records_at(self, chunk, refused.rows, refused.reasons)
        if chunk.unreadable:
            batch = merge_unreadable(batch, list(chunk.unreadable), placed=chunk.offset is not None)
        lines = record_lines(named(batch, chunk), _spec(settled.plan), format_now(settled.now))
        self.outlets.refused.write(lines)

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
        lines = record_lines(named(batch, settled.chunk), _spec(settled.plan), format_now(settled.now), fates)
        self.outlets.removed.write(lines)


def named(batch: RecordBatch, chunk: Chunk) -> RecordBatch:
    """Return records of a chunk with the names that its broker has for them."""
    if chunk.ids is None:
        return batch
    return replace(batch, ids=[chunk.ids[number] for number in map(int, batch.record)])


def _key(plan: CompiledPlan) -> tuple[str, str]:
    return plan.event, plan.version


def _spec(plan: CompiledPlan) -> dict[str, str]:
    """Return what records say of the plan that judged them."""
    return {"event": plan.event, "version": plan.version, "fingerprint": plan.fingerprint}
