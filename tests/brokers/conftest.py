"""What tests of brokers share."""

from __future__ import annotations

from pathlib import Path

import pytest

from brokers.kafka import Kafka
from brokers.kafka_line import Line


@pytest.fixture
def line(kafka: Kafka, tmp_path: Path) -> Line:
    """Return new topics, and a stream between them."""
    return Line(kafka, tmp_path)
