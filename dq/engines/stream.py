"""The stream engine: events as they come, through the kernel of the batches, in chunks that adapt.

What is there is judged at once: an event that comes alone waits for nobody, and while a chunk is judged the next
one gathers.  A position is committed only when what was made of everything before it is durable.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from dq.engines.stream_doors import Outlets, Settled, StreamDoors
from dq.sources.base import Account
from dq.sources.intake import Place
from dq.sources.jsonl import LineFramer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dq.engines.events import EventJudge
    from dq.plan.bound import BoundSource
    from dq.sinks.checkpoint import Checkpoint
    from dq.sources.base import Chunk
    from dq.sources.intake import Intake, Piece

COMMIT_SECONDS = 0.2  # what a restart may have to do again
WAIT_SECONDS = 0.05  # how long a signal may go unnoticed
MOST_RECORDS = 10_000  # of one chunk


class Watcher(Protocol):
    """Is told what becomes of the events of a stream, after they have been answered."""

    def begin(self, bearing: Bearing, name: str, account: Account) -> None:
        """Take note of by what the stream judges from now on, the name of its source, and what is read of it."""

    def settled(self, settled: Settled) -> None:
        """Take note of one chunk."""

    def idle(self) -> None:
        """Use a moment in which nothing is urgent; called after every chunk and every wait."""


class NoWatcher:
    """Nobody watches."""

    def begin(self, bearing: Bearing, name: str, account: Account) -> None:
        """Forget the plan."""

    def settled(self, settled: Settled) -> None:
        """Forget the chunk."""

    def idle(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Bearing:
    """By what a stream judges now: it may be exchanged for another between two chunks."""

    judge: EventJudge
    source: BoundSource


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class StreamRun:
    """One stream, from an intake to its outlets; used once."""

    def __init__(
        self,
        bearing: Bearing,
        intake: Intake,
        outlets: Outlets,
        memory: Checkpoint,
        *,
        is_new: bool = True,
        latency: float = 0.0,
        clock: Callable[[], datetime] = utc_now,
        watcher: Watcher | None = None,
        another: Callable[[Bearing], Bearing | None] = lambda _: None,
    ) -> None:
        """Prepare; `latency` (seconds) is how long an event may be held up so that its chunk grows.

        A stream that goes on behind a checkpoint is not new: its outlets know its source.  `another` gives the bearing
        that takes the place of one, if there is any, when the stream is asked to `renew`.
        """
        self.bearing = bearing
        self.intake, self.outlets, self.memory = intake, outlets, memory
        self.aborted: str | None = None
        self._latency, self._clock, self._watcher = latency, clock, watcher or NoWatcher()
        self._stopped = self._renewed = False
        self._is_new, self._another = is_new, another
        self._account = Account()
        self._begin()
        self._framer = self._framer_at(Place())
        self._committed = self._taken = time.monotonic()
        self._dirty = False

    def stop(self) -> None:
        """Take in no more; what was taken in is still judged and made durable.  A signal may call this at any time."""
        self._stopped = True

    def renew(self) -> None:
        """Ask for another bearing between two chunks.  A signal may call this at any time."""
        self._renewed = True

    def run(self) -> None:
        """Judge until the intake is at its end.  SourceError, SinkError; then nothing more is committed."""
        if self._is_new:
            self._doors.begin()
        self._commit()  # from here on a restart knows what was there before
        while not self.intake.ended and self.aborted is None:
            self._heed()
            piece = self.intake.read(WAIT_SECONDS)
            if piece is not None:
                self._take(piece)
            if self._dirty and (piece is None or time.monotonic() - self._committed >= COMMIT_SECONDS):
                self._commit()
            self._watcher.idle()
        if not (self._stopped and self.intake.resumes):
            self._settle_all(self._framer.finish())
        self._commit()

    def _pause(self) -> None:
        """Let events gather: between two pieces lies the latency that they are allowed."""
        while not self._stopped and (left := self._taken + self._latency - time.monotonic()) > 0:
            time.sleep(min(left, WAIT_SECONDS))

    def _take(self, piece: Piece) -> None:
        """Judge the lines that are complete with this piece."""
        self._taken = time.monotonic()
        if piece.begins is not None:
            self._settle_all(self._framer.finish())
            self._framer = self._framer_at(piece.begins)
        self._settle_all(self._framer.feed(piece.data))
        self._settle_all(self._framer.gathered())
        self._dirty = True

    def _framer_at(self, place: Place) -> LineFramer:
        framer = LineFramer(self.bearing.source.dialect, self._account, MOST_RECORDS)
        framer.begin(self.bearing.source.dialect.encoding, 0, bytes)
        framer.resume(place.offset, place.line, place.record)
        return framer

    def _settle_all(self, chunks: Iterable[Chunk]) -> None:
        """Judge chunks and write what became of them, up to one that aborts the stream."""
        for chunk in chunks:
            if self.aborted is None and chunk.records:
                self._settle(chunk)

    def _settle(self, chunk: Chunk) -> None:
        now = self._clock()
        settled = self.bearing.judge.settle(replace(chunk, now=now), self.bearing.source, self.intake.name, now)
        self._doors.write(settled)
        self.aborted = settled.outcome.aborted
        self._watcher.settled(settled)

    def _commit(self) -> None:
        """Make durable what was written, and then the position behind it."""
        lengths = {name: target.sync() for name, target in self.outlets.each.items()}
        self.bearing.judge.forget(self._clock())
        if self.intake.resumes:
            place = self.intake.place(self._framer.offset, self._framer.line, self._framer.next_record)
            self.memory.put({"place": None if place is None else asdict(place), "lengths": lengths})
        self.memory.commit()
        self._committed, self._dirty = time.monotonic(), False

    def _heed(self) -> None:
        """Do what was asked since the last chunk, and let events gather if they may."""
        if self._renewed:
            self._renewed = False
            bearing = self._another(self.bearing)
            if bearing is not None:
                self._commit()
                self.bearing = bearing
                self._begin()
        self._pause()
        if self._stopped:
            self.intake.stop()

    def _begin(self) -> None:
        """Prepare the doors for the bearing, and count anew what is read."""
        self._account.count_anew()
        self._doors = StreamDoors(self.bearing.judge.plan, self.bearing.source, self.intake.name, self.outlets)
        self._watcher.begin(self.bearing, self.intake.name, self._account)


def resumed(memory: Checkpoint) -> tuple[Place | None, dict[str, int]]:
    """Return where the stream of a checkpoint goes on, and the length of what it has written; nothing of a new one."""
    place = memory.get("place")
    return (None if place is None else Place(**place)), memory.get("lengths") or {}
