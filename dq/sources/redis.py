"""A stream of Redis as a source of events: one field of an entry is the event.

A consumer group hands every entry to one consumer, and keeps it as pending until it is acknowledged, which happens when
what became of it is durable.  At its start a consumer takes what is pending under its own name, and now and then what
another one has left pending for too long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

from dq.brokers.address import Option
from dq.brokers.redis import RedisAddress, connect, parse_redis, speaking
from dq.errors import SourceError, UsageError
from dq.sources.events import MOST_RECORDS
from dq.sources.messages import MessageFramer, Messages

if TYPE_CHECKING:
    from dq.sources.base import Account, Chunk, Dialect

OPTIONS = {
    "group": Option(default=None),
    "consumer": Option(default="0"),
    "field": Option(default="event"),
    "start": Option(default="earliest", values=("earliest", "latest")),
    "idle": Option(default="60"),
    "config": Option(),
}
_FIRST_COUNT = 100
_BYTES = 4 << 20  # that are asked for at once, by the size of the entries before
_OWN, _NEW = "0-0", ">"

Entry = tuple[bytes, dict[bytes, bytes] | None]
"""The id of an entry, and its fields; nothing of one that was deleted while it was pending."""


def read_address(text: str) -> RedisAddress:
    """Return the address of a stream to read.  UsageError."""
    place = parse_redis(text, OPTIONS)
    idle = place.address.options["idle"]
    if not idle.isdecimal() or int(idle) < 1:
        raise UsageError("redis: idle is a number of seconds, 1 or more")
    return place


class RedisEvents:
    """The entries of a stream."""

    resumes = True

    def __init__(self, place: RedisAddress, start: dict[str, int] | None, *, until_end: bool = False) -> None:
        """Connect, and make the group if there is none; `start` holds the number of the next record.

        OutageError, SourceError.
        """
        options = place.address.options
        self.name = place.key
        self._place, self._until_end = place, until_end
        self._group, self._consumer, self._field = options["group"], options["consumer"], options["field"].encode()
        self._idle = int(options["idle"])
        self._next = 1 if start is None else start["record"]
        self._count = _FIRST_COUNT
        self._cursor = _OWN  # behind which id entries are read: first those pending under this name, then new ones
        self._open: list[bytes] = []  # ids that were given out and are not acknowledged
        self._client = connect(place)
        self._claimed = 0.0
        self._over = False
        with speaking(place, SourceError):
            self._make_group("0" if options["start"] == "earliest" else "$")

    def _make_group(self, first: str) -> None:
        """Make the group, and the stream if it is not there yet."""
        from redis.exceptions import ResponseError

        try:
            self._client.xgroup_create(self.name, self._group, first, mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    def begin(self, dialect: Dialect, account: Account, commit: Callable[[], None]) -> None:
        """Prepare to make records of entries; nothing is committed early."""
        del commit
        self._framer = MessageFramer(dialect, account, MOST_RECORDS)

    def renew(self, dialect: Dialect) -> None:
        """Read other fields from the next chunk on."""
        self._framer.renew(dialect)

    def read(self, wait: float) -> Iterator[Chunk] | None:
        """Return the next entries, or None."""
        if self._over:
            return None
        with speaking(self._place, SourceError):
            entries = self._entries(wait)
        if entries:
            return iter([self._chunk(entries)])
        self._over = self._until_end
        return None

    def _entries(self, wait: float) -> Sequence[Entry]:
        """Return entries that were pending under this name, then ones that others have left, then new ones."""
        if self._cursor != _NEW:
            if entries := self._asked(self._cursor, None):
                self._cursor = entries[-1][0].decode()
                return entries
            self._cursor = _NEW
        if time.monotonic() - self._claimed >= self._idle / 2 and (entries := self._left_by_others()):
            return entries
        return self._asked(_NEW, max(1, int(wait * 1000)))

    def _asked(self, cursor: str, wait: int | None) -> Sequence[Entry]:
        """Return the entries behind an id; `wait` in milliseconds."""
        answer: Any = self._client.xreadgroup(
            self._group, self._consumer, {self.name: cursor}, count=self._count, block=wait
        )
        return answer[0][1] if answer else []

    def _left_by_others(self) -> Sequence[Entry]:
        """Take over what was pending for too long, but for what this stream itself holds."""
        answer: Any = self._client.xautoclaim(
            self.name, self._group, self._consumer, self._idle * 1000, _OWN, count=self._count
        )
        if answer[0] == _OWN.encode():
            self._claimed = time.monotonic()  # there are no more
        own = set(self._open)
        return [entry for entry in answer[1] if entry[0] not in own]

    def _chunk(self, entries: Sequence[Entry]) -> Chunk:
        values, lacking = list[bytes](), dict[int, str]()
        for at, (_, fields) in enumerate(entries):
            value = (fields or {}).get(self._field)
            if value is None:
                lacking[at] = "the entry was deleted" if fields is None else "the entry has no field with an event"
                value = _text_of(fields or {})
            values.append(value)
        names = [name.decode() for name, _ in entries]
        numbers = range(self._next, self._next + len(entries))
        self._next += len(entries)
        self._open += [name for name, _ in entries]
        size = sum(map(len, values)) // len(values) + 1
        self._count = max(1, min(MOST_RECORDS, _BYTES // size))
        return self._framer.chunk(
            Messages(values, numbers, ids=dict(zip(numbers, names, strict=True)), lacking=lacking)
        )

    def finish(self) -> Iterator[Chunk]:
        """Yield nothing: an entry is never begun."""
        return iter(())

    @property
    def ended(self) -> bool:
        """Whether it was stopped, or is at the end of the stream and not followed."""
        return self._over

    def stop(self) -> None:
        """Read no more."""
        self._over = True

    def place(self) -> dict[str, int]:
        """Return the number of the next record; which entries come next, the group knows."""
        return {"record": self._next}

    def confirm(self) -> None:
        """Acknowledge what was given out.  OutageError; then it stays pending, and is judged again."""
        with speaking(self._place, SourceError):
            while self._open:
                self._client.xack(self.name, self._group, *self._open[:MOST_RECORDS])
                del self._open[:MOST_RECORDS]

    def close(self) -> None:
        """Disconnect; what was not acknowledged stays pending."""
        from redis.exceptions import RedisError

        with suppress(RedisError):
            self._client.close()


def _text_of(fields: dict[bytes, bytes]) -> bytes:
    """Return fields as a JSON object, for the eyes of whoever looks for the event in them."""
    return orjson.dumps(
        {
            name.decode(errors="backslashreplace"): value.decode(errors="backslashreplace")
            for name, value in fields.items()
        }
    )
