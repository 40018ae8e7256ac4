"""Several specifications in one stream: routes, doors and counts are those of a batch over the same folder."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from given import Given

import dq
from dq.engines.bearing import Bearing, SortingBearing
from dq.engines.doors import output_types
from dq.engines.ends import Ends
from dq.engines.events import EventJudge
from dq.engines.stream import StreamRun
from dq.errors import UsageError
from dq.serving.live import LiveReport
from dq.sinks.checkpoint import Checkpoint
from dq.sinks.jsonl import LineForm
from dq.sources.events import LineEvents

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LOGIN = """\
dq: 1
event: login
version: 1.0.0
fields: {user: {type: string, required: true, clean: [strip, lower]}}
"""
LATER = LOGIN.replace("1.0.0", "2.0.0").replace("user: {type: string", "id: {type: integer").replace(
    ", clean: [strip, lower]", ""
)  # fmt: skip
BUY = """\
dq: 1
event: purchase
version: 1.0.0
match: {type: [purchase, order]}
unknown_fields: keep
fields: {amount: {type: "decimal(10,2)", required: true, checks: [{gt: 0}]}}
filter: [{id: large, keep: "amount > 1"}]
"""


def folder_of(tmp_path: Path, *specs: str) -> Path:
    folder = tmp_path / "specs"
    folder.mkdir()
    for number, text in enumerate(specs):
        (folder / f"s{number}.dq.yaml").write_text(text)
    return folder


def lines(count: int) -> bytes:
    """Return events of all kinds, some of them for nobody, for several, or unreadable."""
    chance = random.Random(3)
    found = []
    for number in range(count):
        event: dict[str, Any] = chance.choice(
            [
                {"event": "login", "version": "1.0.0", "user": chance.choice([" Ann", None, "b"])},
                {"event": "login", "version": "2.0.0", "id": chance.choice([number, "x"])},
                {"type": chance.choice(["order", "purchase"]), "amount": chance.choice([0, 1, 2.5, "x"]), "n": number},
                {"type": "other", "event": "logout"},
                {"event": "login"},
            ]
        )
        line = json.dumps(event)
        found.append(line[:-2] if chance.random() < 0.05 else line)
    return "\n".join(found).encode()


def streamed(
    tmp_path: Path, plans: dict[tuple[str, str], dq.Plan], data: bytes, watcher: Any = None, size: int = 997
) -> None:
    """Stream events into a file for each specification, and the rest into the dead letters."""
    memory = Checkpoint(None)
    parts = []
    for plan in plans.values():
        judge = EventJudge(plan.compiled, {}, memory, shared=True, reported=True)
        parts.append(Bearing(judge, judge.stream_source()))
    to, dead = f"{tmp_path}/{{event}}-{{version}}.jsonl", str(tmp_path / "dead.jsonl")
    ends = Ends("-", to, dead, None, until_end=True, events=list(plans))
    outlets = ends._outlets({}, None, print)
    given = LineEvents(Given(*(data[at : at + size] for at in range(0, len(data), size))))
    clock = iter(NOW + timedelta(seconds=second) for second in range(10**6))
    StreamRun(SortingBearing(parts), given, outlets, memory, clock=lambda: next(clock), watcher=watcher).run()


def test_every_event_goes_where_a_batch_sends_it(tmp_path: Path) -> None:
    specs = dq.load_folder(folder_of(tmp_path, LOGIN, LATER, BUY))
    data = lines(400)
    (tmp_path / "in.jsonl").write_bytes(data)
    batch = specs.run(tmp_path / "in.jsonl", now=NOW)
    reporter = LiveReport(tmp_path / "day.json", 1e9)
    streamed(tmp_path, specs.plans, data, reporter)
    letters = [orjson.loads(line) for line in (tmp_path / "dead.jsonl").read_bytes().splitlines()][1:]
    total = 0
    for (event, version), result in batch.results.items():
        accepted = (tmp_path / f"{event}-{version}.jsonl").read_bytes().splitlines()
        plan = specs.plans[event, version]
        canonical = bytes(LineForm(output_types(plan.compiled)).lines(result.accepted)).splitlines()
        assert accepted == canonical, (event, version)
        mine = [one for one in letters if (one["spec"]["event"], one["spec"]["version"]) == (event, version)]
        refused = [(row["record"], orjson.loads(row["reasons"])) for row in result.quarantined.to_dicts()]
        refused += [(row["record"], orjson.loads(row["reasons"])) for row in result.removed.to_dicts()]
        assert sorted((one["record"], one["reasons"]) for one in mine) == sorted(refused)
        assert [data.split(b"\n")[one["record"] - 1].decode() for one in mine] == [one["raw"] for one in mine]
        assert len(accepted) + len(mine) > 10
        total += len(accepted) + len(mine)
    nobodys = [one for one in letters if one["spec"]["event"] == "unmatched"]
    assert {one["reasons"][0]["code"] for one in nobodys} >= {"unmatched", "unmatched.ambiguous"}
    assert [(one["record"], one["raw"]) for one in nobodys] == [(one["record"], one["raw"]) for one in batch.unmatched]
    assert total + len(nobodys) == 400
    told, day = batch.report.data, reporter.report().data
    for key in ("records", "unmatched", "verdict"):
        assert day[key] == told[key], key
    assert [spec["records"] for spec in day["specs"]] == [spec["records"] for spec in told["specs"]]


def test_keys_of_one_specification_are_not_those_of_another(tmp_path: Path) -> None:
    keyed = LOGIN + "dedupe: {key: [user], stream: {within: 1h}}\n"
    specs = dq.load_folder(folder_of(tmp_path, keyed, keyed.replace("1.0.0", "2.0.0")))
    events = [{"event": "login", "version": f"{version}.0.0", "user": "a"} for _ in range(3) for version in (1, 2)]
    streamed(tmp_path, specs.plans, b"".join(orjson.dumps(event) + b"\n" for event in events), size=70)
    kept = [len((tmp_path / f"login-{version}.0.0.jsonl").read_bytes().splitlines()) for version in (1, 2)]
    assert kept == [1, 1], "each has its own keys"


def test_keys_are_kept_as_long_as_any_window(tmp_path: Path) -> None:
    keyed = LOGIN + "dedupe: {key: [user], stream: {within: 10s}}\n"
    other = keyed.replace("1.0.0", "2.0.0").replace("within: 10s", "within: 1h")
    specs = dq.load_folder(folder_of(tmp_path, keyed, other))
    events = [{"event": "login", "version": f"{version}.0.0", "user": "a"} for _ in range(30) for version in (1, 2)]
    data = b"".join(orjson.dumps(event) + b"\n" for event in events)
    streamed(tmp_path, specs.plans, data, size=len(data) // len(events))
    kept = [len((tmp_path / f"login-{version}.0.0.jsonl").read_bytes().splitlines()) for version in (1, 2)]
    assert kept[1] == 1
    assert kept[0] > 2, "each has its own window"


def test_specifications_that_take_the_same_are_refused(tmp_path: Path) -> None:
    twice = folder_of(tmp_path, BUY, BUY.replace("event: purchase", "event: order"))
    plans = [dq.load(path).compiled for path in sorted(twice.iterdir())]
    judges = [EventJudge(plan, {}) for plan in plans]
    with pytest.raises(UsageError, match="take the same records"):
        SortingBearing([Bearing(judge, judge.stream_source()) for judge in judges])
