"""The running tally of a stream on a terminal: what was read, what became of it, why, and what drifts.

Everything that it says it says in words, so that nothing is lost without colours.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from dq.outcome import Door
from dq.report.wording import plain

if TYPE_CHECKING:
    from dq.engines.bearing import AnyBearing
    from dq.engines.stream_doors import Settled
    from dq.serving.drifting import DriftWatch
    from dq.serving.watching import StreamCounts
    from dq.sources.base import Account

SECONDS = 0.25  # between two pictures
LINE_SECONDS = 10.0  # between two lines, where there is no terminal
TOP = 8  # reasons that are shown


class Dashboard:
    """Shows the counts of a stream: a `Watcher`, told after those whose counts it shows.

    Where the console is no terminal it writes a line now and then instead.
    """

    def __init__(self, console: Console, counts: StreamCounts) -> None:
        """Prepare to show; nothing is shown before the stream has begun.  The drift is shown where one is watched."""
        self._console, self._counts = console, counts
        self.drift: DriftWatch | None = None
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._every = SECONDS if self._live is not None else LINE_SECONDS
        self._shown = time.monotonic()

    def say(self, text: str) -> None:
        """Say something above the picture."""
        self._console.print(Text(f"dq: {text}"), soft_wrap=True)

    def begin(self, bearing: AnyBearing, name: str, account: Account) -> None:
        """Show the first picture."""
        del bearing, name, account
        if self._live is not None and not self._live.is_started:
            self._live.start()

    def settled(self, settled: Settled) -> None:
        """Do nothing."""

    def unmatched(self, codes: Counter[str]) -> None:
        """Do nothing."""

    def idle(self) -> None:
        """Show the next picture, if its time has come."""
        if time.monotonic() - self._shown >= self._every:
            self._show()

    def close(self) -> None:
        """Show the last picture, which stays."""
        self._show()
        if self._live is not None:
            self._live.stop()

    def _show(self) -> None:
        self._shown = time.monotonic()
        if self._live is None:
            self.say(summary(self._counts))
        else:
            self._live.update(picture(self._counts, self.drift), refresh=True)


def summary(counts: StreamCounts) -> str:
    """Return in one line what was read and what became of it."""
    doors = [f"{counts.by_door(door):,} {door}" for door in Door]
    rest = [f"{counts.codes.total():,} unmatched"] if counts.codes else []
    return f"{counts.read:,} read: {', '.join([*doors, *rest])}; {counts.rate():,.0f} events a second"


def picture(counts: StreamCounts, drift: DriftWatch | None) -> RenderableType:
    """Return the picture: a line for all, a line for each specification, the reasons, and the drift."""
    parts: list[RenderableType] = [Text(f"dq stream of {plain(counts.source)}", style="bold"), Text(summary(counts))]
    specs = sorted({spec for spec, _ in counts.doors})
    if len(specs) > 1:
        table = _table("spec", *map(str, Door))
        for spec in specs:
            table.add_row(Text(" ".join(spec)), *(f"{counts.doors[spec, str(door)]:,}" for door in Door))
        parts.append(table)
    if counts.reasons:
        table = _table("what events fail", "events")
        ranked = sorted(counts.reasons.items(), key=lambda item: (-item[1], item[0]))
        for (spec, check), count in ranked[:TOP]:
            table.add_row(Text(check if len(specs) == 1 else f"{' '.join(spec)}: {check}"), f"{count:,}")
        parts.append(table)
    if drift is not None:
        parts += [_drift_line(spec, check, drifts=drifts) for (spec, check), drifts in sorted(drift.drifting.items())]
    return Group(*parts)


def _drift_line(spec: tuple[str, str], check: str, *, drifts: bool) -> Text:
    words = f"{' '.join(spec)}: {check}: {'DRIFT' if drifts else 'as in the state'}"
    return Text(words, style="bold red" if drifts else "")


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for other in others:
        table.add_column(other, justify="right")
    return table
