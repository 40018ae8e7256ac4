"""One meaning, event by event: a batch says of a record what every door for events says of it, to the byte.

The doors are `check_event`, `plan.stream`, `dq stream` from a pipe, and HTTP.  `DQ_EVENTS` sets how many generated
records are judged; 10,000 is the full measure.
"""

from __future__ import annotations

import io
import json
import os
import random
import threading
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from every_step import ALONE, CELLS, MORE, NOW, plan_in
from golden.stories import STORIES

import dq
from dq.api import make_settings
from dq.engines.batch import BatchRun
from dq.engines.bearing import Bearing
from dq.engines.doors import MemoryDoors, output_types
from dq.engines.events import EventJudge
from dq.engines.stream import StreamRun
from dq.engines.stream_doors import Outlets
from dq.serving.http import Limits, Server
from dq.sinks.append import AppendedFile
from dq.sinks.checkpoint import Checkpoint
from dq.sinks.jsonl import line_of
from dq.sources.events import LineEvents
from dq.sources.intake import PipeIntake

with warnings.catch_warnings():  # the client that it would rather have is not needed
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

ROOT = Path(__file__).parents[2]
EVENTS = int(os.environ.get("DQ_EVENTS", "100"))
Lines = list[bytes]


def batch_says(plan: dq.Plan, lines: Lines, state: dq.State | None, now: datetime) -> list[tuple[Any, ...]]:
    """Return door, canonical bytes and reasons of each record, judged together, each alone."""
    doors = MemoryDoors(plan.compiled)
    fitted = state.thaw(plan.compiled) if state is not None else {}
    BatchRun(plan.compiled.alone(), plan.inputs(lines), make_settings(now), doors, fitted).run()
    accepted, quarantined, removed = doors.frames()
    found = {row["record"]: ("quarantined", None, orjson.loads(row["reasons"])) for row in quarantined.to_dicts()}
    found |= {row["record"]: (row["outcome"], None, orjson.loads(row["reasons"])) for row in removed.to_dicts()}
    texts = iter(canonical(plan, accepted))
    return [found.get(number) or ("accepted", next(texts), []) for number in range(1, len(lines) + 1)]


def canonical(plan: dq.Plan, frame: pl.DataFrame) -> list[bytes]:
    """Return the canonical JSON of accepted rows."""
    if frame.is_empty():
        return []
    buffer = io.BytesIO()
    frame.select(line_of(output_types(plan.compiled))).write_csv(buffer, include_header=False, quote_style="never")
    return buffer.getvalue().splitlines()


def event_says(plan: dq.Plan, line: bytes, state: dq.State | None, now: datetime) -> tuple[Any, ...]:
    """Return door, canonical bytes and reasons of one event."""
    return said(plan, plan.check_event(line, state=state, now=now))


def said(plan: dq.Plan, verdict: dq.EventVerdict) -> tuple[Any, ...]:
    """Return door, canonical bytes and reasons of a verdict."""
    if verdict.record is None:
        return verdict.door, None, verdict.reasons
    schema: Any = {name: kind.polars for name, kind in output_types(plan.compiled).items()}
    (text,) = canonical(plan, pl.DataFrame([verdict.record], schema=schema))
    return verdict.door, text, verdict.reasons


def iterator_says(plan: dq.Plan, lines: Lines, state: dq.State | None, now: datetime) -> list[tuple[Any, ...]]:
    """Return what `plan.stream` says of each event."""
    return [said(plan, verdict) for verdict in plan.stream(iter(lines), state=state, alone=True, clock=lambda: now)]


def pipe_says(
    plan: dq.Plan, lines: Lines, state: dq.State | None, now: datetime, folder: Path
) -> list[tuple[Any, ...]]:
    """Return what a stream writes of the events that come out of a pipe."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as file:
            file.writelines(line + b"\n" for line in lines)

    threading.Thread(target=write).start()
    paths = {name: folder / f"{name}.jsonl" for name in ("accepted", "refused")}
    for path in paths.values():
        path.unlink(missing_ok=True)
    accepted, refused = (AppendedFile(path) for path in paths.values())
    memory = Checkpoint(None)
    judge = EventJudge(plan.compiled, plan.fitted(state) or {}, memory)
    bearing = Bearing(judge, judge.stream_source())
    events = LineEvents(PipeIntake(reading))
    StreamRun(bearing, events, Outlets(accepted, refused, refused), memory, clock=lambda: now).run()
    os.close(reading)
    letters = [orjson.loads(line) for line in paths["refused"].read_bytes().splitlines()][1:]
    found = {one["record"]: (one.get("outcome", "quarantined"), None, one["reasons"]) for one in letters}
    assert [lines[one["record"] - 1].decode() for one in letters] == [one["raw"] for one in letters]
    texts = iter(paths["accepted"].read_bytes().splitlines())
    everything = [found.get(number) or ("accepted", next(texts), []) for number in range(1, len(lines) + 1)]
    assert next(texts, None) is None
    return everything


def http_says(plan: dq.Plan, lines: Lines, state: dq.State | None, now: datetime) -> list[tuple[Any, ...]]:
    """Return what a server answers to the first of the events alone, and to the others together."""
    judge = EventJudge(plan.compiled, plan.fitted(state) or {})
    endpoint = plan.compiled.event, plan.compiled.version
    server = Server({endpoint: judge}, Limits(body=1 << 30), clock=lambda: now)
    url = "/v1/events/{}/{}".format(*endpoint)
    with TestClient(server.app()) as client:
        answers = [client.post(url, content=line).content for line in lines[:20]]
        rest = b"\n".join(lines[20:])
        answers += client.post(url, content=rest, headers={"content-type": "application/jsonl"}).content.splitlines()
    return [answered(answer) for answer in answers]


def answered(answer: bytes) -> tuple[Any, ...]:
    """Return door, canonical bytes and reasons of an answer; the record is what stands between its first two keys."""
    parsed = orjson.loads(answer)
    if parsed["record"] is None:
        return parsed["door"], None, parsed["reasons"]
    text = answer.removeprefix(b'{"door":"accepted","record":').removesuffix(b',"reasons":[]}')
    return parsed["door"], text, parsed["reasons"]


def held(plan: dq.Plan, lines: Lines, state: dq.State | None = None, now: datetime = NOW) -> dict[str, int]:
    """Hold every event to the batch; return how many left by each door."""
    counts = dict.fromkeys(("accepted", "quarantined", "filtered"), 0)
    for line, expected in zip(lines, batch_says(plan, lines, state, now), strict=True):
        assert event_says(plan, line, state, now) == expected, line
        counts[expected[0]] += 1
    return counts


def held_by_every_door(plan: dq.Plan, lines: Lines, state: dq.State | None, folder: Path) -> dict[str, int]:
    """Hold what the doors for many events say to the batch, too."""
    lines = [line for line in lines if line.strip()]  # a blank line of a stream is no event
    expected = batch_says(plan, lines, state, NOW)
    assert iterator_says(plan, lines, state, NOW) == expected
    assert pipe_says(plan, lines, state, NOW, folder) == expected
    assert http_says(plan, lines, state, NOW) == expected
    return held(plan, lines, state)


def generated(count: int, seed: int) -> Lines:
    """Return records drawn by chance from the cells, some of them broken."""
    chance = random.Random(seed)
    lines = []
    for _ in range(count):
        row = {name: chance.choice(cells) for name, cells in CELLS.items()} | chance.choice(MORE)
        row["rate"] = round(chance.gauss(5, 2), 3)
        line = json.dumps({name: value for name, value in row.items() if value is not None}, ensure_ascii=False)
        lines.append((line[:-4] if chance.random() < 0.03 else line).encode())
    return lines


def test_generated_records(tmp_path: Path) -> None:
    plan = plan_in(tmp_path, ALONE)
    state = plan.fit([line for line in generated(400, seed=4) if line.endswith(b"}")], now=NOW)
    counts = held_by_every_door(plan, generated(EVENTS, seed=3), state, tmp_path)
    assert min(counts.values()) > 0, "a door that nobody takes proves nothing"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_records_of_an_example(story: Any, tmp_path: Path) -> None:
    """The raw records of every example, refused ones and all, through the names of the fields."""
    folder = ROOT / "examples" / story.name
    plan = dq.load(folder / story.spec)
    lines = [line for name in story.inputs for line in raw_records(folder / name)][:EVENTS]
    state = plan.fit(lines, now=NOW) if plan.compiled.learns else None
    assert sum(held_by_every_door(plan, lines, state, tmp_path).values()) == len(lines) > 3


def raw_records(path: Path) -> Lines:
    """Return the records of an example's file as JSON texts; lines of CSV become objects by their header."""
    if path.suffix == ".json":
        return [orjson.dumps(item) for item in orjson.loads(path.read_bytes())]
    if path.suffix != ".csv":
        return [line for line in path.read_bytes().splitlines() if line.strip()]
    text = path.read_bytes().decode("cp1251" if path.parent.name == "russian_shop" else "utf-8", "replace")
    header, *rows = text.splitlines()
    mark = ";" if ";" in header else ","
    return [orjson.dumps(dict(zip(header.split(mark), row.split(mark), strict=False))) for row in rows]


MOMENTS = """\
dq: 1
event: e
version: 1.0.0
fields:
  at: {type: datetime, checks: [{before: now}]}
  old: {type: boolean, derive: "date_diff('day', at, now()) > 3"}
  n: {type: integer, checks: [{minimum: 3}]}
checks: [{id: young, assert: "not old"}]
"""


def test_every_moment_has_its_own_now(tmp_path: Path) -> None:
    """What is prepared once does not remember the moment for which it was prepared first."""
    plan = plan_in(tmp_path, MOMENTS)
    lines = [orjson.dumps({"at": f"2026-01-{day:02d}T00:00:00Z", "n": day}) for day in range(1, 12)]
    found = []
    for day in range(12):
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        found.append(held(plan, lines, now=now)["accepted"])
    assert len(set(found)) > 3, "the moments must differ in what they accept"


def test_every_state_has_its_own_values(tmp_path: Path) -> None:
    """The state that was given last is kept prepared; another one is not taken for it."""
    text = "dq: 1\nevent: e\nversion: 1.0.0\nfields:\n  n: {type: integer, impute: median}\n  m: {type: integer}\n"
    plan = plan_in(tmp_path, text)
    states = [plan.fit([{"n": value}] * 3, now=NOW) for value in (1, 2)]
    found = [plan.check_event({"m": 1}, state=state, now=NOW).record for state in (*states, *states)]
    assert [record and record["n"] for record in found] == [1, 2, 1, 2]
    with pytest.raises(dq.UsageError, match="state"):
        plan.check_event({"m": 1}, now=NOW)
