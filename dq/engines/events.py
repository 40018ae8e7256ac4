"""Events, each judged by itself: the plan and what was learnt are prepared once, and asked about chunks of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from dq.engines.doors import output_frame
from dq.engines.inputs import memory_source
from dq.engines.records import filtered_reason, unreadable_reason
from dq.outcome import Door, EventVerdict
from dq.plan.decisions import Decisions
from dq.plan.plan import Kernel
from dq.plan.tally import EPOCH
from dq.sources.frame import IterableReader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dq.outcome import Outcome
    from dq.plan.bound import BoundSource
    from dq.plan.plan import CompiledPlan
    from dq.sources.base import Chunk


class EventJudge:
    """What a plan and a state make of records, each alone: nothing that concerns a set of them is asked."""

    def __init__(self, plan: CompiledPlan, fitted: Mapping[str, Any]) -> None:
        """Prepare for any moment; `fitted` is what a state applies (`State.thaw`)."""
        self.plan = plan.alone()
        self.memory = memory_source(plan, "jsonl")
        self._decisions = Decisions(fitted={**plan.stated, **fitted})
        self._kernel = Kernel(self.plan, EPOCH)

    def judge(self, chunk: Chunk, source: BoundSource, now: datetime) -> Outcome:
        """Return the outcome of the readable records of a chunk as of this moment."""
        return self._kernel.at(now).apply(chunk, source, 0, self._decisions)

    def verdicts_of(self, items: Sequence[Any], now: datetime) -> list[EventVerdict]:
        """Return what becomes of each of these records: dictionaries, or JSON texts."""
        reader = IterableReader(self.memory.dialect, items, chunk_records=max(1, len(items)))
        chunks = ((chunk, self.judge(chunk, self.memory, now)) for chunk in reader.chunks())
        return [verdict for chunk, outcome in chunks for verdict in self.verdicts(chunk, outcome)]

    def verdicts(self, chunk: Chunk, outcome: Outcome) -> list[EventVerdict]:
        """Return what became of each record of a chunk, readable or not, in their order."""
        numbers = chunk.record
        found: dict[int, EventVerdict] = {}
        accepted = output_frame(self.plan, outcome.accepted).iter_rows(named=True)
        for number, record in zip(numbers[outcome.accepted_rows].tolist(), accepted, strict=True):
            found[number] = EventVerdict(str(Door.ACCEPTED), record, [])
        for number, reasons in zip(numbers[outcome.refused.rows].tolist(), outcome.refused.reasons, strict=True):
            found[number] = EventVerdict(str(Door.QUARANTINED), None, orjson.loads(reasons))
        for number, name in zip(numbers[outcome.filtered_rows].tolist(), outcome.filtered_by, strict=True):
            found[number] = EventVerdict(str(Door.FILTERED), None, [filtered_reason(name)])
        for item in chunk.unreadable:
            found[item.record] = EventVerdict(str(Door.QUARANTINED), None, [unreadable_reason(item)])
        return [found[number] for number in sorted(found)]
