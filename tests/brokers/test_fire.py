"""Everything that can happen to a stream, in one history: it is killed, its broker is killed, and its disk is full.

The oracle is outside of the process: it knows by which door each event must leave.  The full measure is
`DQ_EVENTS=200000 DQ_KILLS=50 DQ_OUTAGES=5 DQ_DISKS=3`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from traffic import DEDUPE, EVENTS, KILLS, OUTAGES, SPEC, doors_of, ended, made, stream

from brokers.kafka import Kafka, until
from brokers.kafka_line import Line
from brokers.small_disk import SmallDisk, mounted

pytestmark = [pytest.mark.brokers, pytest.mark.faults]
DISKS = int(os.environ.get("DQ_DISKS", "2"))
SLICES = 8  # in which the events between two fires come, so that there is something to do all the time
NOTICED = 8  # seconds in which a stream notices that its disk is full, or does without room
PAUSE = 0.03  # seconds between two slices
MEGABYTES = 96


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with mounted(tmp_path / "small", MEGABYTES) as one:
        yield one


class FileLine:
    """A file that grows, and a stream from it into files."""

    def __init__(self, folder: Path, spec: str) -> None:
        (folder / "spec.yaml").write_text(spec)
        (folder / "in.jsonl").touch()
        self.folder, self.targets = folder, ["small/out.jsonl", "small/dead.jsonl"]

    def stream(self, *more: str, code: str = "") -> subprocess.Popen[str]:
        """Start the stream."""
        return stream(self.folder, "in.jsonl", *self.targets, *more, code=code)

    def send(self, events: list[bytes], keys: list[bytes]) -> None:
        """Append events."""
        del keys
        with (self.folder / "in.jsonl").open("ab") as file:
            file.write(b"".join(event + b"\n" for event in events))

    def progress(self) -> int:
        """Return a number that grows with what was written."""
        out = self.folder / self.targets[0]
        return out.stat().st_size if out.exists() else 0

    def doors(self) -> tuple[Counter[str], list[str]]:
        """Return by which doors the events have left."""
        return doors_of(*((self.folder / name).read_bytes().splitlines() for name in self.targets))


class TopicLine(Line):
    """A stream from a topic into topics, or into files."""

    def __init__(self, kafka: Kafka, folder: Path, spec: str, *, files: bool) -> None:
        super().__init__(kafka, folder, spec)
        self._files = FileLine(folder, spec) if files else None
        if self._files is not None:
            self.targets = self._files.targets

    def send(self, events: list[bytes], keys: list[bytes]) -> None:
        """Send events."""
        self.kafka.send(self.source, events, keys)

    def progress(self) -> int:
        """Return how many events are done."""
        return self.kafka.progress(self.group, self.source)

    def doors(self) -> tuple[Counter[str], list[str]]:
        """Return by which doors the events have left."""
        return super().doors() if self._files is None else self._files.doors()


class Campaign:
    """The history of one stream under fire."""

    def __init__(self, line: FileLine | TopicLine, disk: SmallDisk, code: str = "") -> None:
        self.line, self.disk, self._code = line, disk, code
        self._chance = random.Random(5)
        self._process = self._started()
        self.met: Counter[str] = Counter()

    def _started(self) -> subprocess.Popen[str]:
        return self.line.stream("--checkpoint", "small/memory", code=self._code)

    def _has_ended(self) -> bool:
        return self._process.poll() is not None

    def _said(self) -> str:
        return (self.line.folder / "stderr").read_text()

    def under(self, fires: list[str], events: list[bytes], keys: list[bytes]) -> None:
        """Let events come, and after each share of them what is said here happen."""
        slices = list(zip(_cut(events, len(fires) * SLICES), _cut(keys, len(fires) * SLICES), strict=True))
        for number, fire in enumerate(fires):
            first, *others = slices[number * SLICES : (number + 1) * SLICES]
            before = self.line.progress()
            self.line.send(*first)
            until(lambda before=before: self._has_ended() or self.line.progress() > before, 120)
            assert not self._has_ended(), self._said()
            sender = Thread(target=self._send, args=(others,))
            sender.start()
            time.sleep(self._chance.random() * SLICES * PAUSE)
            getattr(self, fire)()
            self.met[fire] += 1
            sender.join()

    def _send(self, slices: list[tuple[list[bytes], list[bytes]]]) -> None:
        """Let events come while the fire is on."""
        for one in slices:
            self.line.send(*one)
            time.sleep(PAUSE)

    def kill(self) -> None:
        """Kill the stream, and start it again."""
        self._process.kill()
        self._process.wait()
        self._process = self._started()

    def outage(self) -> None:
        """Kill the broker, and start it again; the stream outlasts it."""
        assert isinstance(self.line, TopicLine)
        with self.line.kafka.away():
            time.sleep(1)
        assert not self._has_ended(), self._said()

    def full_disk(self) -> None:
        """Fill the disk under the stream; kill it; what is started on the full disk says so and ends, or waits.

        A stream that writes to topics alone may need no more room for a while: it does not notice.
        """
        before = len(self._said())
        self.disk.fill()
        time.sleep(self._chance.random())
        assert not self._has_ended(), self._said()
        self.kill()
        deadline = time.monotonic() + NOTICED
        while time.monotonic() < deadline and not self._has_ended() and "; the stream" not in self._said()[before:]:
            time.sleep(0.02)
        self.met["noticed"] += "disk is full" in self._said()[before:]
        refused = self._has_ended()
        self.disk.empty()
        if refused:
            assert (self._process.returncode, self._said().endswith("the disk is full\n")) == (3, True), self._said()
            self.met["refused to begin"] += 1
            self._process = self._started()

    def end(self) -> None:
        """End the stream, which may have only just begun, and let a last one do what is left."""
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(60) in {0, 128 + signal.SIGTERM, -signal.SIGTERM}, self._said()
        (self.line.folder / "stderr").unlink()
        ended(self.line.stream("--checkpoint", "small/memory", "--until-end"), self.line.folder)

    def close(self) -> None:
        """Leave nothing behind."""
        self._process.kill()
        self._process.wait()


def _cut(items: list[bytes], parts: int) -> list[list[bytes]]:
    """Return a list in so many parts of nearly the same length."""
    ends = [len(items) * number // parts for number in range(parts + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


ROUTES = ["topics to topics", "topics to files", "file to files"]


def line_of(route: str, folder: Path, broker: Callable[[], Kafka]) -> FileLine | TopicLine:
    """Return the stream of a route."""
    if route == "file to files":
        return FileLine(folder, SPEC + DEDUPE)
    return TopicLine(broker(), folder, SPEC + DEDUPE, files=route == "topics to files")


@pytest.mark.parametrize("route", ROUTES)
def test_nothing_is_missing_and_nothing_doubled(
    route: str, tmp_path: Path, disk: SmallDisk, request: pytest.FixtureRequest
) -> None:
    line = line_of(route, tmp_path, lambda: request.getfixturevalue("kafka"))
    fires = ["kill"] * KILLS + ["full_disk"] * DISKS + ["outage"] * (OUTAGES if isinstance(line, TopicLine) else 0)
    random.Random(7).shuffle(fires)
    events, keys, expected = made(EVENTS, repeats=True)
    campaign, begun = Campaign(line, disk), time.monotonic()
    try:
        campaign.under(fires, events, keys)
        campaign.end()
    finally:
        campaign.close()
    doors, wrong = line.doors()
    print(f"{route}: {dict(campaign.met)} in {time.monotonic() - begun:.0f} s; {EVENTS} read, {dict(doors)}")
    assert (doors, wrong) == (expected, [])
    assert sum(doors.values()) == EVENTS


def test_the_oracle_sees_a_commit_that_comes_too_soon(kafka: Kafka, tmp_path: Path, disk: SmallDisk) -> None:
    """A defect that is planted: the position is committed, and a moment later the events are written."""
    line = TopicLine(kafka, tmp_path, SPEC + DEDUPE, files=True)
    events, keys, expected = made(4000, repeats=True)
    campaign = Campaign(line, disk, code=EARLY)
    try:
        campaign.under(["kill", "full_disk", "kill", "kill"], events, keys)
        campaign.end()
    finally:
        campaign.close()
    assert line.doors()[0] != expected, "the oracle must see that events are missing"


EARLY = """\
import time
from dq.engines import stream
settle_all = stream.StreamRun._settle_all
def early(self, chunks):
    chunks = list(chunks)
    self._commit()
    time.sleep(0.1)
    settle_all(self, chunks)
stream.StreamRun._settle_all = early
"""
