"""A stream that is killed at random moments: nothing is missing, and nothing is doubled in files.

The oracle is outside of the process: it knows each event that it wrote, and by which door it must leave.
`DQ_KILLS` and `DQ_EVENTS` set the measure; the full one is 50 kills and 200,000 events.
"""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from traffic import DEDUPE, EVENTS, KILLS, SPEC, doors_of, ended, made, stream

pytestmark = pytest.mark.faults


def written_events(folder: Path, count: int) -> Counter[str]:
    """Write the spec and events, and return how many of them must leave by each door."""
    (folder / "spec.yaml").write_text(SPEC + DEDUPE)
    events, _, doors = made(count, repeats=True)
    (folder / "in.jsonl").write_bytes(b"".join(event + b"\n" for event in events))
    return doors


def begun(folder: Path, code: str = "") -> subprocess.Popen[str]:
    """Start a stream over the events."""
    return stream(folder, "in.jsonl", "out.jsonl", "dead.jsonl", "--checkpoint", "memory", "--until-end", code=code)


def killed(folder: Path, kills: int) -> None:
    """Kill the stream at random moments after it has begun to write, and let the last one end."""
    chance = random.Random(5)
    for _ in range(kills):
        before = written(folder)
        process = begun(folder)
        while written(folder) == before and process.poll() is None:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.25)
        process.send_signal(signal.SIGKILL)
        process.wait()
    ended(begun(folder), folder)


def written(folder: Path) -> int:
    path = folder / "out.jsonl"
    return path.stat().st_size if path.exists() else 0


def left(folder: Path) -> tuple[Counter[str], list[str]]:
    """Return how many events stand in the files by door, and what is wrong with them."""
    return doors_of(*((folder / name).read_bytes().splitlines() for name in ("out.jsonl", "dead.jsonl")))


def test_nothing_is_missing_and_nothing_doubled(tmp_path: Path) -> None:
    expected = written_events(tmp_path, EVENTS)
    killed(tmp_path, KILLS)
    doors, wrong = left(tmp_path)
    assert (doors, wrong) == (expected, [])
    assert sum(doors.values()) == EVENTS


def test_the_oracle_sees_a_commit_that_comes_too_soon(tmp_path: Path) -> None:
    """A defect that is planted: the position is committed before the events are written."""
    expected = written_events(tmp_path, 4000)
    for _ in range(2):
        begun(tmp_path, EARLY).wait(60)
    doors, _ = left(tmp_path)
    assert doors != expected, "the oracle must see that events are missing"


EARLY = """\
import os, pathlib
import dq.engines.stream_doors as doors
from dq.engines import stream
write, settle_all = doors.StreamDoors.write, stream.StreamRun._settle_all
def lost(self, settled):
    if settled.chunk.record[-1] > 2000 and not pathlib.Path("died").exists():
        pathlib.Path("died").touch()
        os._exit(9)  # as if killed between the commit and the write
    write(self, settled)
def early(self, chunks):
    chunks = list(chunks)
    self._commit()
    settle_all(self, chunks)
doors.StreamDoors.write, stream.StreamRun._settle_all = lost, early
"""
