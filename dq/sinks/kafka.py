"""Topics of Kafka as targets of a stream: each line is a message, and what lies between two commits is a transaction.

Whoever reads with `isolation.level=read_committed` sees a line once, however often the stream is killed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

from dq.brokers.address import Option
from dq.brokers.kafka import (
    CLOSE_SECONDS,
    START_SECONDS,
    Complaints,
    KafkaAddress,
    client_of,
    heeding,
    leave,
    need_topic,
    parse_kafka,
    words,
)
from dq.errors import OutageError, SinkError

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message, Producer, TopicPartition

OPTIONS = {"key": Option(), "config": Option()}
_PATIENCE = 5.0  # seconds that one call may take
_HUNG = 8.0  # seconds after which one does not come back: librdkafka 5456, calls may hang when a broker comes back
_STEP = 0.05  # seconds between two looks at what waits
_TELLING = 1.0  # seconds in which the client tells what went wrong, after what fell with it
_WAITING = 65_536  # KiB that wait for the broker
_LARGEST = 48 << 20  # bytes of a message that the client lets through; below that the broker decides

Reached = Callable[[], tuple[list["TopicPartition"], Any]]
"""Tells the offsets that the source has reached, and the group for which they are committed."""


def write_address(text: str) -> KafkaAddress:
    """Return the address of a topic to write to.  UsageError."""
    return parse_kafka(text, OPTIONS)


class KafkaTransaction:
    """What is written to the topics of one cluster between two commits."""

    def __init__(self, place: KafkaAddress, identity: str, said: Callable[[str], None]) -> None:
        """Connect, and end what an earlier stream of this identity has left open.  OutageError, SinkError."""
        from confluent_kafka import Consumer, Producer

        self.hosts = place.hosts
        self._place = place
        self._reached: Reached | None = None
        settings = {
            "transactional.id": identity,
            "queue.buffering.max.kbytes": _WAITING,
            "message.max.bytes": _LARGEST,
            "linger.ms": 5,
        }
        self._complaints = Complaints(place.hosts, said)
        self._producer: Producer = client_of(Producer, place, settings, self._complaints)
        counting = {"group.id": identity, "enable.auto.commit": False}
        self._counter: Consumer = client_of(Consumer, place, counting, self._complaints)
        self._open = self._hung = False
        self._fault: KafkaError | None = None
        self._refused = place.topic  # to which a message was not taken
        need_topic(self._producer, place, self._complaints)
        self._call(lambda: self._producer.init_transactions(_PATIENCE), tries=int(START_SECONDS / _PATIENCE))

    def follow(self, reached: Reached) -> None:
        """Commit the offsets of a source of the same cluster together with what is written."""
        self._reached = reached

    def need_topic(self, place: KafkaAddress) -> None:
        """Raise SinkError where another topic of the transaction is not there."""
        need_topic(self._producer, place, self._complaints)

    def _call(self, action: Callable[[], object], tries: int | None = None) -> None:
        """Do what may have to be repeated until the broker answers, for ever or so often; signals come in between.

        What does not come back is given up, with this producer: the next one under its name fences it.
        """
        waited = 0
        while True:
            error = self._tried(action)
            if error is None:
                return
            if not error.retriable() or waited == tries:
                raise self._broken(error)
            waited += 1

    def _tried(self, action: Callable[[], object]) -> KafkaError | None:
        """Do something, and return what the client says went wrong.  OutageError where it does not come back."""
        from confluent_kafka import KafkaException

        try:
            heeding(action, _HUNG)
        except TimeoutError as error:
            self._hung = True
            raise OutageError(f"kafka: {self.hosts} does not answer") from error
        except KafkaException as error:
            fault: KafkaError = error.args[0]
            return fault
        return None

    def _broken(self, error: KafkaError) -> OutageError | SinkError:
        """Return what to raise: whether the stream may begin again."""
        from confluent_kafka import KafkaError

        cause = self._cause(error)
        if cause.code() in (
            KafkaError._FENCED,  # noqa: SLF001 - so the client calls it
            KafkaError.PRODUCER_FENCED,
            KafkaError.INVALID_PRODUCER_EPOCH,
            KafkaError.FENCED_INSTANCE_ID,  # as the source: offsets are committed for it, too
        ):
            return SinkError("kafka: another stream has taken the place of this one, which ends")
        if cause.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            return SinkError(
                f"kafka: a message is larger than the topic {self._refused} of {self.hosts} takes; raise its "
                "max.message.bytes and start the stream again, which judges the event again: none is lost"
            )
        if cause.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            return SinkError(f"kafka: {self.hosts} does not let the stream write to the topic {self._refused}")
        return OutageError(f"kafka: the transaction with {self.hosts} came to nothing ({words(cause)})")

    def _cause(self, error: KafkaError) -> KafkaError:
        """Return what went wrong first: only now the client tells which message was refused, and which fell with it."""
        until = time.monotonic() + _TELLING
        self._look(0)
        while _is_consequence(self._fault or error) and time.monotonic() < until:
            self._look(_STEP)
        if self._fault is None or _is_consequence(self._fault):
            return error
        return self._fault

    def _look(self, seconds: float) -> None:
        """Hear what became of messages; that the client can do nothing more, it raises here, and only once."""
        from confluent_kafka import KafkaException

        try:
            self._producer.poll(seconds)
        except KafkaException as error:
            self._note(error.args[0])

    def _note(self, error: KafkaError) -> bool:
        """Remember the first reason for which messages are not taken, and return whether this is it."""
        first = self._fault is None or _is_consequence(self._fault)
        if first:
            self._fault = error
        return first

    def write(self, topic: str, value: bytes, key: bytes | None) -> None:
        """Write a message; while too many wait for the broker, wait for them.  OutageError, SinkError."""
        from confluent_kafka import KafkaException

        self._begin()
        while True:
            try:
                self._producer.produce(topic, value, key, on_delivery=self._delivered)
            except BufferError:
                self._look(_STEP)
                self._need_sound()
            except KafkaException as error:
                self._refused = topic
                raise self._broken(error.args[0]) from error
            else:
                return

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        """Take note of a message that was not taken: the transaction is lost then."""
        if error is not None and self._note(error):
            self._refused = message.topic() or self._refused

    def _need_sound(self) -> None:
        if self._fault is not None:
            raise self._broken(self._fault)

    def _begin(self) -> None:
        if not self._open:
            self._call(self._producer.begin_transaction)
            self._open = True

    def serve(self) -> None:
        """Hear what became of messages."""
        self._look(0)
        self._need_sound()

    def last(self) -> int | None:
        """Return the number of the last commit under this identity: it stands as an offset of a group of that name."""
        from confluent_kafka import KafkaException, TopicPartition

        asked = [TopicPartition(self._place.topic, 0)]
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                [found] = heeding(lambda: self._counter.committed(asked, timeout=START_SECONDS), 2 * START_SECONDS)
            except TimeoutError as error:
                raise OutageError(f"kafka: {self.hosts} does not answer") from error
            except KafkaException as error:  # a broker that has just begun does not know its groups yet
                if time.monotonic() >= until:
                    raise self._broken(error.args[0]) from error
                time.sleep(_STEP)
            else:
                return int(found.offset) if found.offset >= 0 else None

    def commit(self, number: int) -> None:
        """Make visible what was written, and with it the number of the commit and the offsets of the source."""
        from confluent_kafka import TopicPartition

        self._begin()
        if self._reached is not None:
            self._send(*self._reached())
        self._send([TopicPartition(self._place.topic, 0, number)], self._counter.consumer_group_metadata())
        self._call(lambda: self._producer.commit_transaction(_PATIENCE))
        self._open = False

    def _send(self, offsets: list[TopicPartition], group: Any) -> None:
        """Make offsets of a group part of the transaction."""
        self._call(lambda: self._producer.send_offsets_to_transaction(offsets, group, _PATIENCE))

    def close(self) -> None:
        """Give up what is open: nobody who reads what is committed will see it."""
        if not self._hung:
            leave(self._leave)

    def _leave(self) -> None:
        from confluent_kafka import KafkaException

        if self._open:
            with suppress(KafkaException):
                self._producer.purge()
                self._producer.abort_transaction(CLOSE_SECONDS / 2)
        self._counter.close()


def _is_consequence(error: KafkaError) -> bool:
    """Whether a message was not taken only because another one of its transaction was not."""
    from confluent_kafka import KafkaError

    return error.code() in (KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT)  # noqa: SLF001


class KafkaTopic:
    """A topic to which lines are written, as a target of a stream."""

    def __init__(self, place: KafkaAddress, transaction: KafkaTransaction) -> None:
        """Write by a transaction of the topic's cluster.  SourceError where the topic is not there."""
        self.name = place.address.name
        self.length = 0  # bytes that were written
        self._topic, self._key, self._transaction = place.topic, place.address.options["key"], transaction
        transaction.need_topic(place)

    def write(self, data: bytes) -> None:
        """Write whole lines, each as a message without its line end."""
        for line in data[:-1].split(b"\n"):
            self._transaction.write(self._topic, line, self._key_of(line))
        self._transaction.serve()
        self.length += len(data)

    def _key_of(self, line: bytes) -> bytes | None:
        """Return the text of the field that is the key of messages, None where there is none."""
        if not self._key:
            return None
        value = orjson.loads(line).get(self._key)
        if value is None:
            return None
        return value.encode() if isinstance(value, str) else orjson.dumps(value)

    def sync(self) -> int:
        """Return how much was written: it is durable when the transaction is committed."""
        return self.length

    def close(self) -> None:
        """Leave the transaction to its owner."""
