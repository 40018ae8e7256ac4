"""Streams between topics of a real Kafka: doors, places, kills, and a reader of committed messages as the oracle."""

from __future__ import annotations

import json
import random
import signal
import time
from itertools import count
from pathlib import Path

import pytest

from brokers.kafka import Kafka
from brokers.traffic import DEDUPE, EVENTS, KILLS, SPEC, doors_of, ended, made, stream

pytestmark = pytest.mark.brokers
_NAMES = count()


class Line:
    """Three topics, and a stream from the first to the others."""

    def __init__(self, kafka: Kafka, folder: Path, spec: str = SPEC) -> None:
        (folder / "spec.yaml").write_text(spec)
        self.kafka, self.folder = kafka, folder
        name = f"t{next(_NAMES)}"
        self.source, self.accepted, self.refused = (kafka.topic(f"{name}.{part}") for part in ("in", "out", "dead"))
        self.origin = f"kafka://{kafka.hosts}/{self.source}?group={name}"
        self.targets = [f"kafka://{kafka.hosts}/{topic}" for topic in (self.accepted, self.refused)]

    def stream(self, *more: str, code: str = ""):
        """Start the stream."""
        return stream(self.folder, self.origin, *self.targets, *more, code=code)

    def doors(self):
        """Return what a reader of committed messages finds."""
        return doors_of(self.kafka.committed(self.accepted), self.kafka.committed(self.refused))


@pytest.fixture
def line(kafka: Kafka, tmp_path: Path) -> Line:
    return Line(kafka, tmp_path)


def test_every_message_leaves_by_one_door_and_has_its_place(line: Line) -> None:
    line.kafka.send(line.source, [b'{"id":"A","n":1}', b"", b'{\n "id": "b"\n}', b'{"id":"c","n":901}'], [b"k"] * 4)
    ended(line.stream("--until-end"), line.folder)
    assert sorted(line.kafka.committed(line.accepted)) == [b'{"id":"a","n":1}', b'{"id":"b","n":null}']
    head, *records = map(json.loads, line.kafka.committed(line.refused))
    assert head["source"].startswith(f"{line.source}/")
    found = {(record["source"], record["record"], record["offset"]): record["reasons"][0]["code"] for record in records}
    assert found == {(head["source"], 2, 1): "unreadable.malformed", (head["source"], 4, 3): "maximum"}


def killed(line: Line, kills: int, *more: str) -> None:
    """Kill the stream at random moments, and let the last one end."""
    chance = random.Random(5)
    for _ in range(kills):
        process = line.stream("--until-end", *more)
        time.sleep(1 + chance.random() * 2)
        process.send_signal(signal.SIGKILL)
        process.wait()
    ended(line.stream("--until-end", *more), line.folder)


def test_nothing_is_missing_and_nothing_doubled(line: Line) -> None:
    events, keys, expected = made(EVENTS)
    line.kafka.send(line.source, events, keys)
    killed(line, KILLS)
    assert line.doors() == (expected, [])


def test_repeated_events_are_found_exactly_across_kills(kafka: Kafka, tmp_path: Path) -> None:
    line = Line(kafka, tmp_path, SPEC + DEDUPE)
    events, keys, expected = made(EVENTS, repeats=True)
    kafka.send(line.source, events, keys)
    killed(line, KILLS, "--checkpoint", "memory")
    assert line.doors() == (expected, [])
