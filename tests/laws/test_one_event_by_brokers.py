"""One event, one outcome: what a batch says of an event, Kafka and Redis say of it, to the byte."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
from brokers.kafka import Kafka
from brokers.redis_server import Redis
from every_step import ALONE, NOW, plan_in
from golden.stories import STORIES
from test_one_event import EVENTS, ROOT, batch_says, event_says, generated, raw_records

import dq
from dq.engines.bearing import Bearing
from dq.engines.ends import Ends
from dq.engines.events import EventJudge
from dq.engines.stream import StreamRun
from dq.sinks.checkpoint import Checkpoint

pytestmark = pytest.mark.brokers
Lines = list[bytes]
_NAMES = count()


def streamed(plan: dq.Plan, state: dq.State | None, now: datetime, ends: Ends) -> None:
    """Run a stream from a broker to a broker, at one moment."""
    memory = Checkpoint(None)
    judge = EventJudge(plan.compiled, plan.fitted(state) or {}, memory)
    with ends.opened(memory, print) as opened:
        bearing = Bearing(judge, judge.stream_source())
        StreamRun(bearing, opened.events, opened.outlets, memory, progress=opened.progress, clock=lambda: now).run()


def told(lines: Lines, accepted: Lines, refused: Lines) -> list[tuple[Any, ...]]:
    """Return door, canonical bytes and reasons of each event, by what stands at the ends."""
    letters = [one for one in map(orjson.loads, refused) if "record" in one]
    assert [lines[one["record"] - 1].decode() for one in letters] == [one["raw"] for one in letters]
    found = {one["record"]: (one.get("outcome", "quarantined"), None, one["reasons"]) for one in letters}
    texts = iter(accepted)
    everything = [found.get(number) or ("accepted", next(texts), []) for number in range(1, len(lines) + 1)]
    assert next(texts, None) is None
    return everything


def held(plan: dq.Plan, lines: Lines, state: dq.State | None, kafka: Kafka, redis: Redis) -> int:
    """Hold what brokers say to the batch; return how many events were accepted."""
    expected = batch_says(plan, lines, state, NOW)
    assert [event_says(plan, line, state, NOW) for line in lines[:200]] == expected[:200]
    name = f"p{next(_NAMES)}"
    topics = [kafka.topic(f"{name}.{part}", partitions=1) for part in ("in", "out", "dead")]
    brokers = (
        (f"kafka://{kafka.hosts}", kafka.send, kafka.committed),
        (f"redis://{redis.host}/0", redis.send, redis.entries),
    )
    for at, send, read in brokers:
        send(topics[0], lines)
        source, accepted, refused = (f"{at}/{topic}" for topic in topics)
        streamed(plan, state, NOW, Ends(f"{source}?group={name}", accepted, refused, None, until_end=True))
        assert told(lines, read(topics[1]), read(topics[2])) == expected
    return sum(door == "accepted" for door, *_ in expected)


def test_generated_records(kafka: Kafka, redis: Redis, tmp_path: Path) -> None:
    plan = plan_in(tmp_path, ALONE)
    state = plan.fit([line for line in generated(400, seed=4) if line.endswith(b"}")], now=NOW)
    assert 0 < held(plan, generated(EVENTS, seed=3), state, kafka, redis) < EVENTS


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_records_of_an_example(story: Any, kafka: Kafka, redis: Redis) -> None:
    folder = ROOT / "examples" / story.name
    plan = dq.load(folder / story.spec)
    lines = [line for name in story.inputs for line in raw_records(folder / name) if line.strip()][:EVENTS]
    state = plan.fit(lines, now=NOW) if plan.compiled.learns else None
    held(plan, lines, state, kafka, redis)
