"""Streams of Redis as targets: each line is an entry with one field.  After a kill, some entries may stand twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from dq.brokers.address import Option
from dq.brokers.redis import RedisAddress, connect, parse_redis, speaking
from dq.errors import SinkError

OPTIONS = {"field": Option(default="event"), "config": Option()}
_TOGETHER = 1000  # entries that are sent at once
_PAUSE = 0.5


def write_address(text: str) -> RedisAddress:
    """Return the address of a stream to write to.  UsageError."""
    return parse_redis(text, OPTIONS)


class RedisStream:
    """A stream to whose end lines are written."""

    def __init__(self, place: RedisAddress, waits: Callable[[str], None]) -> None:
        """Connect; `waits` is told, in words, that the server has no room.  OutageError."""
        self.name = place.address.name
        self.length = 0  # bytes that were written
        self._place, self._waits = place, waits
        self._field = place.address.options["field"]
        self._client = connect(place)

    def write(self, data: bytes) -> None:
        """Write whole lines, each as an entry; where there is no room, wait for it.  OutageError, SinkError."""
        lines = data[:-1].split(b"\n")
        for first in range(0, len(lines), _TOGETHER):
            left, pausing = self._sent(lines[first : first + _TOGETHER]), False
            while left:
                if not pausing:
                    self._waits(f"redis: {self._place.address.hosts[0]} has no room; the stream waits")
                pausing = True
                time.sleep(_PAUSE)
                left = self._sent(left)
        self.length += len(data)

    def _sent(self, lines: list[bytes]) -> list[bytes]:
        """Send entries, and return those for which there was no room."""
        from redis.exceptions import OutOfMemoryError

        with speaking(self._place, SinkError):
            pipeline = self._client.pipeline(transaction=False)
            for line in lines:
                pipeline.xadd(self._place.key, {self._field: line})
            answers = pipeline.execute(raise_on_error=False)
            for answer in answers:
                if isinstance(answer, Exception) and not isinstance(answer, OutOfMemoryError):
                    raise answer
        return [line for line, answer in zip(lines, answers, strict=True) if isinstance(answer, OutOfMemoryError)]

    def sync(self) -> int:
        """Return how much was written; how durable it is the server says, by its settings."""
        return self.length

    def close(self) -> None:
        """Disconnect."""
        from redis.exceptions import RedisError

        with suppress(RedisError):
            self._client.close()
