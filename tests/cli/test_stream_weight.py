"""Streams under weight: a sink that stalls, and a day in miniature with duplicates across restarts.

`DQ_STALL` sets how many seconds the sink takes nothing (60 is the full measure), `DQ_DAY` how many events a day has
(5,000,000).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from everything import command, environment

pytestmark = pytest.mark.serving
STALL = float(os.environ.get("DQ_STALL", "5"))
DAY = int(os.environ.get("DQ_DAY", "300000"))
RUNS = 4  # of the stream of a day, with a restart between two
GROWTH = 1.2  # of memory after the first tenth
SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  id: {type: string, required: true, clean: [strip, lower]}
  n: {type: integer, checks: [{minimum: 0}]}
  note: {type: string}
"""
DEDUPED = SPEC + "dedupe: {key: [id], stream: {within: 24h, max_keys: 10000000}}\n"


def started(folder: Path, *arguments: str, pipes: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start a stream, with or without pipes to its standard input and output."""
    argv = command("stream", "spec.yaml", "--dead-letter", "dead.jsonl", *arguments)
    return subprocess.Popen(argv, cwd=folder, env=environment(), stdin=pipes, stdout=pipes)


def resident(process: subprocess.Popen[bytes]) -> int:
    """Return the resident memory of a process, in KiB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)


def test_a_sink_that_stalls_costs_no_memory_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    process = started(tmp_path, "--from", "-", "--to", "-", pipes=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    written, over = [0], threading.Event()

    def write() -> None:
        """Write events as fast as they are taken."""
        assert process.stdin is not None
        with process.stdin as pipe:
            while not over.is_set():
                first = written[0]
                rows = ({"id": f"A{number}", "n": number, "note": "x" * 50} for number in range(first, first + 500))
                pipe.write(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
                written[0] += 500

    writer = threading.Thread(target=write)
    writer.start()
    lines = iter(process.stdout)
    found = [json.loads(next(lines))["n"] for _ in range(30_000)]
    time.sleep(1)  # what may be read ahead is read ahead
    before, taken, most, until = resident(process), written[0], 0, time.monotonic() + STALL
    while time.monotonic() < until:
        time.sleep(0.2)
        most = max(most, resident(process))
    assert written[0] - taken < 200_000, "the intake stops with the sink"
    over.set()
    found += (json.loads(line)["n"] for line in lines)
    writer.join()
    process.stdout.close()
    print(f"{written[0]} events, {before} KiB before, at most {most} KiB in {STALL} s")
    assert process.wait(60) == 0
    assert found == list(range(written[0]))
    assert most < before * GROWTH


def write_day(path: Path) -> Counter[str]:
    """Write the events of a day, two in a hundred of which repeat an earlier one; return how often each id comes."""
    with path.open("wb") as file:
        ids = []
        for number in range(DAY):
            name = f"e{number - 40 * (number % 97) - 1 if number % 50 == 49 and number > 5000 else number}"
            ids.append(name)
            file.write(f'{{"id":"{name}","n":{number},"note":"something"}}\n'.encode())
    return Counter(ids)


def test_a_day_in_miniature(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(DEDUPED)
    ids = write_day(tmp_path / "in.jsonl")
    tops: list[tuple[int, int]] = []
    begun = time.monotonic()
    for run in range(RUNS):
        process = started(tmp_path, "--from", "in.jsonl", "--to", "out.jsonl", "--checkpoint", "memory", "--until-end")
        goal = (tmp_path / "in.jsonl").stat().st_size * (run + 1) // RUNS
        tops.append(watched(process, tmp_path, goal if run < RUNS - 1 else None))
    kept = [json.loads(line)["id"] for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    print(f"{DAY} events in {time.monotonic() - begun:.0f} s; KiB after a tenth, and at most: {tops}")
    repeated = [json.loads(line) for line in (tmp_path / "dead.jsonl").read_bytes().splitlines()][1:]
    assert len(kept) == len(set(kept)) == len(ids)
    assert set(kept) == set(ids)
    assert len(repeated) == DAY - len(ids) > 0
    assert {one["outcome"] for one in repeated} == {"deduplicated"}
    assert all(most < tenth * GROWTH for tenth, most in tops)


def watched(process: subprocess.Popen[bytes], folder: Path, goal: int | None) -> tuple[int, int]:
    """Watch a stream until it has written so many bytes, or to its end; return its memory after a tenth, and its most.

    A stream that has reached its goal is told to end.
    """
    begun = (folder / "out.jsonl").stat().st_size if (folder / "out.jsonl").exists() else 0
    size = (folder / "in.jsonl").stat().st_size
    tenth = begun + size // RUNS // 10
    after, most = 0, 0
    while process.poll() is None:
        length = (folder / "out.jsonl").stat().st_size if (folder / "out.jsonl").exists() else 0
        if length >= tenth:
            memory = resident(process)
            after = after or memory
            most = max(most, memory)
        if goal is not None and length >= max(goal * 0.9, begun + 1):
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        time.sleep(0.02)
    assert process.returncode == 0
    return after or 1, most or 1
