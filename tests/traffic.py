"""Events whose doors are known beforehand, streams over them as processes, and what stands at their ends."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from everything import command, environment

KILLS = int(os.environ.get("DQ_KILLS", "4"))
EVENTS = int(os.environ.get("DQ_EVENTS", "12000"))
OUTAGES = int(os.environ.get("DQ_OUTAGES", "1"))
SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  id: {type: string, required: true, clean: [strip, lower]}
  n: {type: integer, checks: [{maximum: 900}]}
filter: [{id: kept, keep: "n is null or n <> 7"}]
"""
DEDUPE = "dedupe: {key: [id], stream: {within: 30d}}\n"


def made(count: int, *, repeats: bool = False) -> tuple[list[bytes], list[bytes], Counter[str]]:
    """Return events, their keys, and how many must leave by each door; equal ids have equal keys."""
    chance = random.Random(11)
    events, keys, doors = list[bytes](), list[bytes](), Counter[str]()
    accepted: list[str] = []
    for number in range(count):
        draw, name = chance.random(), f"a{number}"
        if draw < 0.02 and accepted and repeats:
            name = chance.choice(accepted)
            event, door = json.dumps({"id": name.upper(), "n": 1}), "deduplicated"
        elif draw < 0.04:
            event, door = '{"id": "broken', "quarantined"
        elif draw < 0.06:
            event, door = json.dumps({"id": name, "n": 901}), "quarantined"
        elif draw < 0.08:
            event, door = json.dumps({"id": name, "n": 7}), "filtered"
        else:
            accepted.append(name)
            event, door = (
                json.dumps({"id": f" {name.upper()}", "n": number % 900 if number % 900 != 7 else 8}),
                "accepted",
            )
        events.append(event.encode())
        keys.append(name.encode())
        doors[door] += 1
    return events, keys, doors


def stream(folder: Path, origin: str, accepted: str, refused: str, *more: str, code: str = "") -> subprocess.Popen[str]:
    """Start a stream; `code` is run before it, in its process."""
    if code:
        (folder / "sitecustomize.py").write_text(code)
    path = f"{folder}{os.pathsep}{environment()['PYTHONPATH']}" if code else environment()["PYTHONPATH"]
    argv = command("stream", "spec.yaml", "--from", origin, "--to", accepted, "--dead-letter", refused, *more)
    with (folder / "stderr").open("ab") as errors:
        return subprocess.Popen(argv, cwd=folder, env=environment({"PYTHONPATH": path}), stderr=errors, text=True)


def ended(process: subprocess.Popen[str], folder: Path, seconds: float = 240) -> None:
    """Wait until a stream has ended well."""
    assert (process.wait(timeout=seconds), (folder / "stderr").read_text()) == (0, "")


@contextmanager
def killed_at_last(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Give out a process, and see to it that it does not outlive the test."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def doors_of(accepted: Iterable[bytes], refused: Iterable[bytes]) -> tuple[Counter[str], list[str]]:
    """Return how many events have left by each door, and which of them more than once."""
    ids = Counter(json.loads(line)["id"] for line in accepted)
    wrong = [f"{name} was accepted {count} times" for name, count in ids.items() if count > 1]
    doors = Counter({"accepted": sum(ids.values())})
    records = [record for record in map(json.loads, refused) if "record" in record]
    doors.update(record.get("outcome", "quarantined") for record in records)
    places = Counter((record["source"], record["record"]) for record in records)
    wrong += [f"{place} stands {count} times in the dead letters" for place, count in places.items() if count > 1]
    return doors, wrong
