"""Events of a program, judged as they come: alone where they come alone, together where many wait."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dq.engines.events import EventJudge
    from dq.outcome import EventVerdict

MOST_EVENTS = 1000  # that wait, or are judged together


class Gatherer:
    """Takes events out of an iterable in a thread of its own, no more than `MOST_EVENTS` ahead."""

    def __init__(self, events: Iterable[Any]) -> None:
        """Begin to take."""
        self._events = events
        self._waiting: list[Any] = []
        self._over = False
        self._fault: BaseException | None = None
        self._changed = threading.Condition()
        threading.Thread(target=self._fill, name="dq-events", daemon=True).start()

    def _fill(self) -> None:
        """Take events until there are no more, or nobody wants them."""
        try:
            for event in self._events:
                with self._changed:
                    self._waiting.append(event)
                    self._changed.notify_all()
                    while len(self._waiting) >= MOST_EVENTS and not self._over:
                        self._changed.wait()
                    if self._over:
                        return
        except BaseException as fault:  # noqa: BLE001 - it is raised where the events are used
            self._fault = fault
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def take(self) -> list[Any]:
        """Return the events that wait, at least one; none when there are no more.  Raises what the iterable raised."""
        with self._changed:
            while not self._waiting and not self._over:
                self._changed.wait()
            taken, self._waiting = self._waiting, []
            self._changed.notify_all()
        if not taken and self._fault is not None:
            raise self._fault
        return taken

    def stop(self) -> None:
        """Take no more."""
        with self._changed:
            self._over = True
            self._changed.notify_all()


def judged(judge: EventJudge, events: Iterable[Any], clock: Callable[[], datetime]) -> Iterator[EventVerdict]:
    """Yield the verdict on each event, in order.  What the iterable raises is raised after the events before it."""
    number = 1
    for taken in _parts(events):
        yield from judge.verdicts_of(taken, clock(), number)
        number += len(taken)


def _parts(events: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """Yield events as many at once as are there."""
    if isinstance(events, (list, tuple)):
        yield from (events[first : first + MOST_EVENTS] for first in range(0, len(events), MOST_EVENTS))
        return
    gatherer = Gatherer(events)
    try:
        while taken := gatherer.take():
            yield taken
    finally:
        gatherer.stop()


class AsyncGatherer:
    """Takes events out of an asynchronous iterable in a task of its own, no more than `MOST_EVENTS` ahead."""

    def __init__(self, events: AsyncIterable[Any]) -> None:
        """Begin to take; a loop must be running."""
        import asyncio

        self._events = events
        self._waiting: list[Any] = []
        self._over = False
        self._fault: BaseException | None = None
        self._came, self._room = asyncio.Event(), asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._fill())

    async def _fill(self) -> None:
        """Take events until there are no more: all that are there, before anybody else has a turn."""
        try:
            async for event in self._events:
                self._waiting.append(event)
                self._came.set()
                if len(self._waiting) >= MOST_EVENTS:
                    self._room.clear()
                    await self._room.wait()
        except Exception as fault:  # noqa: BLE001 - it is raised where the events are used
            self._fault = fault
        finally:
            self._over = True
            self._came.set()

    async def take(self) -> list[Any]:
        """Return the events that wait, at least one; none when there are no more.  Raises what the iterable raised."""
        while not self._waiting and not self._over:
            self._came.clear()
            await self._came.wait()
        taken, self._waiting = self._waiting, []
        self._room.set()
        if not taken and self._fault is not None:
            raise self._fault
        return taken

    def stop(self) -> None:
        """Take no more."""
        self._task.cancel()


async def judged_async(
    judge: EventJudge, events: AsyncIterable[Any], clock: Callable[[], datetime]
) -> AsyncIterator[EventVerdict]:
    """Yield the verdict on each event, in order: on a lone one as soon as it comes, on waiting ones together."""
    number = 1
    gatherer = AsyncGatherer(events)
    try:
        while taken := await gatherer.take():
            for verdict in judge.verdicts_of(taken, clock(), number):
                yield verdict
            number += len(taken)
    finally:
        gatherer.stop()
