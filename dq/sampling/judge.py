"""What becomes of records that are made up, one by one, by dq's own kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dq.outcome import Door
from dq.plan.bind_sources import implied_source
from dq.plan.decisions import Decisions
from dq.plan.plan import Kernel
from dq.sources.frame import IterableReader
from dq.steps.fitted.base import BatchStep

if TYPE_CHECKING:
    from datetime import datetime

    from dq.outcome import Outcome
    from dq.plan.bound import BoundFit, BoundSource
    from dq.plan.plan import CompiledPlan
    from dq.plan.state import State
    from dq.sources.base import Chunk

EVERY_ROW = 2**31  # of the failing rows of a check


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one record: its door, every check that it fails (warnings included), and its canonical row.

    `filtered_by` is the filter that took it out; `row` is None unless it was accepted.
    """

    door: Door
    fails: frozenset[str]
    filtered_by: str | None = None
    row: tuple[Any, ...] | None = None

    @property
    def faults(self) -> frozenset[str]:
        """All that was said of the record: the checks that it fails, and the filter that took it out."""
        return self.fails if self.filtered_by is None else self.fails | {filtered(self.filtered_by)}

    @property
    def is_clean(self) -> bool:
        """Whether the record was accepted and nothing at all was said of it."""
        return self.door is Door.ACCEPTED and not self.fails


def filtered(filter_id: str) -> str:
    """Return the name of the fault of being taken out by a filter, beside that of failing it by being unknown."""
    return f"filtered:{filter_id}"


class Judge:
    """Judges records by the names of the fields, each alone: keys, deduplication and expectations are not asked.

    Without a state, steps that learn have seen nothing and so change nothing.
    """

    def __init__(
        self, plan: CompiledPlan, now: datetime, state: State | None = None, source: BoundSource | None = None
    ) -> None:
        """Prepare the kernel for this `now`; of a `source` the marks of numbers and the words for no value hold."""
        self.plan = plan.alone()
        self._kernel = Kernel(self.plan, now, shown=EVERY_ROW)
        self._decisions = Decisions(fitted=state.thaw(plan) if state is not None else untaught(plan))
        implied = implied_source(plan.by_name, "(records)", "jsonl", keep_unknown=plan.unknown_fields != "ignore")
        self._source = implied if source is None else replace(source, dialect=implied.dialect)

    def ask(self, records: Sequence[Mapping[str, Any]]) -> list[Answer]:
        """Return what becomes of each record."""
        reader = IterableReader(self._source.dialect, records, chunk_records=max(1, len(records)))
        answers: list[Answer] = []
        for chunk in reader.chunks():
            outcome = self._kernel.apply(chunk, self._source, 0, self._decisions)
            answers += _answers(chunk, outcome)
        return answers


def untaught(plan: CompiledPlan) -> dict[str, Any]:
    """Return what the fitted steps of a plan apply that were shown no record: they change nothing."""
    return {fit.id: _untaught(fit) for level in plan.fits for fit in level}


def _untaught(fit: BoundFit) -> Any:
    """Return what a fitted step applies that was shown no record."""
    if isinstance(fit.step, BatchStep):
        return fit.step.decide(lambda: iter(()))
    return fit.step.thaw(fit.step.freeze(None))


def _answers(chunk: Chunk, outcome: Outcome) -> list[Answer]:
    """Return the answers of one chunk in the order of its records, those that could not be read included."""
    count = len(chunk.record)
    fails: list[set[str]] = [set() for _ in range(count)]
    for check, failing in outcome.failures.items():
        for row, _ in failing:
            fails[row].add(check)
    accepted = dict(zip(outcome.accepted_rows.tolist(), outcome.accepted.iter_rows(), strict=True))
    filtered = dict(zip(outcome.filtered_rows.tolist(), outcome.filtered_by, strict=True))
    placed = {int(number): _answer(row, fails[row], accepted, filtered) for row, number in enumerate(chunk.record)}
    placed |= {each.record: Answer(Door.QUARANTINED, frozenset({each.code})) for each in chunk.unreadable}
    return [placed[number] for number in sorted(placed)]


def _answer(row: int, fails: set[str], accepted: Mapping[int, tuple[Any, ...]], filtered: Mapping[int, str]) -> Answer:
    """Return the answer of one row of a chunk."""
    if row in filtered:
        return Answer(Door.FILTERED, frozenset(fails), filtered_by=filtered[row])
    door = Door.ACCEPTED if row in accepted else Door.QUARANTINED
    return Answer(door, frozenset(fails), row=accepted.get(row))
