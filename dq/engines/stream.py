"""The stream engine: events as they come, through the kernel of the batches, in chunks that adapt.

What is there is judged at once: an event that comes alone waits for nobody, and while a chunk is judged the next
one gathers.  A position is committed only when what was made of everything before it is durable.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from dq.engines.progress import Progress, prepare, settle
from dq.engines.stream_doors import Outlets, Settled, StreamDoors
from dq.sources.base import Account

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

    from dq.engines.bearing import AnyBearing
    from dq.sinks.checkpoint import Checkpoint
    from dq.sources.base import Chunk
    from dq.sources.events import EventSource

COMMIT_SECONDS = 0.2  # what a restart may have to do again
WAIT_SECONDS = 0.05  # how long a signal may go unnoticed


class Watcher(Protocol):
    """Is told what becomes of the events of a stream, after they have been answered."""

    def begin(self, bearing: AnyBearing, name: str, account: Account) -> None:
        """Take note of by what the stream judges from now on, the name of its source, and what is read of it."""

    def settled(self, settled: Settled) -> None:
        """Take note of one chunk."""

    def unmatched(self, codes: Counter[str]) -> None:
        """Take note of events that no specification takes, by the codes of their reasons."""

    def idle(self) -> None:
        """Use a moment in which nothing is urgent; called after every chunk and every wait."""


class NoWatcher:
    """Nobody watches."""

    def begin(self, bearing: AnyBearing, name: str, account: Account) -> None:
        """Forget the plan."""

    def settled(self, settled: Settled) -> None:
        """Forget the chunk."""

    def unmatched(self, codes: Counter[str]) -> None:
        """Forget the events."""

    def idle(self) -> None:
        """Do nothing."""


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class StreamRun:
    """One stream, from a source of events to its outlets; used once."""

    def __init__(
        self,
        bearing: AnyBearing,
        events: EventSource,
        outlets: Outlets,
        memory: Checkpoint,
        *,
        progress: Progress | None = None,
        latency: float = 0.0,
        clock: Callable[[], datetime] = utc_now,
        watcher: Watcher | None = None,
        another: Callable[[Any], AnyBearing | None] = lambda _: None,
    ) -> None:
        """Prepare; `latency` (seconds) is how long an event may be held up so that its chunk grows.

        `progress` is the commit behind which the stream goes on (`resumed`).  `another` gives the bearing that takes
        the place of one, if there is any, when the stream is asked to `renew`.
        """
        self.bearing = bearing
        self.events, self.outlets, self.memory = events, outlets, memory
        self.aborted: str | None = None
        self._progress = progress or Progress()
        self._latency, self._clock, self._watcher = latency, clock, watcher or NoWatcher()
        self._stopped = self._renewed = False
        self._another = another
        self._account = Account()
        self._told = set(self._progress.told)
        self._begin()
        self._committed = self._taken = time.monotonic()
        self._dirty = False

    def stop(self) -> None:
        """Take in no more; what was taken in is still judged and made durable.  A signal may call this at any time."""
        self._stopped = True

    def renew(self) -> None:
        """Ask for another bearing between two chunks.  A signal may call this at any time."""
        self._renewed = True

    def run(self) -> None:
        """Judge until the events are at their end.

        SourceError, SinkError; then nothing more is committed.  OutageError, where the stream may begin again.
        """
        self.events.begin(self.bearing.dialect, self._account, self._commit)
        self._commit()  # from here on a restart knows what was there before
        while not self.events.ended and self.aborted is None:
            self._heed()
            chunks = self.events.read(WAIT_SECONDS)
            if chunks is not None:
                self._taken, self._dirty = time.monotonic(), True
                self._settle_all(chunks)
            if self._dirty and (chunks is None or time.monotonic() - self._committed >= COMMIT_SECONDS):
                self._commit()
            self._watcher.idle()
        if not (self._stopped and self.events.resumes):
            self._settle_all(self.events.finish())
        if self._dirty:
            self._commit()
        if self.outlets.transaction is not None:
            self.memory.commit()  # that the transaction holds need not be asked at the next start

    def _pause(self) -> None:
        """Let events gather: between two pieces lies the latency that they are allowed."""
        while not self._stopped and (left := self._taken + self._latency - time.monotonic()) > 0:
            time.sleep(min(left, WAIT_SECONDS))

    def _settle_all(self, chunks: Iterable[Chunk]) -> None:
        """Judge chunks and write what became of them, up to one that aborts the stream."""
        for chunk in chunks:
            if self.aborted is None and chunk.records:
                self._dirty = True
                self._settle(chunk)

    def _settle(self, chunk: Chunk) -> None:
        now = self._clock()
        self._doors.tell(chunk)
        for part, share in self.bearing.shares(chunk):
            name = chunk.origin or self.events.name
            settled = part.judge.settle(replace(share, now=now), part.source, name, now)
            self._doors.write(settled)
            self.aborted = self.aborted or settled.outcome.aborted
            self._watcher.settled(settled)
        rest = self.bearing.rest(chunk, self._doors)
        if rest is not None:
            self._doors.write_unmatched(rest[0], chunk, now)
            self._watcher.unmatched(rest[1])

    def _commit(self) -> None:
        """Make durable what was written, and then the position behind it."""
        lengths = {name: target.sync() for name, target in self.outlets.each.items()}
        self.bearing.forget(self._clock())
        before, transaction = self._progress, self.outlets.transaction
        if self.events.resumes:
            self._progress = Progress(before.number + 1, self.events.place(), lengths, tuple(sorted(self._told)))
        else:
            self._progress = Progress(before.number + 1)
        prepare(self.memory, before, self._progress, decided=transaction is None)
        if transaction is not None:
            transaction.commit(self._progress.number)
            settle(self.memory)
        self.events.confirm()
        self._committed, self._dirty = time.monotonic(), False

    def _heed(self) -> None:
        """Do what was asked since the last chunk, and let events gather if they may."""
        if self._renewed:
            self._renewed = False
            bearing = self._another(self.bearing)
            if bearing is not None:
                self._commit()
                self.bearing = bearing
                self.events.renew(bearing.dialect)
                self._begin()
        self._pause()
        if self._stopped:
            self.events.stop()

    def _begin(self) -> None:
        """Prepare the doors for the bearing, and count anew what is read."""
        self._account.count_anew()
        self._doors = StreamDoors(self.bearing, self.events.name, self.outlets, self._told)
        self._watcher.begin(self.bearing, self.events.name, self._account)
