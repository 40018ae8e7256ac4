"""The report of a stream: what it has done so far, in the form of a batch's, written now and then and at its end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.engines.accounts import Accounts
from dq.engines.inputs import dialect_of
from dq.engines.stream import utc_now
from dq.errors import InternalError, UsageError
from dq.plan.tally import SourceTally, Tally
from dq.report.build import build
from dq.report.model import Report
from dq.report.overall import overall
from dq.serving.watching import Attempts, silent
from dq.sinks.single import write_file

if TYPE_CHECKING:
    from dq.engines.bearing import AnyBearing, Bearing
    from dq.engines.stream_doors import Settled
    from dq.outcome import Outcome
    from dq.serving.drifting import DriftWatch
    from dq.sources.base import Account

_FORMS = {".json": "json", ".html": "html", ".md": "markdown"}
_TOGETHER = 200  # chunks that are profiled at once: a profile costs about as much for one row as for thousands
_MOST_ROWS = 20_000  # that wait for it


class PlanCount:
    """What became of the events of one specification."""

    def __init__(self, part: Bearing, name: str, account: Account) -> None:
        """Count from zero; `account` is what is read for the specification from the source of this name.

        InternalError where its judge leaves out what a report asks for.
        """
        if not part.judge.reported:
            raise InternalError("a stream that writes a report needs judges that say what it asks for")
        self.plan = part.judge.plan
        self._accounts = Accounts(self.plan, Tally.of(self.plan, utc_now()))
        self._source = SourceTally(name, account, dialect_of(part.source))
        self._accounts.tally.sources.append(self._source)
        self._accounts.begin_profiles()
        self._waiting: list[Outcome] = []

    def settled(self, settled: Settled) -> None:
        """Count a chunk; its profile is taken together with those of others."""
        self._accounts.count(self._source, settled.chunk, settled.outcome)
        self._accounts.tally.measured.add(settled.outcome.accepted)
        self._waiting.append(settled.outcome)
        rows = sum(outcome.text.height for outcome in self._waiting)
        if len(self._waiting) >= _TOGETHER or rows >= _MOST_ROWS:
            self._profile()

    def report(self, state: dict[str, Any] | None) -> Report:
        """Return the report of everything so far; `state` is what it says of the state."""
        self._profile()
        return Report(build(self.plan, self._accounts.tally, utc_now(), state=state))

    def _profile(self) -> None:
        """Take the profiles of what waits, in one."""
        if self._waiting:
            accepted = pl.concat([outcome.accepted for outcome in self._waiting])
            text = pl.concat([outcome.text for outcome in self._waiting])
            self._accounts.profile(replace(self._waiting[0], accepted=accepted, text=text))
            self._waiting.clear()


class LiveReport:
    """Counts what becomes of the events of a stream, and writes the report of it: a `Watcher`."""

    def __init__(
        self,
        path: Path,
        every: float,
        state: dict[str, Any] | None = None,
        drift: DriftWatch | None = None,
        say: Callable[[str], None] = silent,
    ) -> None:
        """Write to a file every so many seconds.  UsageError for a form that there is not.

        `state` is what the report says of the state, and `drift` knows what was found over a sliding window; `say` is
        told, in words, where the file cannot be written.
        """
        if path.suffix not in _FORMS:
            raise UsageError(f"{path}: a report is written as {', '.join(_FORMS)}")
        self._path, self._every, self._state, self._drift = path, every, state, drift
        self._written = time.monotonic()
        self._attempts = Attempts(say)
        self._changed = False
        self._counts: dict[tuple[str, str], PlanCount] = {}

    def begin(self, bearing: AnyBearing, name: str, account: Account) -> None:
        """Count from zero, by these specifications: one that was read again may ask other questions.  UsageError."""
        if len(bearing.parts) > 1 and self._path.suffix != ".json":
            raise UsageError(f"{self._path}: the report of several specs is written as .json")
        counts = [
            PlanCount(part, name, part_account)
            for part, part_account in zip(bearing.parts, bearing.accounts(account), strict=True)
        ]
        self._counts = {(count.plan.event, count.plan.version): count for count in counts}
        self._unmatched: Counter[str] = Counter()
        self._source = name, account

    def settled(self, settled: Settled) -> None:
        """Count a chunk."""
        self._counts[settled.plan.event, settled.plan.version].settled(settled)
        self._changed = True

    def unmatched(self, codes: Counter[str]) -> None:
        """Count events that no specification takes."""
        self._unmatched.update(codes)
        self._changed = True

    def idle(self) -> None:
        """Write the report, if its time has come and something has happened."""
        if self._changed and time.monotonic() - self._written >= self._every:
            self._written = time.monotonic()
            self._attempts.make(self.write)

    def report(self) -> Report:
        """Return the report of everything so far: that of the specification, or the one over several."""
        if not self._counts:
            raise UsageError("the stream has not begun")
        reports = [self._told(spec, count) for spec, count in self._counts.items()]
        if len(reports) == 1:
            return reports[0]
        read = sum(int(report.records["read"]) for report in reports) + self._unmatched.total()
        data = [report.data for report in reports]
        return Report(overall(data, read, self._unmatched, [self._source], utc_now(), Fraction(0)))

    def _told(self, spec: tuple[str, str], count: PlanCount) -> Report:
        """Return the report of a specification, with its drift where that is watched."""
        report = count.report(self._state)
        return report if self._drift is None else Report({**report.data, "drift_windows": self._drift.report(spec)})

    def write(self) -> None:
        """Write the report in the place of the one before.  SinkError."""
        report = self.report()
        form = "json" if "specs" in report.data else _FORMS[self._path.suffix]
        text = report.json() if form == "json" else report.render(form)
        write_file(self._path, text, overwrite=True)
        self._written, self._changed = time.monotonic(), False
