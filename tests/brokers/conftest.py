"""Brokers that live as long as the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from brokers.kafka import Kafka
from brokers.kafka_line import Line
from brokers.redis_server import Redis


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Return a broker of Kafka."""
    broker = Kafka(tmp_path_factory.mktemp("kafka"))
    yield broker
    broker.kill()


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """Return a server of Redis."""
    server = Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture
def line(kafka: Kafka, tmp_path: Path) -> Line:
    """Return new topics, and a stream between them."""
    return Line(kafka, tmp_path)
