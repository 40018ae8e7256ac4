"""A stream that is killed at random moments: nothing is missing, and nothing is doubled in files.

The oracle is outside of the process: it knows each event that it wrote, and by which door it must leave.
`DQ_KILLS` and `DQ_EVENTS` set the measure; the full one is 50 kills and 200,000 events.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from everything import command, environment

KILLS = int(os.environ.get("DQ_KILLS", "6"))
EVENTS = int(os.environ.get("DQ_EVENTS", "20000"))
SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  id: {type: string, required: true, clean: [strip, lower]}
  n: {type: integer, checks: [{maximum: 900}]}
filter: [{id: kept, keep: "n is null or n <> 7"}]
dedupe: {key: [id], stream: {within: 30d}}
"""

pytestmark = pytest.mark.faults


def write_events(path: Path, count: int) -> Counter[str]:
    """Write events, and return how many must leave by each door."""
    chance = random.Random(11)
    doors: Counter[str] = Counter()
    accepted: list[str] = []
    with path.open("w") as file:
        for number in range(count):
            draw = chance.random()
            if draw < 0.02 and accepted:
                line, door = json.dumps({"id": chance.choice(accepted).upper(), "n": 1}), "deduplicated"
            elif draw < 0.04:
                line, door = '{"id": "broken', "quarantined"
            elif draw < 0.06:
                line, door = json.dumps({"id": f"x{number}", "n": 901}), "quarantined"
            elif draw < 0.08:
                line, door = json.dumps({"id": f"f{number}", "n": 7}), "filtered"
            else:
                accepted.append(f"a{number}")
                line, door = (
                    json.dumps({"id": f" A{number}", "n": number % 900 if number % 900 != 7 else 8}),
                    "accepted",
                )
            file.write(line + "\n")
            doors[door] += 1
    return doors


def stream(folder: Path, *more: str) -> subprocess.Popen[str]:
    """Start a stream over the events."""
    argv = command("stream", "spec.yaml", "--from", "in.jsonl", "--to", "out.jsonl", "--dead-letter", "dead.jsonl")
    argv += ["--checkpoint", "memory", "--until-end", *more]
    with (folder / "stderr").open("ab") as errors:
        return subprocess.Popen(argv, cwd=folder, env=environment(), stderr=errors)


def killed(folder: Path, kills: int) -> None:
    """Kill the stream at random moments after it has begun to write, and let the last one end."""
    chance = random.Random(5)
    for _ in range(kills):
        before = written(folder)
        process = stream(folder)
        while written(folder) == before and process.poll() is None:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.25)
        process.send_signal(signal.SIGKILL)
        process.wait()
    last = stream(folder)
    assert (last.wait(timeout=240), (folder / "stderr").read_text()) == (0, "")


def written(folder: Path) -> int:
    path = folder / "out.jsonl"
    return path.stat().st_size if path.exists() else 0


def doors_of(folder: Path) -> tuple[Counter[str], list[str]]:
    """Return how many events stand in the files by door, and what is wrong with them."""
    ids = [json.loads(line)["id"] for line in (folder / "out.jsonl").read_text().splitlines()]
    wrong = [f"{name} was accepted {count} times" for name, count in Counter(ids).items() if count > 1]
    doors = Counter({"accepted": len(ids)})
    records = [json.loads(line) for line in (folder / "dead.jsonl").read_text().splitlines()[1:]]
    doors.update(record.get("outcome", "quarantined") for record in records)
    numbers = Counter(record["record"] for record in records)
    wrong += [
        f"record {number} stands {count} times in the dead letters" for number, count in numbers.items() if count > 1
    ]
    return doors, wrong


def test_nothing_is_missing_and_nothing_doubled(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    expected = write_events(tmp_path / "in.jsonl", EVENTS)
    killed(tmp_path, KILLS)
    doors, wrong = doors_of(tmp_path)
    assert wrong == []
    assert doors == expected
    assert sum(doors.values()) == EVENTS


def test_the_oracle_sees_a_commit_that_comes_too_soon(tmp_path: Path) -> None:
    """A defect that is planted: the position is committed before the events are written."""
    (tmp_path / "spec.yaml").write_text(SPEC)
    expected = write_events(tmp_path / "in.jsonl", 4000)
    (tmp_path / "sitecustomize.py").write_text(EARLY)
    argv = command("stream", "spec.yaml", "--from", "in.jsonl", "--to", "out.jsonl", "--dead-letter", "dead.jsonl")
    for _ in range(2):
        path = f"{tmp_path}{os.pathsep}{environment()['PYTHONPATH']}"
        subprocess.run(
            [*argv, "--checkpoint", "memory", "--until-end"],
            cwd=tmp_path,
            env=environment({"PYTHONPATH": path}),
            capture_output=True,
            check=False,
        )
    doors, _ = doors_of(tmp_path)
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
