"""A client that can do nothing more ends the stream, whether it tells so or raises it."""

from __future__ import annotations

from collections import deque

import pytest

from dq.errors import SourceError
from dq.sources.kafka import KafkaEvents

confluent_kafka = pytest.importorskip("confluent_kafka")


class Client:
    """A client that raises at a look, as for a stream whose place is taken."""

    def poll(self, _seconds):
        raise confluent_kafka.KafkaException(confluent_kafka.KafkaError(confluent_kafka.KafkaError._FATAL, fatal=True))


def test_what_a_client_raises_ends_the_stream_in_words():
    events = object.__new__(KafkaEvents)
    events.name, events._consumer = "in", Client()
    events._waiting, events._stopped, events._fault = deque(), False, None
    with pytest.raises(SourceError, match=r"in cannot be read any more \(_FATAL\)"):
        events.read(0)
