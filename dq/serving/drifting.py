"""Whether the events of a stream are lately distributed as the state says: drift over a sliding window.

The window is cut into panes.  What the drift expectations of a specification measure is found for each pane, and the
findings of the panes in the window are merged, which is exact; so the window slides by a pane at a time.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.checks.expectations.base import Batch, Judgement
from dq.engines.base import format_now
from dq.engines.stream import utc_now
from dq.states.measures import Measure, Measured

if TYPE_CHECKING:
    from dq.engines.bearing import AnyBearing
    from dq.engines.stream_doors import Settled
    from dq.plan.bound import BoundExpectation
    from dq.plan.plan import CompiledPlan
    from dq.sources.base import Account
    from dq.states.profile import Profile

PANES = 10  # of a window
LEAST = 100  # accepted events below which a window is not judged: few events are never distributed like many
_TOGETHER = 20_000  # rows that are measured at once
_KEPT = 100  # judged windows that a report tells of
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Spec = tuple[str, str]


@dataclass(slots=True)
class Pane:
    """What was counted and measured in a part of the window; `waiting` are rows that are still to be measured."""

    number: int
    measured: Measured
    accepted: int = 0
    entered: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    waiting: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0

    def add(self, settled: Settled) -> None:
        """Take the events of a chunk."""
        outcome = settled.outcome
        self.accepted += len(outcome.accepted_rows)
        self.entered += len(settled.chunk.record) - len(outcome.filtered_rows)
        for name in outcome.text.columns:
            self.missing[name] += outcome.text[name].null_count()
        self.waiting.append(outcome.accepted)
        self.rows += outcome.accepted.height
        if self.rows >= _TOGETHER:
            self.measure()

    def measure(self) -> None:
        """Measure what waits."""
        if self.waiting:
            self.measured.add(pl.concat(self.waiting))
        self.waiting, self.rows = [], 0


class Window:
    """The panes of one specification, and the drift that was found in them."""

    def __init__(self, plan: CompiledPlan, references: Mapping[str, Profile], pane: timedelta) -> None:
        """Prepare to compare with the reference profiles of a state."""
        self.spec: Spec = (plan.event, plan.version)
        whole = plan.whole or plan
        self.drifts = [bound for bound in whole.expectations if bound.expectation.compares() is not None]
        self._references, self._pane = references, pane
        self._measures = _measures(self.drifts, references)
        self._panes: deque[Pane] = deque()

    def add(self, settled: Settled) -> None:
        """Take the events of a chunk into the pane of their moment, which has begun."""
        self._panes[-1].add(settled)

    def has_ended(self, now: datetime) -> bool:
        """Whether the last pane is over at a moment."""
        return bool(self._panes) and self._number(now) > self._panes[-1].number

    def turn(self, now: datetime) -> None:
        """Begin the pane of a moment, and forget those that the window has left behind."""
        number = self._number(now)
        if not self._panes or number > self._panes[-1].number:
            self._panes.append(Pane(number, Measured(self._measures)))
        while self._panes[0].number <= number - PANES:
            self._panes.popleft()

    def _number(self, now: datetime) -> int:
        """Return the number of the pane of a moment, counted from 1970."""
        return (now - _EPOCH) // self._pane

    def batch(self, now: datetime) -> Batch:
        """Return what was counted and measured in the window."""
        measured, missing = Measured(self._measures), Counter[str]()
        for pane in self._panes:
            pane.measure()
            measured = measured.merge(pane.measured)
            missing.update(pane.missing)
        accepted = sum(pane.accepted for pane in self._panes)
        entered = sum(pane.entered for pane in self._panes)
        return Batch(accepted, entered, missing, measured, now, self._references)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a window was found to be: `passed` is None where there was nothing to compare."""

    spec: Spec
    check: str
    until: datetime
    accepted: int
    judgement: Judgement

    def report(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        judged = self.judgement
        return {
            "id": self.check,
            "until": format_now(self.until),
            "accepted": self.accepted,
            "passed": judged.passed,
            "observed": judged.observed,
            "expected": judged.expected,
        }


class DriftWatch:
    """Compares the last events of a stream with the state, and says when they drift: a `Watcher`."""

    def __init__(self, window: timedelta, say: Callable[[str], None], clock: Callable[[], datetime] = utc_now) -> None:
        """Watch a window of some length; `say` is told, in words, when a drift begins and ends."""
        self.window = window
        self.drifting: dict[tuple[Spec, str], bool] = {}
        self.alerts: Counter[tuple[Spec, str]] = Counter()
        self.findings: deque[Finding] = deque(maxlen=_KEPT)
        self._say, self._clock = say, clock
        self._windows: dict[Spec, Window] = {}

    def begin(self, bearing: AnyBearing, name: str, account: Account) -> None:
        """Begin with empty windows: a specification that was read again may mean something else."""
        del name, account
        windows = [Window(part.judge.plan, part.references, self.window / PANES) for part in bearing.parts]
        self._windows = {window.spec: window for window in windows if window.drifts}
        for window in self._windows.values():
            window.turn(self._clock())
            for bound in window.drifts:
                self.drifting.setdefault((window.spec, bound.id), False)

    def settled(self, settled: Settled) -> None:
        """Take the events of a chunk."""
        window = self._windows.get((settled.plan.event, settled.plan.version))
        if window is not None:
            self._turn(window, settled.now)
            window.add(settled)

    def unmatched(self, codes: Counter[str]) -> None:
        """Do nothing: what goes to no specification is distributed like nothing."""

    def idle(self) -> None:
        """Judge the windows of which a pane has ended."""
        for window in self._windows.values():
            self._turn(window, self._clock())

    def _turn(self, window: Window, now: datetime) -> None:
        if window.has_ended(now):
            batch = window.batch(now)
            for bound in window.drifts:
                self._judge(window.spec, bound, batch)
        window.turn(now)

    def _judge(self, spec: Spec, bound: BoundExpectation, batch: Batch) -> None:
        """Judge one window, and say where it differs from the one before."""
        if batch.accepted < LEAST:
            return
        judgement = bound.expectation.judge(batch)
        self.findings.append(Finding(spec, bound.id, batch.now, batch.accepted, judgement))
        drifts = judgement.passed is False
        if drifts == self.drifting[spec, bound.id]:
            return
        self.drifting[spec, bound.id] = drifts
        self.alerts[spec, bound.id] += drifts
        name = f"{' '.join(spec)}: {bound.id}"
        if drifts:
            found = f"expected {judgement.expected}, found {judgement.observed}"
            self._say(f"drift in {name}: {found}, in the last {batch.accepted:,} accepted events")
        else:
            self._say(f"no drift any more in {name}")

    def report(self, spec: Spec) -> list[dict[str, Any]]:
        """Return what was found lately in the windows of a specification, as JSON values."""
        return [finding.report() for finding in self.findings if finding.spec == spec]


def _measures(drifts: list[BoundExpectation], references: Mapping[str, Profile]) -> tuple[Measure[Any], ...]:
    """Return what must be measured of the accepted events."""
    found: list[Measure[Any]] = []
    for bound in drifts:
        found += bound.expectation.measures()
        compared = bound.expectation.compares()
        if compared is not None and compared.field in references:
            found += bound.expectation.measures_against(references[compared.field])
    return tuple(dict.fromkeys(found))
