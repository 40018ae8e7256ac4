"""Who watches a stream: several watchers at once, and the running counts that the others show."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dq.errors import SinkError
from dq.outcome import Door

if TYPE_CHECKING:
    from dq.engines.bearing import AnyBearing
    from dq.engines.stream import Watcher
    from dq.engines.stream_doors import Settled
    from dq.sources.base import Account

RATE_SECONDS = 10.0  # over which the rate is taken
Spec = tuple[str, str]
"""An event and its version."""


class Watchers:
    """Several watchers, told in their order: a `Watcher`."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        """Keep the watchers."""
        self._watchers = tuple(watchers)

    def begin(self, bearing: AnyBearing, name: str, account: Account) -> None:
        """Tell all of them."""
        for watcher in self._watchers:
            watcher.begin(bearing, name, account)

    def settled(self, settled: Settled) -> None:
        """Tell all of them."""
        for watcher in self._watchers:
            watcher.settled(settled)

    def unmatched(self, codes: Counter[str]) -> None:
        """Tell all of them."""
        for watcher in self._watchers:
            watcher.unmatched(codes)

    def idle(self) -> None:
        """Tell all of them."""
        for watcher in self._watchers:
            watcher.idle()


def silent(text: str) -> None:
    """Say nothing."""


class Attempts:
    """Attempts to write what can as well be written a little later: what hinders it ends no stream."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say` is told, in words, when an attempt fails that follows on a better one."""
        self._say = say
        self._fails = False

    def make(self, write: Callable[[], None]) -> None:
        """Write, or say why not."""
        try:
            write()
        except SinkError as error:
            if not self._fails:
                self._say(f"{error}; the stream goes on, and it is tried again")
            self._fails = True
        else:
            self._fails = False


class StreamCounts:
    """Running counts of a stream, from the start of the process: a `Watcher`.

    `doors` counts events by specification and door, `reasons` the events that failed a check, by specification and
    check; `unmatched` those that no specification takes, by code.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing."""
        self.doors: Counter[tuple[Spec, str]] = Counter()
        self.reasons: Counter[tuple[Spec, str]] = Counter()
        self.codes: Counter[str] = Counter()
        self.source = ""
        self._clock = clock
        self._begun = clock()
        self._lately: deque[tuple[float, int]] = deque()

    def begin(self, bearing: AnyBearing, name: str, account: Account) -> None:
        """Take note of the source; what was counted stays."""
        del account
        self.source = name
        for part in bearing.parts:
            for door in Door:
                self.doors[(part.judge.plan.event, part.judge.plan.version), str(door)] += 0

    def settled(self, settled: Settled) -> None:
        """Count a chunk."""
        outcome, chunk = settled.outcome, settled.chunk
        spec = settled.plan.event, settled.plan.version
        self.doors[spec, str(Door.ACCEPTED)] += len(outcome.accepted_rows)
        self.doors[spec, str(Door.QUARANTINED)] += len(outcome.refused.rows) + len(chunk.unreadable)
        self.doors[spec, str(Door.DEDUPLICATED)] += len(outcome.deduplicated_rows)
        self.doors[spec, str(Door.FILTERED)] += len(outcome.filtered_rows)
        for check, counts in outcome.counts.items():
            if counts.failed:
                self.reasons[spec, check] += counts.failed
        for item in chunk.unreadable:
            self.reasons[spec, item.code] += 1
        self._lately.append((self._clock(), chunk.records))

    def unmatched(self, codes: Counter[str]) -> None:
        """Count events that no specification takes."""
        self.codes.update(codes)
        self._lately.append((self._clock(), codes.total()))

    def idle(self) -> None:
        """Do nothing."""

    @property
    def read(self) -> int:
        """How many events were read: those of all doors, and those that went to no specification."""
        return self.doors.total() + self.codes.total()

    def by_door(self, door: Door) -> int:
        """Return how many events left by a door."""
        return sum(count for (_, name), count in self.doors.items() if name == str(door))

    def rate(self) -> float:
        """Return how many events a second were read lately."""
        now = self._clock()
        while self._lately and self._lately[0][0] < now - RATE_SECONDS:
            self._lately.popleft()
        seconds = min(RATE_SECONDS, now - self._begun)
        return sum(count for _, count in self._lately) / seconds if seconds > 0 else 0.0
