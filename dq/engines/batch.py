"""The batch engine: a bounded stream of large chunks through the kernel, and through the pandera gate.

Without a barrier there is one pass.  With one, a narrow scan decides first, then the full pass applies; the
sums of both scans must agree, or a file changed in between and nothing may be published.

Sources are read, and outputs are written, by the caller's thread.  Beside it a chunk is judged while the next one is
read, and profiled while it is written; everything is settled in the order of the chunks.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from itertools import repeat
from math import isnan
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from dq.engines.accounts import Accounts
from dq.engines.duplicates import Comparison
from dq.engines.earlier import NO_EARLIER, EarlierOutputs
from dq.engines.freeze import freeze
from dq.engines.inputs import describe, source_line
from dq.engines.lane import Lane
from dq.engines.narrow import Learnt, NarrowScan, needs_scan
from dq.engines.records import filtered_reason, merge_unreadable, records_at
from dq.errors import SourceError
from dq.outcome import Door, Outcome
from dq.plan.decisions import Decisions
from dq.plan.lower.pandera import PanderaGate
from dq.plan.plan import Kernel
from dq.plan.tally import SourceTally, Tally
from dq.sinks.quarantine import LostTo, later
from dq.sources.framing import CHANGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from dq.engines.base import Doors, Recorder, Settings
    from dq.engines.inputs import Input
    from dq.engines.training import TrainedOn
    from dq.plan.plan import CompiledPlan
    from dq.plan.state import State
    from dq.sources.base import Chunk
    from dq.states.measures import Measured
    from dq.states.profile import Profile

    Judges = tuple[Kernel, PanderaGate | None]

MOMENTS = 64
"""How many moments are kept prepared: records of a stream bring many of them."""

_DOORS = {0: Door.ACCEPTED, 1: Door.QUARANTINED, 2: Door.DEDUPLICATED}


class Beside(NamedTuple):
    """Where a chunk goes beside the doors: `judge` and `profile` are threads, `comparison` collects its duplicates."""

    comparison: Comparison
    judge: Lane
    profile: Lane


class Judging(NamedTuple):
    """A chunk that is being judged, the ordinal of its first row, and what will become of it."""

    chunk: Chunk
    first: int
    outcome: Future[Outcome]


class BatchRun:
    """One run of a plan over some inputs; used once."""

    def __init__(
        self,
        plan: CompiledPlan,
        inputs: list[Input],
        settings: Settings,
        doors: Doors,
        fitted: Mapping[str, Any] | None = None,
        earlier: EarlierOutputs = NO_EARLIER,
        recorders: Sequence[Recorder] = (),
        trained: TrainedOn | None = None,
        references: Mapping[str, Profile] | None = None,
        waived: frozenset[str] = frozenset(),
    ) -> None:
        """Prepare; nothing is read yet.

        `fitted` is what a given state applies (`State.thaw`), and `references` what it compares with
        (`State.profiles`).  Without them fitted steps learn from this batch, and `state` holds what was learnt when
        the run is over.  With `earlier` outputs, records are duplicates of their rows, too.  `recorders` are shown what
        becomes of every chunk.  With what a model was `trained` on, accepted rows are compared with it.  Refused
        rows that only `waived` checks refuse are counted apart, too.
        """
        self.plan = plan
        self.inputs = inputs
        self.settings = settings
        self.doors = doors
        self.tally = Tally.of(plan, settings.now, references)
        self.accounts = Accounts(plan, self.tally, waived)
        self.state: State | None = None
        self.fitted = fitted
        self.earlier = earlier
        self.recorders = recorders
        self.trained = trained
        self.learnt = Learnt()
        self._judges: dict[datetime, Judges] = {}
        self._winner_doors = np.zeros(0, dtype=np.int8)
        self._names = [*(item.name for item in inputs), *(output.name for output in earlier.outputs)]
        self.tally.earlier = [(output.name, output.sha256, output.rows) for output in earlier.outputs]
        self._steps: dict[str, dict[str, Any]] = {}
        self._records = 0

    def run(self) -> Tally:
        """Read everything, send every record through its door, and return the counts.

        SourceError where an input cannot be read or changed between two scans; InternalError where splitter
        and gate, or the counts, disagree.  Then nothing of the run may be published.
        """
        with Lane("judge") as judge:
            # pandera is imported beside the first scan; what fails here fails again, and is told, at the first chunk.
            judge.submit(self._judges_at, self.settings.now)
            self._learn()
            self._winner_doors = np.zeros(len(self.learnt.winners), dtype=np.int8)
            if self.settings.profile:
                self.accounts.begin_profiles()
            with Comparison(self.plan, self.settings) as comparison, Lane("profile") as profile:
                first = 0
                for number, item in enumerate(self.inputs):
                    first = self._read(number, item, first, Beside(comparison, judge, profile))
                    if self.tally.aborted is not None:
                        return self.tally  # How far it came depends on the chunks; no door is completed.
                self._complete(comparison)
        return self.tally

    def _learn(self) -> None:
        """Scan everything for what must be known of all records before any of them leaves, where there is such."""
        self.learnt = Learnt(Decisions(fitted={**self.plan.stated, **(self.fitted or {})}))
        if not needs_scan(self.plan, given=self.fitted is not None):
            return
        with self._clock("narrow scan"):
            scan = NarrowScan(self.plan, self.settings, self.fitted, self.earlier)
            self.learnt = scan.learn(self.inputs)
        self._steps, self._records = scan.frozen, scan.records
        self.state = self._freeze(self.learnt.sums)
        self.doors.begin([source_line(*read) for read in zip(self.inputs, self.learnt.accounts, strict=True)])

    def _complete(self, comparison: Comparison) -> None:
        """See that everything adds up, tell what only the whole tells, and finish the outputs."""
        self.tally.check_conservation()
        self.earlier.verify()
        if self.trained is not None:
            self.tally.trained_on = self.trained.found()
        self.state = self._freeze([source.account.sha256 for source in self.tally.sources], self.tally.measured)
        self._count_lost_keys()
        with self._clock("compare"):
            self.tally.duplicates = comparison.compare(self.learnt.decisions, self.learnt.near, self._names)
            self.tally.matching = self.learnt.near.counts if self.learnt.near is not None else None
        with self._clock("write"):
            self.doors.finish(self.tally.sources, self._doors_of, comparison.reasons_of)
            for recorder in self.recorders:
                recorder.close()

    def _freeze(self, sums: Sequence[str], measured: Measured | None = None) -> State | None:
        """Return what this batch has taught so far; None where a state was given, or there is nothing to learn."""
        if self.fitted is not None:
            return None
        sources = [(item.name, sum_of) for item, sum_of in zip(self.inputs, sums, strict=True)]
        records = self._records if self._steps else self.tally.entered - self.tally.doors[Door.DEDUPLICATED]
        return freeze(self.plan, sources, records, self._steps, measured)

    def _read(self, number: int, item: Input, first: int, beside: Beside) -> int:
        """Read one input; return the ordinal after its last readable record.

        A chunk is settled when the next one is read and given to be judged, so that nobody waits for long.
        """
        reader = item.open(self.settings, None, self.learnt.recalls[number] if self.learnt.recalls else None)
        source = SourceTally(item.name, reader.account, describe(item), item.source.dialect.explicit)
        self.tally.sources.append(source)
        chunks = iter(reader.chunks())
        before: Judging | None = None
        while self.tally.aborted is None:
            with self._clock("read"):
                chunk = next(chunks, None)
            given = None
            if chunk is not None:
                given = Judging(chunk, first, beside.judge.submit(self._judge, item, chunk, first))
                first += len(chunk.record)
            if before is not None:
                self._settle(number, source, before, beside)
            elif given is None:
                break
            before = given
        if self.learnt.sums and self.tally.aborted is None and self.learnt.sums[number] != reader.account.sha256:
            raise SourceError(f"{item.name}: {CHANGED}")
        return first

    def _judge(self, item: Input, chunk: Chunk, first: int) -> Outcome:
        """Return what becomes of a chunk, after pandera has seen the rows that are accepted."""
        with self._clock("kernel"):
            kernel, gate = self._judges_at(chunk.now or self.settings.now)
            outcome = kernel.apply(chunk, item.source, first, self.learnt.decisions)
        with self._clock("gate"):
            if gate is not None:
                gate.check(outcome.accepted)
        return outcome

    def _settle(self, number: int, source: SourceTally, judging: Judging, beside: Beside) -> None:
        """Send the rows of a chunk of this input through their doors, and count them, once it is judged."""
        chunk, first, outcome = judging.chunk, judging.first, judging.outcome.result()
        if self.settings.profile:
            beside.profile.add(self._profile, outcome)
        self._write(self.inputs[number], chunk, outcome, first)
        with self._clock("count"):
            self._note_doors(outcome, first)
            self.accounts.count(source, chunk, outcome)
        with self._clock("measure"):
            self.tally.measured.add(outcome.accepted)
            if self.trained is not None:
                self.trained.add(outcome.accepted)
        beside.comparison.add(outcome.contents, first, number, chunk.record)
        self.settings.progress(_length(chunk))
        self.tally.aborted = outcome.aborted

    def _profile(self, outcome: Outcome) -> None:
        with self._clock("profile"):
            self.accounts.profile(outcome)

    def _judges_at(self, now: datetime) -> Judges:
        """Return the kernel and the gate of one moment; records that are replayed bring their own."""
        if now not in self._judges:
            if len(self._judges) == MOMENTS:
                del self._judges[next(iter(self._judges))]
            gate = PanderaGate(self.plan, now) if self.settings.gate else None
            self._judges[now] = Kernel(self.plan, now), gate
        return self._judges[now]

    def _write(self, item: Input, chunk: Chunk, outcome: Outcome, first: int) -> None:
        """Send the rows of one chunk through their doors, and show the recorders what became of it."""
        with self._clock("write"):
            self.doors.accepted(outcome.accepted)
            self._write_refused(item, chunk, outcome)
            self._write_removed(item, chunk, outcome, first)
            for recorder in self.recorders:
                recorder.record(item, chunk, outcome)

    def _write_refused(self, item: Input, chunk: Chunk, outcome: Outcome) -> None:
        """Write unreadable and refused records, merged in order of record."""
        rows = outcome.refused.rows
        if not len(rows) and not chunk.unreadable:
            return
        batch = records_at(item, chunk, rows, outcome.refused.reasons)
        if chunk.unreadable:
            batch = merge_unreadable(batch, list(chunk.unreadable), placed=chunk.offset is not None)
        self.doors.quarantined(batch)

    def _write_removed(self, item: Input, chunk: Chunk, outcome: Outcome, first: int) -> None:
        """Write filtered and deduplicated records, merged in order of record: chunks must not show."""
        rows = np.concatenate([outcome.filtered_rows, outcome.deduplicated_rows])
        if not len(rows):
            return
        texts = {name: orjson.dumps([filtered_reason(name)]) for name in dict.fromkeys(outcome.filtered_by)}
        reasons = [texts[name] for name in outcome.filtered_by]
        low = int(np.searchsorted(self.learnt.decisions.losers, first + outcome.deduplicated_rows[:1]).sum())
        reasons += later(low, len(outcome.deduplicated_rows))
        lost_to: list[LostTo | None] = [None] * len(outcome.filtered_rows)
        lost_to.extend(self._winners(outcome, first))
        order = np.argsort(rows, kind="stable")
        batch = records_at(item, chunk, rows[order], [reasons[i] for i in order.tolist()])
        self.doors.removed(batch, [lost_to[i] for i in order.tolist()])

    def _winners(self, outcome: Outcome, first: int) -> list[LostTo]:
        """Return the record that each deduplicated row of a chunk lost to."""
        if not len(outcome.deduplicated_rows):
            return []
        near = self.learnt.near
        slots = np.searchsorted(self.learnt.winners, outcome.lost_to)
        names = [self._names[number] for number in self.learnt.winner_inputs[slots].tolist()]
        scores: Iterable[float | None] = repeat(None, len(slots))
        if near is not None:
            known = near.at(outcome.deduplicated_rows + first).tolist()
            scores = [None if isnan(score) else score for score in known]
        records = self.learnt.winner_records[slots].tolist()
        return list(map(LostTo, names, records, slots.tolist(), repeat(None), scores))

    def _note_doors(self, outcome: Outcome, first: int) -> None:
        """Remember through which door the records went that others lost to."""
        if not len(self.learnt.winners):
            return
        for door, rows in ((1, outcome.refused.rows), (2, outcome.deduplicated_rows)):
            slots = np.searchsorted(self.learnt.winners, rows + first)
            slots = np.minimum(slots, len(self.learnt.winners) - 1)
            self._winner_doors[slots[self.learnt.winners[slots] == rows + first]] = door

    def _doors_of(self, slots: list[int]) -> list[str]:
        return [_DOORS[door] for door in self._winner_doors[slots].tolist()]

    def _count_lost_keys(self) -> None:
        self.tally.keys_lost = int((self._winner_doors == 1).sum())

    @contextmanager
    def _clock(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.tally.seconds[stage] = self.tally.seconds.get(stage, 0.0) + time.perf_counter() - start


def _length(chunk: Chunk) -> int:
    return int(chunk.length.sum()) if chunk.length is not None else 0
