"""What went wrong with a transaction is what went wrong first, not what fell with it."""

from __future__ import annotations

import pytest

from dq.errors import OutageError, SinkError
from dq.sinks.kafka import KafkaTransaction

confluent_kafka = pytest.importorskip("confluent_kafka")
KafkaError = confluent_kafka.KafkaError


class Client:
    """A client that tells, look by look, what became of messages."""

    def __init__(self, told):
        self.told = list(told)

    def poll(self, _seconds):
        if self.told:
            self.told.pop(0)()


class Message:
    def topic(self):
        return "dead"


def transaction(*faults):
    """Return a transaction whose client tells of these faults, one at each look."""
    made = object.__new__(KafkaTransaction)
    made.hosts, made._fault, made._refused = "broker:1", None, "out"
    made._producer = Client([lambda code=code: made._delivered(KafkaError(code), Message()) for code in faults])
    return made


@pytest.mark.parametrize("before", [(), ("_PURGE_QUEUE",), ("_PURGE_INFLIGHT", "_PURGE_QUEUE")])
def test_a_message_that_is_too_large_is_named_though_others_fell_before_it_was_told(before):
    made = transaction(*(getattr(KafkaError, name) for name in before), KafkaError.MSG_SIZE_TOO_LARGE)
    error = made._broken(KafkaError(KafkaError._PURGE_QUEUE))
    assert isinstance(error, SinkError)
    assert "larger than the topic dead of broker:1 takes; raise its max.message.bytes" in str(error)


def test_where_only_what_fell_is_told_the_stream_begins_again():
    error = transaction(KafkaError._PURGE_QUEUE)._broken(KafkaError(KafkaError._PURGE_QUEUE))
    assert isinstance(error, OutageError)


def fenced():
    """Raise what the client raises, once, when another one has its name."""
    raise confluent_kafka.KafkaException(KafkaError(KafkaError._FENCED, fatal=True))


@pytest.mark.parametrize("before", [(), ("_PURGE_QUEUE",)])
def test_a_client_that_raises_at_a_look_has_told_what_went_wrong(before):
    made = transaction(*(getattr(KafkaError, name) for name in before))
    made._producer.told.append(fenced)
    error = made._broken(KafkaError(KafkaError._PURGE_QUEUE))
    assert isinstance(error, SinkError)
    assert "another stream has taken the place of this one" in str(error)


def test_what_a_call_says_counts_more_than_what_fell_with_it():
    error = transaction(KafkaError._PURGE_QUEUE)._broken(KafkaError(KafkaError.FENCED_INSTANCE_ID))
    assert isinstance(error, SinkError)
    assert "another stream has taken the place of this one" in str(error)
