"""Streams between streams of a real Redis: doors, names, pending entries, kills."""

from __future__ import annotations

import json
import random
import signal
import time
from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from traffic import EVENTS, KILLS, SPEC, doors_of, ended, made, stream

from brokers.kafka import until
from brokers.redis_server import Redis

pytestmark = pytest.mark.brokers
_NAMES = count()


class Line:
    """Three streams of Redis, and a stream from the first to the others."""

    def __init__(self, redis: Redis, folder: Path, spec: str = SPEC) -> None:
        (folder / "spec.yaml").write_text(spec)
        self.redis, self.folder = redis, folder
        name = f"s{next(_NAMES)}"
        self.source, self.accepted, self.refused = (f"{name}.{part}" for part in ("in", "out", "dead"))
        self.origin = f"redis://{redis.host}/{self.source}?group=g"
        self.targets = [f"redis://{redis.host}/0/{key}" for key in (self.accepted, self.refused)]

    def stream(self, *more: str, origin: str | None = None):
        """Start the stream."""
        return stream(self.folder, origin or self.origin, *self.targets, *more)

    def ends(self) -> tuple[list[bytes], list[bytes]]:
        return self.redis.entries(self.accepted), self.redis.entries(self.refused)

    def pending(self) -> int:
        return int(self.redis.client.xpending(self.source, "g")["pending"])


@pytest.fixture
def line(redis: Redis, tmp_path: Path) -> Line:
    return Line(redis, tmp_path)


def test_every_entry_leaves_by_one_door_and_has_its_name(line: Line) -> None:
    client = line.redis.client
    client.xadd(line.source, {"event": '{"id":"A","n":1}'}, "5-1")
    client.xadd(line.source, {"event": '{"id":"b","n":901}'}, "5-2")
    client.xadd(line.source, {"other": '{"id":"c"}'}, "5-3")
    client.xadd(line.source, {"event": '{\n"id":"d"}', "other": "x"}, "5-4")
    ended(line.stream("--until-end"), line.folder)
    accepted, refused = line.ends()
    assert accepted == [b'{"id":"a","n":1}', b'{"id":"d","n":null}']
    head, *records = map(json.loads, refused)
    assert head["source"] == line.source
    assert [(one["id"], one["record"], one["reasons"][0]["code"], one["raw"]) for one in records] == [
        ("5-2", 2, "maximum", '{"id":"b","n":901}'),
        ("5-3", 3, "unreadable.malformed", '{"other":"{\\"id\\":\\"c\\"}"}'),
    ]
    assert line.pending() == 0


def test_what_others_have_left_pending_is_taken_over(line: Line) -> None:
    line.redis.client.xgroup_create(line.source, "g", "0", mkstream=True)
    line.redis.send(line.source, [b'{"id":"a"}', b'{"id":"b"}'])
    for consumer in ("0", "dead"):  # one is this stream before it was killed, one never comes back
        line.redis.client.xreadgroup("g", consumer, {line.source: ">"}, count=1)
    time.sleep(1.1)
    ended(line.stream("--until-end", origin=f"{line.origin}&idle=1"), line.folder)
    assert line.ends()[0] == [b'{"id":"a","n":null}', b'{"id":"b","n":null}']
    assert line.pending() == 0


def killed(line: Line, events: list[bytes]) -> None:
    """Kill the stream at random moments while events come, and let the last one end."""
    chance = random.Random(5)
    share = -(-len(events) // KILLS)
    for first in range(0, len(events), share):
        line.redis.send(line.source, events[first : first + share])
        before = line.redis.client.xlen(line.accepted)
        process = line.stream()
        until(lambda before=before: line.redis.client.xlen(line.accepted) > before)
        time.sleep(chance.random() * 0.15)
        process.send_signal(signal.SIGKILL)
        process.wait()
    ended(line.stream("--until-end"), line.folder)


def test_nothing_is_missing(line: Line) -> None:
    events, _, expected = made(EVENTS)
    killed(line, events)
    accepted, refused = (list(dict.fromkeys(lines)) for lines in line.ends())
    letters = Counter(json.loads(one).get("id") for one in refused)
    assert line.pending() == 0
    doors, _ = doors_of(accepted, [one for one in refused if letters[json.loads(one).get("id")] == 1])
    assert doors["accepted"] == expected["accepted"]
    assert len(letters) - 1 == expected["quarantined"] + expected["filtered"]


def test_a_restart_of_the_server_is_outlasted(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    line = Line(Redis(tmp_path_factory.mktemp("redis")), tmp_path)
    events, _, expected = made(1000)
    line.redis.send(line.source, events[:500])
    process = line.stream()
    try:
        until(lambda: line.redis.client.xlen(line.accepted) > 0 and line.pending() == 0)
        line.redis.kill()
        time.sleep(1)
        line.redis.start()
        line.redis.send(line.source, events[500:])
        until(lambda: line.redis.client.xlen(line.accepted) >= expected["accepted"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        doors, _ = doors_of(*line.ends())
    finally:
        process.kill()
        process.wait()
        line.redis.kill()
    assert "goes on behind its last commit" in (tmp_path / "stderr").read_text()
    assert doors["accepted"] == expected["accepted"]
