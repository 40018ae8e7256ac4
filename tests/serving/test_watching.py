"""What is told of a stream while it runs: counts, metrics, the picture on a terminal, and drift over a window."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from given import Given
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from rich.console import Console

import dq
from dq.engines.bearing import Bearing, SortingBearing
from dq.engines.events import EventJudge
from dq.engines.stream import StreamRun
from dq.engines.stream_doors import Outlets
from dq.report.schema import parse
from dq.serving.dashboard import Dashboard, picture, summary
from dq.serving.drifting import DriftWatch
from dq.serving.live import LiveReport
from dq.serving.stream_metrics import MetricsFile, metrics_text
from dq.serving.watching import StreamCounts, Watchers
from dq.sinks.append import AppendedFile
from dq.sinks.checkpoint import Checkpoint
from dq.sources.events import LineEvents

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPEC = """\
dq: 1
event: paid
version: 1.0.0
fields:
  id: {type: integer, required: true}
  channel: {type: string, expect: [{drift: {js: 0.3}}], checks: [{max_length: 5}]}
"""
OTHER = "dq: 1\nevent: other\nversion: 1.0.0\nmatch: {kind: [x]}\nfields: {id: {type: integer, checks: [{gt: 0}]}}\n"


def load(folder: Path, text: str = SPEC) -> dq.Plan:
    path = folder / "spec.yaml"
    path.write_text(text)
    return dq.load(path)


def events(*channels: str, count: int = 100) -> bytes:
    """Return a piece of so many events, whose channels go round."""
    rows = ({"id": number, "channel": channels[number % len(channels)]} for number in range(count))
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def run(folder: Path, bearing: Any, watcher: Any, *pieces: bytes, clock: Any = None) -> None:
    """Stream the pieces, each at a moment of its own."""
    moments = clock or iter(lambda: NOW, None)
    outlets = [AppendedFile(folder / name) for name in ("out", "dead")]
    StreamRun(
        bearing,
        LineEvents(Given(*pieces)),
        Outlets(outlets[0], outlets[1], outlets[1]),
        Checkpoint(None),
        clock=lambda: next(moments),
        watcher=watcher,
    ).run()


def bearing_of(plan: dq.Plan, state: dq.State | None = None) -> Bearing:
    judge = EventJudge(plan.compiled, plan.fitted(state) or {}, reported=True)
    return Bearing(judge, judge.stream_source(), state.profiles(plan.compiled) if state else {})


def test_counts_are_those_of_the_report(tmp_path: Path) -> None:
    counts, reporter = StreamCounts(), LiveReport(tmp_path / "day.json", 1e9)
    run(tmp_path, bearing_of(load(tmp_path)), Watchers([counts, reporter]), events("web", "elsewhere"), b"{\n")
    records = reporter.report().records
    assert (counts.read, counts.by_door("accepted"), counts.by_door("quarantined")) == (101, 50, 51)  # type: ignore[arg-type]
    assert records["read"] == counts.read
    assert dict(counts.reasons) == {
        (("paid", "1.0.0"), "channel.max_length"): 50,
        (("paid", "1.0.0"), "unreadable.malformed"): 1,
    }
    assert "101 read: 50 accepted, 51 quarantined, 0 deduplicated, 0 filtered; " in summary(counts)


def test_metrics_are_read_by_a_parser_of_somebody_else(tmp_path: Path) -> None:
    plans = [load(tmp_path), load(tmp_path, OTHER)]
    counts = StreamCounts()
    file = MetricsFile(tmp_path / "metrics", 0, counts)
    lines = [{"event": "paid", "id": 1}, {"event": "none"}, {"kind": "x", "id": 0}, {"kind": "x", "id": 1}]
    data = b"\n".join(map(orjson.dumps, lines))
    run(tmp_path, SortingBearing([bearing_of(plan) for plan in plans]), Watchers([counts, file]), data)
    file.write()
    found: dict[tuple[str, ...], float] = {}
    for family in text_string_to_metric_families((tmp_path / "metrics").read_text()):
        for sample in family.samples:
            found[sample.name, *sample.labels.values()] = sample.value
    assert found["dq_events_total", "paid", "1.0.0", "accepted"] == 1
    assert found["dq_events_total", "other", "1.0.0", "quarantined"] == 1
    assert found["dq_unmatched_total", "unmatched"] == 1
    assert found["dq_failures_total", "other", "1.0.0", "id.gt"] == 1


def test_drift_is_found_in_the_window_and_ends_with_it(tmp_path: Path) -> None:
    plan = load(tmp_path)
    state = plan.fit([orjson.loads(line) for line in events("web", "app").splitlines()], now=NOW)
    said: list[str] = []
    moments = [NOW + timedelta(minutes=minute) for minute in range(60)]
    at = [0]

    def clock() -> datetime:
        return moments[at[0]]

    drift = DriftWatch(timedelta(minutes=10), said.append, clock)
    counts, reporter = StreamCounts(), LiveReport(tmp_path / "day.json", 1e9, drift=drift)
    bearing = bearing_of(plan, state)
    watcher = Watchers([counts, drift, reporter])
    alike, other = events("web", "app", count=50), events("kiosk", count=50)

    class Minutes(Given):
        """Gives a piece a minute."""

        def read(self, wait: float) -> Any:
            at[0] += 1
            return super().read(wait)

    outlets = [AppendedFile(tmp_path / name) for name in ("out", "dead")]
    given = LineEvents(Minutes(*[alike] * 12, *[other] * 12, *[alike] * 20))
    memory = Checkpoint(None)
    StreamRun(bearing, given, Outlets(outlets[0], outlets[1], outlets[1]), memory, clock=clock, watcher=watcher).run()
    assert len(said) == 2
    assert "drift in paid 1.0.0: expect.channel.drift: expected js at most 0.3, found js 0." in said[0]
    assert "no drift any more" in said[1]
    key = (("paid", "1.0.0"), "expect.channel.drift")
    assert (drift.alerts[key], drift.drifting[key]) == (1, False)
    assert 'dq_drift_alerts_total{event="paid",version="1.0.0",expectation="expect.channel.drift"} 1' in metrics_text(
        counts, drift
    )
    told = parse(reporter.report().json(), "the report")["drift_windows"]
    passed = [window["passed"] for window in told]
    first = passed.index(False)
    assert passed[:first] == [True] * first
    assert 13 < int(told[first]["until"][14:16]) < 24, "some minutes after other events began to come"
    assert passed[-1] is True


def test_the_report_of_several_specs_has_the_drift_of_each(tmp_path: Path) -> None:
    plan, other = load(tmp_path, SPEC + "match: {kind: [p]}\n"), load(tmp_path, OTHER)
    state = plan.fit([orjson.loads(line) for line in events("web", "app").splitlines()], now=NOW)
    moments = iter([NOW + timedelta(minutes=minute) for minute in range(1000)])
    drift = DriftWatch(timedelta(minutes=10), [].append, lambda: next(moments))
    reporter = LiveReport(tmp_path / "day.json", 1e9, drift=drift)
    bearing = SortingBearing([bearing_of(plan, state), bearing_of(other)])
    piece = b"".join(b'{"kind":"p",' + line[1:] + b"\n" for line in events("kiosk").splitlines())
    run(tmp_path, bearing, Watchers([drift, reporter]), *[piece] * 12, clock=moments)
    specs = {spec["event"]: spec["drift_windows"] for spec in reporter.report().data["specs"]}
    assert {window["passed"] for window in specs["paid"]} == {False}
    assert specs["other"] == []


def test_few_events_are_not_judged(tmp_path: Path) -> None:
    plan = load(tmp_path)
    state = plan.fit([orjson.loads(line) for line in events("web", "app").splitlines()], now=NOW)
    moments = iter(NOW + timedelta(minutes=minute) for minute in range(1000))
    drift = DriftWatch(timedelta(minutes=10), print, lambda: NOW)
    run(tmp_path, bearing_of(plan, state), drift, events("kiosk", count=9), events("kiosk", count=9), clock=moments)
    assert list(drift.findings) == []


@pytest.mark.parametrize("colour", [True, False])
def test_the_picture_says_everything_in_words(tmp_path: Path, colour: bool) -> None:
    counts, drift = StreamCounts(), DriftWatch(timedelta(minutes=10), print)
    counts.source = "in\x1b[31m"
    drift.drifting[("paid", "1.0.0"), "expect.channel.drift"] = True
    run(tmp_path, bearing_of(load(tmp_path)), counts, events("web", "elsewhere"))
    counts.source = "in\x1b[31m.jsonl"
    text = io.StringIO()
    Console(file=text, force_terminal=colour, no_color=not colour, width=90).print(picture(counts, drift))
    shown = text.getvalue()
    assert "\x1b[31m.jsonl" not in shown
    for words in ("100 read: 50 accepted, 50 quarantined", "channel.max_length", "expect.channel.drift: DRIFT"):
        assert words in shown


def test_without_a_terminal_there_are_lines(tmp_path: Path) -> None:
    text = io.StringIO()
    counts = StreamCounts()
    dashboard = Dashboard(Console(file=text, width=200), counts)
    run(tmp_path, bearing_of(load(tmp_path)), Watchers([counts, dashboard]), events("web"))
    dashboard.close()
    assert text.getvalue().startswith("dq: 100 read: 100 accepted, 0 quarantined")
    assert "\x1b" not in text.getvalue()
