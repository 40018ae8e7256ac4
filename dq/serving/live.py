"""The report of a stream: what it has done so far, in the form of a batch's, written now and then and at its end."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.engines.accounts import Accounts
from dq.engines.inputs import dialect_of
from dq.engines.stream import utc_now
from dq.errors import UsageError
from dq.plan.tally import SourceTally, Tally
from dq.report.build import build
from dq.report.model import Report
from dq.sinks.single import write_file

if TYPE_CHECKING:
    from dq.engines.stream import Bearing
    from dq.engines.stream_doors import Settled
    from dq.outcome import Outcome
    from dq.plan.plan import CompiledPlan
    from dq.sources.base import Account

_FORMS = {".json": "json", ".html": "html", ".md": "markdown"}
_TOGETHER = 200  # chunks that are profiled at once: a profile costs about as much for one row as for thousands
_MOST_ROWS = 20_000  # that wait for it


class LiveReport:
    """Counts what becomes of the events of a stream, and writes the report of it: a `Watcher`."""

    def __init__(self, path: Path, every: float, state: dict[str, Any] | None = None) -> None:
        """Write to a file every so many seconds; `state` is what the report says of the state.  UsageError."""
        if path.suffix not in _FORMS:
            raise UsageError(f"{path}: a report is written as {', '.join(_FORMS)}")
        self._path, self._every, self._state = path, every, state
        self._written = time.monotonic()
        self._changed = False
        self._plan: CompiledPlan | None = None

    def begin(self, bearing: Bearing, name: str, account: Account) -> None:
        """Count from zero, by this plan: a spec that was read again may ask other questions."""
        self._plan = plan = bearing.judge.plan
        self._accounts = Accounts(plan, Tally.of(plan, utc_now()))
        self._source = SourceTally(name, account, dialect_of(bearing.source))
        self._accounts.tally.sources.append(self._source)
        self._accounts.begin_profiles()
        self._waiting: list[Outcome] = []

    def settled(self, settled: Settled) -> None:
        """Count a chunk; its profile is taken together with those of others."""
        self._accounts.count(self._source, settled.chunk, settled.outcome)
        self._accounts.tally.measured.add(settled.outcome.accepted)
        self._waiting.append(settled.outcome)
        self._changed = True
        rows = sum(outcome.text.height for outcome in self._waiting)
        if len(self._waiting) >= _TOGETHER or rows >= _MOST_ROWS:
            self._profile()

    def idle(self) -> None:
        """Write the report, if its time has come and something has happened."""
        if self._changed and time.monotonic() - self._written >= self._every:
            self.write()

    def report(self) -> Report:
        """Return the report of everything so far."""
        if self._plan is None:
            raise UsageError("the stream has not begun")
        self._profile()
        return Report(build(self._plan, self._accounts.tally, utc_now(), state=self._state))

    def write(self) -> None:
        """Write the report in the place of the one before.  SinkError."""
        write_file(self._path, self.report().render(_FORMS[self._path.suffix]), overwrite=True)
        self._written, self._changed = time.monotonic(), False

    def _profile(self) -> None:
        """Take the profiles of what waits, in one."""
        if self._waiting:
            accepted = pl.concat([outcome.accepted for outcome in self._waiting])
            text = pl.concat([outcome.text for outcome in self._waiting])
            self._accounts.profile(replace(self._waiting[0], accepted=accepted, text=text))
            self._waiting.clear()
