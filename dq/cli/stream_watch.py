"""Who watches a stream of `dq stream`: its report, its metrics, its drift, and the picture on the terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dq.serving.drifting import DriftWatch
from dq.serving.live import LiveReport
from dq.serving.stream_metrics import MetricsFile
from dq.serving.watching import StreamCounts, Watchers

if TYPE_CHECKING:
    from dq.engines.stream import Watcher
    from dq.serving.dashboard import Dashboard


class Watching:
    """The watchers that were asked for."""

    def __init__(self, say: Callable[[str], None], drift_window: timedelta | None, *, live: bool) -> None:
        """Prepare; what is said goes through `say`, or above the picture, where there is one."""
        self._counts = StreamCounts()
        self._dashboard = _dashboard(self._counts) if live else None
        self.say = say if self._dashboard is None else self._dashboard.say
        self._drift = DriftWatch(drift_window, self.say) if drift_window is not None else None
        if self._dashboard is not None:
            self._dashboard.drift = self._drift
        self._report: LiveReport | None = None
        self._metrics: MetricsFile | None = None

    def report(self, path: Path, every: float, state: str | None) -> None:
        """Write the report to a file every so many seconds; `state` is the file of the state that it tells of."""
        from dq.api import load_state
        from dq.results import about_state

        known = about_state(load_state(state) if state is not None else None, None)
        self._report = LiveReport(path, every, known, self._drift, self.say)

    def measure(self, path: Path, every: float) -> None:
        """Write metrics to a file every so many seconds."""
        self._metrics = MetricsFile(path, every, self._counts, self._drift, self.say)

    def watcher(self) -> Watcher | None:
        """Return who is told of the stream; None where nothing was asked for."""
        asked: list[Watcher] = [
            each for each in (self._drift, self._report, self._metrics, self._dashboard) if each is not None
        ]
        return Watchers([self._counts, *asked]) if asked else None

    def write(self) -> None:
        """Write the last report and the last metrics.  SinkError."""
        if self._report is not None:
            self._report.write()
        if self._metrics is not None:
            self._metrics.write()

    def close(self) -> None:
        """Leave the terminal as it is."""
        if self._dashboard is not None:
            self._dashboard.close()


def _dashboard(counts: StreamCounts) -> Dashboard:
    """Return the picture on standard error; what draws it is imported when it is asked for."""
    from rich.console import Console

    from dq.serving.dashboard import Dashboard

    return Dashboard(Console(stderr=True), counts)
