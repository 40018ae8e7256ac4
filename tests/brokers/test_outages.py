"""Brokers that go away and come back: nothing is lost, nothing is doubled, nothing grows, and nobody lends a hand."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from traffic import DEDUPE, EVENTS, OUTAGES, SPEC, doors_of, ended, killed_at_last, made

from brokers.kafka import Kafka, until
from brokers.kafka_line import Line

pytestmark = pytest.mark.brokers


def memory(process) -> int:
    """Return how many bytes of memory a process has."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def test_kills_of_the_broker_are_outlasted(kafka: Kafka, tmp_path: Path) -> None:
    line = Line(kafka, tmp_path, SPEC + DEDUPE)
    events, keys, expected = made(EVENTS, repeats=True)
    share = -(-len(events) // (OUTAGES + 1))
    with killed_at_last(line.stream("--checkpoint", "memory")) as process:
        for first in range(0, len(events), share):
            before = kafka.progress(line.group, line.source)
            kafka.send(line.source, events[first : first + share], keys[first : first + share])
            until(lambda before=before: kafka.progress(line.group, line.source) > before, 120)
            if first + share < len(events):
                kafka.kill()
                time.sleep(2)
                kafka.start()
        until(lambda: kafka.progress(line.group, line.source) == len(events), 180)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert line.doors() == (expected, [])


def test_while_the_broker_is_away_memory_does_not_grow(kafka: Kafka, tmp_path: Path) -> None:
    line = Line(kafka, tmp_path)
    count = 600_000
    with (tmp_path / "in.jsonl").open("w") as file:
        file.writelines(f'{{"id":"{number:0>300}","n":1}}\n' for number in range(count))
    size = (tmp_path / "in.jsonl").stat().st_size
    line.origin = "in.jsonl"
    with killed_at_last(line.stream("--until-end", "--checkpoint", "memory")) as process:
        until(lambda: kafka.committed(line.accepted))
        kafka.kill()
        time.sleep(4)
        before = memory(process)
        time.sleep(4)
        grown = memory(process) - before
        kafka.start()
        assert process.wait(240) == 0
    assert grown < size / 10, "the file is not read any further"
    accepted = kafka.committed(line.accepted)
    assert (len(accepted), len(set(accepted)), kafka.committed(line.refused)[1:]) == (count, count, [])


@pytest.mark.parametrize(("into", "away"), [("topics", "dead"), ("files", "dead"), ("topics", "frozen")])
def test_a_stream_whose_broker_is_away_is_ended_soon(kafka: Kafka, tmp_path: Path, into: str, away: str) -> None:
    """Five seconds are promised; the test leaves a busy machine a few more.  An outage lasted longer than that."""
    line = Line(kafka, tmp_path, SPEC + DEDUPE)
    if into == "files":
        line.targets = ["out.jsonl", "dead.jsonl"]
    events, keys, expected = made(20_000, repeats=True)
    kafka.send(line.source, events, keys)
    with killed_at_last(line.stream("--checkpoint", "memory")) as process:
        until(lambda: kafka.progress(line.group, line.source) > 0)
        with kafka.away(frozen=away == "frozen"):
            time.sleep(1)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) in {0, 3}, "3 where something was left to write"
            took = time.monotonic() - begun
    assert took < 9
    (tmp_path / "stderr").unlink()
    ended(line.stream("--until-end", "--checkpoint", "memory"), tmp_path)
    files = [(tmp_path / name).read_bytes().splitlines() for name in line.targets] if into == "files" else None
    assert (doors_of(*files) if files else line.doors()) == (expected, [])


def test_a_stream_that_has_nothing_to_write_ends_well_without_a_broker(line: Line) -> None:
    events, keys, expected = made(300)
    line.kafka.send(line.source, events, keys)
    with killed_at_last(line.stream()) as process:
        until(lambda: line.kafka.progress(line.group, line.source) == len(events))
        with line.kafka.away(frozen=True):
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
    assert line.doors() == (expected, [])


def test_a_stream_that_finds_no_broker_ends_at_once(line: Line) -> None:
    line.origin = line.origin.replace(line.kafka.hosts, "127.0.0.1:1")
    process = line.stream("--until-end")
    assert process.wait(60) == 3
    assert "no broker of 127.0.0.1:1 answers" in (line.folder / "stderr").read_text()


def test_a_topic_that_is_not_there_is_named(line: Line) -> None:
    line.targets[0] += "x"
    process = line.stream("--until-end")
    assert process.wait(60) == 3
    assert f"there is no topic {line.accepted}x" in (line.folder / "stderr").read_text()
