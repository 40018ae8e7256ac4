"""Streams between topics of a real Kafka: doors, places, kills, and a reader of committed messages as the oracle."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from traffic import DEDUPE, EVENTS, KILLS, SPEC, doors_of, ended, made

from brokers.kafka import Kafka, until
from brokers.kafka_line import Line
from dq.errors import SinkError
from dq.sinks.kafka import KafkaTransaction, write_address

pytestmark = pytest.mark.brokers


def test_every_message_leaves_by_one_door_and_has_its_place(line: Line) -> None:
    line.kafka.send(line.source, [b'{"id":"A","n":1}', b"", b'{\n "id": "b"\n}', b'{"id":"c","n":901}'], [b"k"] * 4)
    ended(line.stream("--until-end"), line.folder)
    assert sorted(line.kafka.committed(line.accepted)) == [b'{"id":"a","n":1}', b'{"id":"b","n":null}']
    lines = [json.loads(line) for line in line.kafka.committed(line.refused)]  # a topic of several parts has no order
    [part] = [one["source"] for one in lines if "dialect" in one]
    assert part.startswith(f"{line.source}/")
    found = {
        (one["source"], one["record"], one["offset"]): one["reasons"][0]["code"] for one in lines if "record" in one
    }
    assert found == {(part, 2, 1): "unreadable.malformed", (part, 4, 3): "maximum"}


def test_messages_have_keys_and_the_report_counts_every_event(line: Line) -> None:
    events, _, expected = made(300)
    line.kafka.send(line.source, events)
    line.targets[0] += "?key=id"
    ended(line.stream("--until-end", "--report", "report.json"), line.folder)
    pairs = line.kafka.committed(line.accepted, lambda message: (message.key(), message.value()))
    keys = [key for key, _ in pairs]
    assert keys == [json.loads(value)["id"].encode() for _, value in pairs]
    records = json.loads((line.folder / "report.json").read_text())["records"]
    assert records["read"] == len(events) == sum(records[door] for door in ("accepted", "quarantined", "filtered"))
    assert records["accepted"] == expected["accepted"] == len(keys)


def killed(line: Line, events: list[bytes], keys: list[bytes], *more: str) -> None:
    """Kill the stream at random moments while events come, and let the last one end."""
    chance = random.Random(5)
    share = -(-len(events) // KILLS)
    for first in range(0, len(events), share):
        part = slice(first, first + share)
        line.kafka.send(line.source, events[part], keys[part])
        before = line.kafka.progress(line.group, line.source)
        process = line.stream(*more)
        until(lambda before=before: line.kafka.progress(line.group, line.source) > before)
        time.sleep(chance.random() * 0.15)
        process.send_signal(signal.SIGKILL)
        process.wait()
    ended(line.stream("--until-end", *more), line.folder)


def test_nothing_is_missing_and_nothing_doubled(line: Line) -> None:
    events, keys, expected = made(EVENTS)
    killed(line, events, keys)
    assert line.doors() == (expected, [])


def test_repeated_events_are_found_exactly_across_kills(kafka: Kafka, tmp_path: Path) -> None:
    line = Line(kafka, tmp_path, SPEC + DEDUPE)
    events, keys, expected = made(EVENTS, repeats=True)
    killed(line, events, keys, "--checkpoint", "memory")
    assert line.doors() == (expected, [])


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("letters", ["topic", "file"])
def test_a_stream_that_dies_around_its_transaction_doubles_nothing(
    kafka: Kafka, tmp_path: Path, before: bool, letters: str
) -> None:
    """Killed between the checkpoint and the transaction, or just behind it."""
    line = Line(kafka, tmp_path, SPEC + DEDUPE)
    if letters == "file":
        line.targets[1] = "dead.jsonl"
    events, keys, expected = made(1500, repeats=True)
    kafka.send(line.source, events, keys)
    dying = DYING.replace("BEFORE", str(before))
    more = ("--until-end", "--checkpoint", "memory")
    assert line.stream(*more, code=dying).wait(60) == 9
    assert (tmp_path / "died").exists()
    ended(line.stream(*more), tmp_path)
    refused = (
        kafka.committed(line.refused) if letters == "topic" else (tmp_path / "dead.jsonl").read_bytes().splitlines()
    )
    assert doors_of(kafka.committed(line.accepted), refused) == (expected, [])


def test_the_oracle_sees_a_commit_that_comes_too_soon(line: Line) -> None:
    """A defect that is planted: offsets are committed before the events are written."""
    events, keys, expected = made(3000)
    line.kafka.send(line.source, events, keys)
    assert line.stream("--until-end", code=EARLY).wait(60) == 9
    ended(line.stream("--until-end", code=EARLY), line.folder)
    assert line.doors()[0] != expected, "the oracle must see that events are missing"


DYING = """\
import os, pathlib
from dq.sinks.kafka import KafkaTransaction
commit = KafkaTransaction.commit
def dying(self, number):
    mortal = number > 1 and not pathlib.Path("died").exists()
    if not (mortal and BEFORE):
        commit(self, number)
    if mortal:
        pathlib.Path("died").touch()
        os._exit(9)
KafkaTransaction.commit = dying
"""
EARLY = """\
import os, pathlib
from dq.engines import stream
settle_all = stream.StreamRun._settle_all
def early(self, chunks):
    chunks = list(chunks)
    self._commit()
    if chunks and not pathlib.Path("died").exists():
        pathlib.Path("died").touch()
        os._exit(9)  # as if killed between the commit and the write
    settle_all(self, chunks)
stream.StreamRun._settle_all = early
"""


def test_offsets_of_a_stream_into_files_stand_in_its_checkpoint(line: Line) -> None:
    line.targets = ["out.jsonl", "dead.jsonl"]
    events, keys, expected = made(EVENTS)
    killed(line, events, keys, "--checkpoint", "memory")
    accepted, refused = ((line.folder / name).read_bytes().splitlines() for name in line.targets)
    assert doors_of(accepted, refused) == (expected, [])


def test_a_file_goes_into_topics_once(line: Line) -> None:
    events, _, expected = made(1500)
    (line.folder / "in.jsonl").write_bytes(b"\n".join(events) + b"\n")
    line.origin = "in.jsonl"
    more = ("--until-end", "--checkpoint", "memory")
    for before in (True, False):
        (line.folder / "died").unlink(missing_ok=True)
        assert line.stream(*more, code=DYING.replace("BEFORE", str(before))).wait(60) == 9
    ended(line.stream(*more), line.folder)
    assert line.doors() == (expected, [])


def test_streams_share_a_group(line: Line) -> None:
    (line.folder / "settings").write_text("session.timeout.ms=6000\n")  # how long a named member may be away
    line.origin += "&config=settings"
    events, keys, expected = made(3000)
    line.kafka.send(line.source, events[:1000], keys[:1000])
    first = line.stream()
    until(lambda: line.kafka.progress(line.group, line.source) >= 1000)
    alone, line.origin = line.origin, f"{line.origin}&instance=1"
    second = line.stream()
    try:
        until(lambda: line.kafka.members(line.group) == 2)
        line.kafka.send(line.source, events[1000:2000], keys[1000:2000])
        until(lambda: line.kafka.progress(line.group, line.source) >= 2000)
        for process in (first, second):
            process.send_signal(signal.SIGTERM)
            ended(process, line.folder)
    finally:
        first.kill()
        second.kill()
        first.wait()
        second.wait()
    line.kafka.send(line.source, events[2000:], keys[2000:])
    until(lambda: line.kafka.members(line.group) == 0)
    line.origin = alone
    ended(line.stream("--until-end"), line.folder)
    assert line.doors() == (expected, [])


def begin_again(transaction: KafkaTransaction, topic: str) -> None:
    transaction.write(topic, b"3", None)
    transaction.commit(2)


def write_on(transaction: KafkaTransaction, topic: str) -> None:
    until(lambda: transaction.write(topic, b"3", None) or transaction.serve())


@pytest.mark.parametrize(
    ("committed", "then"),
    [(False, lambda made, _: made.commit(1)), (True, begin_again), (False, write_on)],
    ids=["commit", "begin", "write"],
)
def test_a_transaction_whose_place_is_taken_ends(line: Line, committed: bool, then: Callable) -> None:
    place = write_address(line.targets[0])
    made = KafkaTransaction(place, line.group, print)
    made.write(line.accepted, b"1", None)
    if committed:
        made.commit(1)
    other = KafkaTransaction(place, line.group, print)
    with pytest.raises(SinkError, match="another stream has taken the place of this one"):
        then(made, line.accepted)
    other.write(line.accepted, b"2", None)
    other.commit(5)
    made.close()
    other.close()
    assert sorted(line.kafka.committed(line.accepted)) == ([b"1", b"2"] if committed else [b"2"])


def test_a_stream_takes_the_place_of_one_with_its_name(line: Line) -> None:
    events, keys, expected = made(2000)
    line.kafka.send(line.source, events[:1000], keys[:1000])
    first = line.stream()
    until(lambda: line.kafka.progress(line.group, line.source) >= 1000)
    second = line.stream()
    try:
        line.kafka.send(line.source, events[1000:], keys[1000:])
        assert first.wait(60) == 3
        said = (line.folder / "stderr").read_text()  # by the source or by the transaction, whichever finds it out first
        assert "cannot be read any more" in said or "another stream has taken the place of this one" in said
        until(lambda: line.kafka.progress(line.group, line.source) >= 2000)
        second.send_signal(signal.SIGTERM)
        assert second.wait(30) == 0
    finally:
        first.kill()
        second.kill()
        first.wait()
        second.wait()
    assert line.doors() == (expected, [])


@pytest.mark.parametrize("size", [6_000, 990_000], ids=["small", "at the limit of the source"])
def test_a_dead_letter_that_its_topic_does_not_take_ends_the_stream_and_loses_nothing(line: Line, size: int) -> None:
    large = json.dumps({"id": "a", "n": 901, "note": '"' * (size // 2)}).encode()
    line.kafka.send(line.source, [b'{"id":"b"}', large])
    if size < 100_000:
        line.kafka.limit(line.refused, 5_000)
    assert line.stream("--until-end").wait(60) == 3
    assert line.stream("--until-end").wait(60) == 3
    said = (line.folder / "stderr").read_text()
    assert said.count(f"larger than the topic {line.refused} ") == said.count("\n") == 2, said
    assert "max.message.bytes" in said
    doors, doubled = line.doors()  # the other event may have been read, and committed, before this one
    assert (doors["quarantined"], doubled) == (0, [])
    line.kafka.limit(line.refused, 4_000_000)
    (line.folder / "stderr").unlink()
    ended(line.stream("--until-end"), line.folder)
    assert line.doors() == ({"accepted": 1, "quarantined": 1}, [])
