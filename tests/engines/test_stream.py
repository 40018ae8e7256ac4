"""The stream engine in one process: doors, order, commits, duplicates, and what stops it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from given import Given

import dq
from dq.engines.bearing import Bearing
from dq.engines.events import EventJudge
from dq.engines.progress import resumed
from dq.engines.stream import StreamRun
from dq.engines.stream_doors import Outlets
from dq.errors import SinkError
from dq.sinks.append import AppendedFile
from dq.sinks.checkpoint import Checkpoint
from dq.sources.events import LineEvents
from dq.sources.following import FollowedFile
from dq.sources.intake import Piece, Place

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  id: {type: string, required: true, clean: [strip, lower]}
  n: {type: integer, checks: [{maximum: 9}]}
  at: {type: datetime}
filter: [{id: kept, keep: "n is null or n <> 7"}]
dedupe: {key: [id], stream: STREAM}
"""


class Kept:
    """A target that keeps its lines, and tells the order in which targets were written and synchronised."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log, self.lines, self.length = name, log, list[Any](), 0

    def write(self, data: bytes) -> None:
        self.log.append(f"write {self.name}")
        self.length += len(data)
        self.lines += [json.loads(line) for line in data.splitlines()]

    def sync(self) -> int:
        self.log.append(f"sync {self.name}")
        return self.length

    def close(self) -> None:
        pass


def plan_of(folder: Path, text: str = SPEC, stream: str = "{within: 1h}") -> dq.Plan:
    path = folder / "spec.yaml"
    path.write_text(text.replace("STREAM", stream))
    return dq.load(path)


def streamed(
    plan: dq.Plan, *pieces: bytes, clock: Iterator[datetime] | None = None, memory: Checkpoint | None = None
) -> tuple[Kept, Kept, list[str]]:
    """Run a stream over pieces, and return what it wrote and in which order."""
    log: list[str] = []
    accepted, refused = Kept("accepted", log), Kept("refused", log)
    memory = memory or Checkpoint(None)
    commit = memory.commit
    memory.commit = lambda: (log.append("commit"), commit())[1]  # type: ignore[method-assign]
    judge = EventJudge(plan.compiled, {}, memory)
    moments = clock or iter(lambda: NOW, None)
    run = StreamRun(
        Bearing(judge, judge.stream_source()),
        LineEvents(Given(*pieces)),
        Outlets(accepted, refused, refused),
        memory,
        clock=lambda: next(moments),
    )
    run.run()
    return accepted, refused, log


def doors(refused: Kept) -> list[tuple[int, str, str]]:
    """Return record, door and first code of what was not accepted."""
    return [(r["record"], r.get("outcome", "quarantined"), r["reasons"][0]["code"]) for r in refused.lines[1:]]


class Renewing(Given):
    """An intake that asks the stream for another bearing with each piece that it gives."""

    run: StreamRun

    def read(self, wait: float) -> Piece | None:
        self.run.renew()
        return super().read(wait)


def test_another_spec_reads_its_own_fields_from_the_next_event_on(tmp_path: Path) -> None:
    texts = [SPEC, SPEC.replace("  at:", "  new: {type: string}\n  at:"), SPEC]
    judges = [EventJudge(plan_of(tmp_path, text).compiled, {}, Checkpoint(None)) for text in texts]
    first, *others = [Bearing(judge, judge.stream_source()) for judge in judges]
    bearings = iter(others)
    pieces = (b'{"id":"a","new":"x"}\n{"id":"b",', b'"new":"y"}\n', b'{"id":"c","new":"z"}\n')
    intake, refused = Renewing(*pieces), Kept("refused", [])
    accepted = Kept("accepted", [])
    outlets, memory = Outlets(accepted, refused, refused), Checkpoint(None)
    intake.run = StreamRun(
        first, LineEvents(intake), outlets, memory, clock=lambda: NOW, another=lambda _: next(bearings, None)
    )
    intake.run.run()
    assert [(row["id"], row.get("new")) for row in accepted.lines] == [("a", None), ("b", "y"), ("c", None)]
    assert "new" not in accepted.lines[-1]
    assert refused.lines[1:] == []


LINES = b'{"id":" A ","n":5}\n{"id":"a"}\n{"id":"b","n":7}\noops\n\n{"id":"c","n":70}\n{"id":"c","n":1}\n{"id":"d"}'


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_every_event_leaves_by_one_door_however_it_arrives(tmp_path: Path, size: int) -> None:
    plan = plan_of(tmp_path)
    accepted, refused, _ = streamed(plan, *(LINES[at : at + size] for at in range(0, len(LINES), size)))
    assert [row["id"] for row in accepted.lines] == ["a", "c", "d"], "a refused event is not remembered"
    expected = [
        (2, "deduplicated", "duplicate.stream"),
        (3, "filtered", "filtered"),
        (4, "quarantined", "unreadable.malformed"),
        (5, "quarantined", "maximum"),
    ]
    assert sorted(doors(refused)) == expected
    assert refused.lines[0] == {
        "source": "given",
        "header": None,
        "dialect": {"name": "(jsonl)", "format": "jsonl", "encoding": "utf-8"},
        "sha256": None,
    }
    [lost] = [record for record in refused.lines[1:] if record["record"] == 2]
    assert lost["lost_to"] == {"source": "given", "record": 1, "door": "accepted"}
    [letter] = [record for record in refused.lines[1:] if record["record"] == 5]
    assert (letter["raw"], letter["now"]) == ('{"id":"c","n":70}', "2026-11-01T00:00:00Z")


def test_a_position_is_committed_behind_what_is_durable(tmp_path: Path) -> None:
    _, _, log = streamed(plan_of(tmp_path), LINES)
    last = len(log) - 1 - log[::-1].index("commit")
    assert set(log[last - 2 : last]) == {"sync accepted", "sync refused"}
    assert all("write" not in one for one in log[last:])


def test_keys_are_remembered_for_the_window(tmp_path: Path) -> None:
    plan, memory, found = plan_of(tmp_path), Checkpoint(None), []
    for minute in (0, 30, 60, 61, 62):
        moment = NOW + timedelta(minutes=minute)
        accepted, _, _ = streamed(plan, b'{"id":"a"}\n', memory=memory, clock=iter(lambda moment=moment: moment, None))
        found.append(len(accepted.lines))
    assert found == [1, 0, 0, 1, 0], "the window begins when an event is accepted"


def test_of_too_many_keys_the_oldest_are_forgotten(tmp_path: Path) -> None:
    plan, memory = plan_of(tmp_path, stream="{within: 1h, max_keys: 2}"), Checkpoint(None)
    streamed(plan, b'{"id":"a"}\n', memory=memory)
    streamed(plan, b'{"id":"b"}\n{"id":"c"}\n', memory=memory, clock=iter(lambda: NOW + timedelta(minutes=1), None))
    accepted, _, _ = streamed(plan, b'{"id":"a"}\n{"id":"c"}\n', memory=memory)
    assert [row["id"] for row in accepted.lines] == ["a"]


def test_late_and_early_events_are_refused_where_the_rule_says_so(tmp_path: Path) -> None:
    events = b"".join(
        json.dumps({"id": name, "at": (NOW + timedelta(minutes=minutes)).isoformat()}).encode() + b"\n"
        for name, minutes in {"old": -61, "edge": -60, "now": 0, "future": 1}.items()
    )
    accepted, refused, _ = streamed(
        plan_of(tmp_path, stream="{within: 1h, time: at, late: quarantine}"), events + b'{"id":"none"}\n'
    )
    assert [row["id"] for row in accepted.lines] == ["edge", "now", "none"]
    assert doors(refused) == [(1, "quarantined", "event.late"), (4, "quarantined", "event.early")]
    accepted, refused, _ = streamed(plan_of(tmp_path, stream="{within: 1h, time: at}"), events)
    assert len(accepted.lines) == 4


def test_a_check_that_aborts_ends_the_stream_behind_its_chunk(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, SPEC.replace("{maximum: 9}", "{maximum: 9, on_fail: abort}"))
    accepted, refused, log = streamed(plan, b'{"id":"a"}\n{"id":"b","n":70}\n', b'{"id":"c"}\n')
    assert [row["id"] for row in accepted.lines] == ["a"]
    assert doors(refused) == [(2, "quarantined", "maximum")]
    assert log[-1] == "commit"


class Broken(Kept):
    """A target that fails when it is synchronised."""

    def sync(self) -> int:
        if self.lines:
            raise SinkError("the device failed")
        return super().sync()


def files(folder: Path, memory: Checkpoint, lengths: Mapping[str, int]) -> Outlets:
    refused = AppendedFile(folder / "dead", lengths.get("refused"))
    return Outlets(AppendedFile(folder / "out", lengths.get("accepted")), refused, refused)


def follow(folder: Path, plan: dq.Plan, *, fails: bool = False) -> list[str]:
    """Run a stream from a file into files with a checkpoint, and return what was accepted."""
    memory = Checkpoint(folder / "memory")
    progress = resumed(memory)
    outlets = files(folder, memory, progress.lengths)
    place = None if progress.place is None else Place(**progress.place)
    judge = EventJudge(plan.compiled, {}, memory)
    run = StreamRun(
        Bearing(judge, judge.stream_source()),
        LineEvents(FollowedFile(folder / "in.jsonl", place, until_end=True)),
        outlets,
        memory,
        progress=progress,
    )
    if fails:
        run.memory.commit = lambda: None  # type: ignore[method-assign]  # killed before the last commit
    try:
        run.run()
    finally:
        run.events.close()
        for target in outlets.each.values():
            target.close()
        memory.close()
    return [json.loads(line)["id"] for line in (folder / "out").read_text().splitlines()]


def test_what_was_not_committed_is_cut_off_and_judged_again(tmp_path: Path) -> None:
    plan, source = plan_of(tmp_path), tmp_path / "in.jsonl"
    source.write_text('{"id":"a"}\n')
    assert follow(tmp_path, plan) == ["a"]
    source.write_text('{"id":"a"}\n{"id":"b"}\n{"id":"a"}\n')
    assert follow(tmp_path, plan, fails=True) == ["a", "b"]
    assert follow(tmp_path, plan) == ["a", "b"], "b is judged again, and stands there once"
    letters = [json.loads(line) for line in (tmp_path / "dead").read_text().splitlines()]
    assert [letter.get("record") for letter in letters] == [None, 3]
    assert follow(tmp_path, plan) == ["a", "b"]


def test_a_second_stream_is_kept_out_of_a_checkpoint(tmp_path: Path) -> None:
    first = Checkpoint(tmp_path / "memory")
    with pytest.raises(dq.LockedError):
        Checkpoint(tmp_path / "memory")
    first.close()
    Checkpoint(tmp_path / "memory").close()


def test_what_cannot_be_made_durable_is_not_committed(tmp_path: Path) -> None:
    plan, log = plan_of(tmp_path), list[str]()
    memory = Checkpoint(None)
    commit = memory.commit
    memory.commit = lambda: (log.append("commit"), commit())[1]  # type: ignore[method-assign]
    judge = EventJudge(plan.compiled, {}, memory)
    target = Broken("accepted", log)
    run = StreamRun(
        Bearing(judge, judge.stream_source()),
        LineEvents(Given(b'{"id":"a"}\n')),
        Outlets(target, Kept("r", log), Kept("r", log)),
        memory,
    )
    with pytest.raises(SinkError):
        run.run()
    assert "commit" not in log[log.index("write accepted") :]
