"""Fixtures and settings for every test."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from warm.programs import Warm, started

if TYPE_CHECKING:
    from brokers.kafka import Kafka
    from brokers.redis_server import Redis

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("long", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=2000)
settings.load_profile(os.environ.get("DQ_HYPOTHESIS", "default"))


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later search for cycles: it lives as long as the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data beside the repository; skip where it is absent."""
    folder = Path(os.environ.get("DQ_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"the folder of real data is absent: set DQ_SHARED or put it at {folder.name}/ beside the project")
    return folder


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """Start the process that forks for each command which a test calls as a shell does."""
    with started() as server:
        yield server


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Return a broker of Kafka that lives as long as the tests."""
    from brokers.kafka import Kafka

    broker = Kafka(tmp_path_factory.mktemp("kafka"))
    yield broker
    broker.kill()


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """Return a server of Redis that lives as long as the tests."""
    from brokers.redis_server import Redis

    server = Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()
