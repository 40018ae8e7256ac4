"""What a stream has done, in the OpenMetrics text format, in a file that is written anew now and then.

A collector of metrics reads the file (the textfile collector of a node exporter, for example); it is complete at any
moment, since each text takes the place of the one before.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from dq.serving.watching import Attempts, silent
from dq.sinks.single import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from dq.engines.bearing import AnyBearing
    from dq.engines.stream_doors import Settled
    from dq.serving.drifting import DriftWatch
    from dq.serving.watching import StreamCounts
    from dq.sources.base import Account

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class MetricsFile:
    """Writes the counts of a stream to a file: a `Watcher`, told after those whose counts it writes."""

    def __init__(
        self,
        path: Path,
        every: float,
        counts: StreamCounts,
        drift: DriftWatch | None = None,
        say: Callable[[str], None] = silent,
    ) -> None:
        """Write every so many seconds; `say` is told, in words, where the file cannot be written."""
        self._path, self._every, self._counts, self._drift = path, every, counts, drift
        self._attempts = Attempts(say)
        self._written = -every

    def begin(self, bearing: AnyBearing, name: str, account: Account) -> None:
        """Do nothing: the counts are told themselves."""

    def settled(self, settled: Settled) -> None:
        """Do nothing."""

    def unmatched(self, codes: Counter[str]) -> None:
        """Do nothing."""

    def idle(self) -> None:
        """Write, if the time has come."""
        if time.monotonic() - self._written >= self._every:
            self._written = time.monotonic()
            self._attempts.make(self.write)

    def write(self) -> None:
        """Write everything so far.  SinkError."""
        write_file(self._path, metrics_text(self._counts, self._drift).encode(), overwrite=True, mode=0o644)
        self._written = time.monotonic()


def metrics_text(counts: StreamCounts, drift: DriftWatch | None) -> str:
    """Return everything, in a fixed order."""
    doors = ({**_spec(spec), "door": door} for spec, door in sorted(counts.doors))
    lines = _family("dq_events", "counter", "Events judged, by the door through which they left.")
    lines += _samples("dq_events_total", doors, (count for _, count in sorted(counts.doors.items())))
    lines += _family("dq_unmatched", "counter", "Events that no specification takes, or that cannot be read, by code.")
    codes = sorted(counts.codes.items())
    lines += _samples("dq_unmatched_total", ({"code": code} for code, _ in codes), (count for _, count in codes))
    lines += _family("dq_failures", "counter", "Events that failed a check.")
    reasons = sorted(counts.reasons.items())
    named = ({**_spec(spec), "check": check} for (spec, check), _ in reasons)
    lines += _samples("dq_failures_total", named, (count for _, count in reasons))
    lines += _family("dq_rate", "gauge", "Events a second, lately.")
    lines.append(f"dq_rate {counts.rate():.3f}")
    if drift is not None:
        lines += _drift(drift)
    return "\n".join([*lines, "# EOF", ""])


def _drift(drift: DriftWatch) -> list[str]:
    """Return whether there is drift, and how often one began."""
    watched = sorted(drift.drifting)
    labels = [{**_spec(spec), "expectation": check} for spec, check in watched]
    lines = _family("dq_drift", "gauge", "Whether the window differs from the state.")
    lines += _samples("dq_drift", labels, (int(drift.drifting[key]) for key in watched))
    lines += _family("dq_drift_alerts", "counter", "How often a drift began.")
    return lines + _samples("dq_drift_alerts_total", labels, (drift.alerts[key] for key in watched))


def _family(name: str, kind: str, words: str) -> list[str]:
    return [f"# TYPE {name} {kind}", f"# HELP {name} {words}"]


def _samples(name: str, labels: Iterable[Mapping[str, str]], values: Iterable[int]) -> list[str]:
    """Return a line for each value, with its labels."""
    texts = (",".join(f'{key}="{value.translate(_ESCAPES)}"' for key, value in each.items()) for each in labels)
    return [f"{name}{{{text}}} {value}" for text, value in zip(texts, values, strict=True)]


def _spec(spec: tuple[str, str]) -> dict[str, str]:
    return {"event": spec[0], "version": spec[1]}
