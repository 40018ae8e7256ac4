"""Events, each judged by itself: the plan and what was learnt are prepared once, and asked about chunks of any size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import polars as pl

from dq.engines.doors import output_frame, output_types
from dq.engines.inputs import memory_source
from dq.engines.records import DUPLICATE, filtered_reason, unreadable_reason
from dq.engines.seen import Memory, SeenKeys
from dq.engines.stream_doors import Settled
from dq.errors import UsageError
from dq.outcome import Door, EventVerdict
from dq.plan.decisions import Decisions
from dq.plan.plan import Kernel
from dq.plan.tally import EPOCH
from dq.sinks.jsonl import LineForm
from dq.sources.encodings import WIDE, check_encoding
from dq.sources.frame import IterableReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from dq.plan.bound import BoundSource
    from dq.plan.plan import CompiledPlan
    from dq.plan.stream_rule import StreamRule
    from dq.sources.base import Chunk


class EventJudge:
    """What a plan and a state make of records, each alone: nothing that concerns a set of them is asked."""

    def __init__(
        self,
        plan: CompiledPlan,
        fitted: Mapping[str, Any],
        memory: Memory | None = None,
        *,
        shared: bool = False,
        reported: bool = False,
    ) -> None:
        """Prepare for any moment; `fitted` is what a state applies (`State.thaw`).

        With a `memory` of keys, duplicates are found as `dedupe.stream` says, where the plan says it.  A `shared` one
        is that of several plans.  Where nothing is `reported`, outcomes have nothing that only a report asks for.
        """
        self._seen: SeenKeys | None = None
        if memory is not None and plan.dedupe is not None and plan.dedupe.stream is not None:
            shelf = f"{plan.event} {plan.version} ".encode() if shared else b""
            self._seen = SeenKeys(plan, plan.dedupe.key, plan.dedupe.stream, memory, shelf)
        self.plan, self.reported = plan.alone(), reported
        self.memory = memory_source(plan, "jsonl")
        self.keys = plan.dedupe.key if self._seen is not None and plan.dedupe is not None else ()
        self._decisions = Decisions(fitted={**plan.stated, **fitted})
        self._kernel = Kernel(self.plan, EPOCH, noted=reported)
        self._form = LineForm(output_types(self.plan))

    def stream_source(self, name: str | None = None) -> BoundSource:
        """Return the source by which lines of JSON are read: the one of this name, the only one, or the implied one.

        UsageError where it is of another format, or of an encoding whose lines are not found by their bytes.
        """
        source = self.memory if name is None else next((s for s in self.plan.sources if s.name == name), None)
        if source is None:
            known = ", ".join(one.name for one in self.plan.sources) or "none"
            raise UsageError(f"the spec has no source called {name!r}; it has {known}")
        if source.dialect.format != "jsonl" or check_encoding(source.dialect.encoding) in WIDE:
            raise UsageError(f"a stream reads lines of JSON in an encoding like UTF-8, not the source {source.name}")
        return source

    def settle(self, chunk: Chunk, source: BoundSource, name: str, now: datetime) -> Settled:
        """Return what becomes of a chunk of the input of this name, duplicates taken out."""
        kernel = self._kernel.at(now)
        rows = kernel.enter(chunk, source)
        keyed = self._seen.of(rows) if self._seen is not None else None
        outcome = kernel.leave(rows, 0, self._decisions)
        if self._seen is None or keyed is None:
            return Settled(self.plan, chunk, outcome, [], now)
        return Settled(self.plan, chunk, *self._seen.settle(keyed, outcome, chunk, name, now), now)

    @property
    def rule(self) -> StreamRule | None:
        """How duplicates are found; None where they are not looked for."""
        return None if self._seen is None else self._seen.rule

    def forget(self, now: datetime, rule: StreamRule | None = None) -> None:
        """Forget the keys that no event can repeat any more, by the plan's own rule or by one of a wider window."""
        if self._seen is not None:
            self._seen.forget(now, rule or self._seen.rule)

    def verdicts_of(self, items: Sequence[Any], now: datetime, first: int = 1) -> list[EventVerdict]:
        """Return what becomes of each of these records: dictionaries, or JSON texts; `first` is the first's number."""
        return [verdict for one in self._settled(items, now, first) for verdict in self.verdicts(one)]

    def texts_of(self, items: Sequence[Any], now: datetime) -> list[VerdictText]:
        """Return what becomes of each of these records, as JSON text in canonical form."""
        return [text for one in self._settled(items, now) for text in self._texts(one)]

    def _settled(self, items: Sequence[Any], now: datetime, first: int = 1) -> Iterator[Settled]:
        """Yield what becomes of these records, in chunks."""
        reader = IterableReader(self.memory.dialect, items, chunk_records=max(1, len(items)))
        return (self.settle(_from(chunk, first), self.memory, "records", now) for chunk in reader.chunks())

    def _lines(self, rows: pl.DataFrame) -> list[bytes]:
        """Return the canonical JSON text of accepted rows."""
        return bytes(self._form.lines(rows)).split(b"\n")[:-1]

    def verdicts(self, settled: Settled) -> list[EventVerdict]:
        """Return what became of each record of a chunk, readable or not, in their order."""
        accepted = output_frame(self.plan, settled.outcome.accepted).iter_rows(named=True)
        return [
            EventVerdict(str(door), record, orjson.loads(reasons))
            for door, record, reasons in _by_record(settled, accepted)
        ]

    def _texts(self, settled: Settled) -> list[VerdictText]:
        """Return what became of each record of a chunk, readable or not, in their order."""
        rows = output_frame(self.plan, settled.outcome.accepted)
        lines = self._lines(rows) if len(settled.outcome.accepted_rows) else []
        return [VerdictText(*told) for told in _by_record(settled, lines)]


@dataclass(frozen=True, slots=True)
class VerdictText:
    """What became of one event: its door and, as JSON text, the canonical record if it was accepted and the reasons."""

    door: Door
    record: bytes | None
    reasons: bytes


T = TypeVar("T")


def _by_record(settled: Settled, accepted: Iterable[T]) -> list[tuple[Door, T | None, bytes]]:
    """Return the door, what there is of it if it was accepted, and the reasons of each record, in their order."""
    chunk, outcome, numbers = settled.chunk, settled.outcome, settled.chunk.record
    found: dict[int, tuple[Door, T | None, bytes]] = {}
    for number, record in zip(numbers[outcome.accepted_rows].tolist(), accepted, strict=True):
        found[number] = Door.ACCEPTED, record, b"[]"
    for number, reasons in zip(numbers[outcome.refused.rows].tolist(), outcome.refused.reasons, strict=True):
        found[number] = Door.QUARANTINED, None, reasons
    for number, name in zip(numbers[outcome.filtered_rows].tolist(), outcome.filtered_by, strict=True):
        found[number] = Door.FILTERED, None, orjson.dumps([filtered_reason(name)])
    for number in numbers[outcome.deduplicated_rows].tolist():
        found[number] = Door.DEDUPLICATED, None, orjson.dumps([DUPLICATE])
    for item in chunk.unreadable:
        found[item.record] = Door.QUARANTINED, None, orjson.dumps([unreadable_reason(item)])
    return [found[number] for number in sorted(found)]


def _from(chunk: Chunk, first: int) -> Chunk:
    """Return a chunk whose records are numbered from another number than 1."""
    unreadable = [replace(item, record=item.record + first - 1) for item in chunk.unreadable]
    return replace(chunk, record=chunk.record + (first - 1), unreadable=unreadable)
