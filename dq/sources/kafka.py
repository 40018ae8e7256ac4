"""A topic of Kafka as a source of events: each message is one.

A consumer group divides the partitions among streams, and every stream is a named member of it (`instance`), so that
one that is started again has its partitions back at once.  A partition goes on behind what the checkpoint knows or what
the group has committed, whichever is further.  Where the messages that come next were deleted meanwhile, the stream
ends rather than leave them out.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from dq.brokers.address import Option
from dq.brokers.kafka import (
    START_SECONDS,
    Complaints,
    KafkaAddress,
    client_of,
    leave,
    need_topic,
    parse_kafka,
    words,
)
from dq.errors import OutageError, SourceError
from dq.sources.events import MOST_RECORDS
from dq.sources.messages import MessageFramer, Messages

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

    from dq.sources.base import Account, Chunk, Dialect

OPTIONS = {
    "group": Option(default=None),
    "instance": Option(default="0"),
    "start": Option(default="earliest", values=("earliest", "latest")),
    "config": Option(),
}
_AHEAD = 16_384  # KiB that the client reads ahead
_QUESTION = 2.0  # seconds that a broker has to answer one question of a group


def read_address(text: str) -> KafkaAddress:
    """Return the address of a topic to read.  UsageError."""
    return parse_kafka(text, OPTIONS)


class KafkaEvents:
    """The messages of a topic."""

    resumes = True

    def __init__(
        self,
        place: KafkaAddress,
        start: Mapping[str, int] | None,
        said: Callable[[str], None],
        *,
        until_end: bool = False,
        confirms: bool = True,
    ) -> None:
        """Connect and check that the topic is there; `start` are the offsets behind which a checkpoint goes on.

        `confirms` says that offsets are committed here, and not by a transaction.  OutageError, SourceError.
        """
        self.name = place.topic
        self._place, self._start, self._until_end, self._confirms = place, dict(start or {}), until_end, confirms
        options = place.address.options
        settings = {
            "group.id": options["group"],
            "group.instance.id": f"{place.topic}-{options['instance']}",  # of another topic, it had its partitions
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
            "enable.partition.eof": until_end,
            "queued.max.messages.kbytes": _AHEAD,
        }
        from confluent_kafka import Consumer

        complaints = Complaints(place.hosts, said)
        self._consumer: Consumer = client_of(Consumer, place, settings, complaints)
        need_topic(self._consumer, place, complaints)
        self._waiting: deque[tuple[int, list[Message]]] = deque()
        self._next: dict[int, int] = {}  # the offset behind what was given out, by partition
        self._confirmed: dict[int, int] = {}
        self._assigned: set[int] | None = None  # None before the group has said anything
        self._complete: set[int] = set()  # partitions that were read to their end
        self._stopped = False
        self._fault: SourceError | OutageError | None = None

    def begin(self, dialect: Dialect, account: Account, commit: Callable[[], None]) -> None:
        """Join the group."""
        self._framer = MessageFramer(dialect, account, MOST_RECORDS)
        self._commit = commit
        self._consumer.subscribe([self.name], on_assign=self._assign, on_revoke=self._revoke, on_lost=self._lose)

    def _assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Read the partitions that the group gives, each from where it was left."""
        from confluent_kafka import OFFSET_BEGINNING, OFFSET_END

        committed = self._committed(consumer, partitions)
        if committed is None:
            return
        fresh = OFFSET_BEGINNING if self._place.address.options["start"] == "earliest" else OFFSET_END
        for partition in committed:
            known = max(self._start.get(str(partition.partition), -1), partition.offset)
            if known >= 0:
                self._next[partition.partition] = known
            partition.offset = known if known >= 0 else fresh
        consumer.assign(committed)
        self._assigned = {partition.partition for partition in committed}
        self._complete.clear()

    def _committed(self, consumer: Consumer, partitions: list[TopicPartition]) -> list[TopicPartition] | None:
        """Return what the group has committed, or None, where no broker says it in time: then that is the fault.

        The client calls from within a call, so no other thread may ask; between two questions signals come in.
        """
        from confluent_kafka import KafkaException

        until = time.monotonic() + START_SECONDS
        while True:
            try:
                return consumer.committed(partitions, timeout=_QUESTION)
            except KafkaException as error:
                if time.monotonic() >= until:
                    self._fault = OutageError(f"kafka: the offsets of the group cannot be read ({words(error)})")
                    return None

    def _revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Commit before the group gives partitions to another stream, and forget what was not given out of them."""
        del consumer
        self._commit()
        self._leave(partitions)

    def _leave(self, partitions: list[TopicPartition]) -> None:
        """Forget partitions; where they come back, they go on from here."""
        gone = {partition.partition for partition in partitions}
        self._waiting = deque(item for item in self._waiting if item[0] not in gone)
        for number in gone:
            if number in self._next:
                self._start[str(number)] = self._next.pop(number)
        if self._assigned is not None:
            self._assigned -= gone

    def _lose(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Take note that others may have the partitions already: what was not committed is theirs."""
        del consumer, partitions
        self._fault = OutageError(
            "kafka: the group has given the partitions to others, for it heard nothing for too long"
        )

    def renew(self, dialect: Dialect) -> None:
        """Read other fields from the next chunk on."""
        self._framer.renew(dialect)

    def read(self, wait: float) -> Iterator[Chunk] | None:
        """Return messages of one partition, or None."""
        if not self._waiting and not self._stopped:
            self._poll(wait)
        if self._fault is not None:
            raise self._fault
        if not self._waiting:
            return None
        return iter([self._chunk(*self._waiting.popleft())])

    def _chunk(self, partition: int, messages: list[Message]) -> Chunk:
        offsets = [cast("int", message.offset()) for message in messages]
        self._next[partition] = offsets[-1] + 1
        values = [message.value() or b"" for message in messages]
        return self._framer.chunk(
            Messages(values, [offset + 1 for offset in offsets], offsets, f"{self.name}/{partition}")
        )

    def _poll(self, wait: float) -> None:
        """Take what has come, by partition; a message that comes alone does not wait for others."""
        found: dict[int, list[Message]] = {}
        for message in self._come(wait):
            partition = cast("int", message.partition())  # only a message that was made by hand has none
            if (error := message.error()) is not None:
                self._heed(error, partition)
            elif self._assigned and partition in self._assigned:
                found.setdefault(partition, []).append(message)
        self._waiting.extend(found.items())

    def _come(self, wait: float) -> list[Message]:
        """Return what has come; a client that can do nothing more may raise that, too, instead of telling it."""
        from confluent_kafka import KafkaException

        try:
            first = self._consumer.poll(wait)
            return [] if first is None else [first, *self._consumer.consume(MOST_RECORDS - 1, 0)]
        except KafkaException as error:
            self._fault = SourceError(f"kafka: {self.name} cannot be read any more ({words(error)})")
            return []

    def _heed(self, error: KafkaError, partition: int) -> None:
        """Take note of what the client tells instead of a message: only some of it keeps a stream from going on."""
        from confluent_kafka import KafkaError

        code = error.code()
        if code == KafkaError._PARTITION_EOF:  # noqa: SLF001 - so the client calls it
            self._complete.add(partition)
        elif code == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001
            self._fault = SourceError(
                f"kafka: what comes next in partition {partition} of {self.name} was deleted before it was read, so "
                "events are missing; to go on without them, begin with another group"
            )
        elif code == KafkaError._FATAL:  # noqa: SLF001
            self._fault = SourceError(f"kafka: {self.name} cannot be read any more: {error.str()}")
        elif code in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.TOPIC_AUTHORIZATION_FAILED):
            self._fault = SourceError(f"kafka: {self.name} cannot be read ({words(error)})")

    def finish(self) -> Iterator[Chunk]:
        """Yield nothing: a message is never begun."""
        return iter(())

    @property
    def ended(self) -> bool:
        """Whether it was stopped, or is at the end of every partition and not followed, and all was given out."""
        at_end = self._until_end and self._assigned is not None and self._complete >= self._assigned
        return (self._stopped or at_end) and not self._waiting

    def stop(self) -> None:
        """Read no more; what the client has read ahead is not given out, and stays in the topic."""
        self._stopped = True
        self._waiting.clear()

    def place(self) -> dict[str, int]:
        """Return the offset behind what was given out, by partition."""
        return self._start | {str(number): offset for number, offset in sorted(self._next.items())}

    def confirm(self) -> None:
        """Commit the offsets to the group, unless a transaction has done it.

        What fails is told again with the next ones: what counts for this stream stands in its checkpoint.
        """
        if not self._confirms or self._next == self._confirmed:
            return
        from confluent_kafka import KafkaException

        with suppress(KafkaException):
            self._consumer.commit(offsets=self._offsets(), asynchronous=True)
            self._confirmed = dict(self._next)

    def _offsets(self) -> list[TopicPartition]:
        from confluent_kafka import TopicPartition

        return [TopicPartition(self.name, number, offset) for number, offset in self._next.items()]

    def reached(self) -> tuple[list[TopicPartition], Any]:
        """Return the offsets that a transaction commits, and the group for which it does."""
        return self._offsets(), self._consumer.consumer_group_metadata()

    def close(self) -> None:
        """Disconnect; nothing is committed."""
        self._commit = lambda: None
        leave(self._consumer.close)
