"""Brokers behind TLS, for whoever has the password: settings stand in a file, and what is in it is told nowhere."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from traffic import DEDUPE, SPEC, doors_of, ended, made, stream

from brokers.certificates import made as made_certificates
from brokers.kafka import Kafka
from brokers.kafka_line import Line
from brokers.redis_server import Redis

pytestmark = pytest.mark.brokers
PASSWORD = "tell-nobody"
FAULTS = {
    "another authority": ("TLS", {"ca": "other.pem"}),
    "another password": ("does not let the stream in", {"password": "tell-nobody-else"}),
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_certificates(tmp_path_factory.mktemp("tls") / "made")


@pytest.fixture(scope="module")
def secure_kafka(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Kafka]:
    broker = Kafka(tmp_path_factory.mktemp("secure"), certificates, PASSWORD)
    yield broker
    broker.kill()


@pytest.fixture(scope="module")
def secure_redis(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Redis]:
    server = Redis(tmp_path_factory.mktemp("secure"), certificates, PASSWORD)
    yield server
    server.kill()


def kafka_settings(folder: Path, certificates: Path, ca: str = "ca.pem", password: str = PASSWORD) -> str:
    (folder / "settings").write_text(
        "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\nsasl.username=dq\n"
        f"sasl.password={password}\nssl.ca.location={certificates / ca}\n"
    )
    return "config=settings"


def redis_settings(folder: Path, certificates: Path, ca: str = "ca.pem", password: str = PASSWORD) -> str:
    (folder / "settings").write_text(f"password={password}\nssl=true\nssl_ca_certs={certificates / ca}\n")
    return "config=settings"


def secure_line(kafka: Kafka, folder: Path, settings: str) -> Line:
    line = Line(kafka, folder, SPEC + DEDUPE)
    line.origin = line.origin.replace(kafka.hosts, kafka.secure) + f"&{settings}"
    line.targets = [f"{target.replace(kafka.hosts, kafka.secure)}?{settings}" for target in line.targets]
    return line


def told_nowhere(folder: Path) -> None:
    """Assert that no file which the stream has written has the password in it."""
    for path in folder.rglob("*"):
        assert path.name == "settings" or not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path


WATCHED = ("--until-end", "--checkpoint", "memory", "--report", "day.json", "--metrics", "metrics")


def test_topics_behind_tls_and_a_password(secure_kafka: Kafka, certificates: Path, tmp_path: Path) -> None:
    line = secure_line(secure_kafka, tmp_path, kafka_settings(tmp_path, certificates))
    events, keys, expected = made(1000, repeats=True)
    secure_kafka.send(line.source, events, keys)
    ended(line.stream(*WATCHED), tmp_path)
    assert line.doors() == (expected, [])
    told_nowhere(tmp_path)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_keeps_a_stream_from_topics_is_said(
    secure_kafka: Kafka, certificates: Path, tmp_path: Path, fault: str
) -> None:
    words, wrong = FAULTS[fault]
    line = secure_line(secure_kafka, tmp_path, kafka_settings(tmp_path, certificates, **wrong))
    refused(line.stream(*WATCHED), tmp_path, f"{secure_kafka.secure}", words)


def redis_stream(redis: Redis, folder: Path, settings: str, scheme: str = "redis") -> subprocess.Popen[str]:
    (folder / "spec.yaml").write_text(SPEC + DEDUPE)
    places = [f"{scheme}://{redis.host}/0/{folder.name}.{part}?{settings}" for part in ("in", "out", "dead")]
    return stream(folder, f"{places[0]}&group=g", *places[1:], *WATCHED)


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_streams_of_redis_behind_tls_and_a_password(
    secure_redis: Redis, certificates: Path, tmp_path: Path, scheme: str
) -> None:
    events, _, expected = made(500, repeats=True)
    secure_redis.send(f"{tmp_path.name}.in", events)
    settings = redis_settings(tmp_path, certificates)
    if scheme == "rediss":
        (tmp_path / "settings").write_text((tmp_path / "settings").read_text().replace("ssl=true\n", ""))
    ended(redis_stream(secure_redis, tmp_path, settings, scheme), tmp_path)
    accepted, refused = (secure_redis.entries(f"{tmp_path.name}.{part}") for part in ("out", "dead"))
    assert doors_of(accepted, refused) == (expected, [])
    told_nowhere(tmp_path)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_keeps_a_stream_from_redis_is_said(
    secure_redis: Redis, certificates: Path, tmp_path: Path, fault: str
) -> None:
    words, wrong = FAULTS[fault]
    settings = redis_settings(tmp_path, certificates, **wrong)
    refused(redis_stream(secure_redis, tmp_path, settings), tmp_path, secure_redis.host, words)


def refused(process: subprocess.Popen[str], folder: Path, *words: str) -> None:
    """Assert that a stream ends, that it says why, and that it says no secret."""
    assert process.wait(60) == 3
    said = (folder / "stderr").read_text()
    assert [word for word in words if word not in said] == [], said
    told_nowhere(folder)
