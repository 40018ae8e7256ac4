"""Brokers that live as long as the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from brokers.kafka import Kafka


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Return a broker of Kafka."""
    broker = Kafka(tmp_path_factory.mktemp("kafka"))
    yield broker
    broker.kill()
