"""The report of a stream reads like that of a batch: the same counts, the same profiles, the same schema."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from given import Given

import dq
from dq.engines.bearing import Bearing
from dq.engines.events import EventJudge
from dq.engines.stream import StreamRun
from dq.engines.stream_doors import Outlets
from dq.errors import InternalError, SinkError
from dq.report.schema import parse
from dq.serving.live import LiveReport
from dq.sinks.append import AppendedFile
from dq.sinks.checkpoint import Checkpoint
from dq.sources.base import Account
from dq.sources.events import LineEvents

SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  id: {type: string, required: true, clean: [strip, lower]}
  n: {type: integer, checks: [{maximum: 5}]}
  more: {type: number, missing: [none]}
filter: [{id: kept, keep: "n is null or n <> 3"}]
"""


def in_parts(lines: bytes, parts: int) -> Given:
    """Return an intake that gives the bytes of a file in several parts."""
    size = -(-len(lines) // parts)
    return Given(*(lines[at : at + size] for at in range(0, len(lines), size)), name="in.jsonl")


def streamed(folder: Path, lines: bytes, reporter: LiveReport, parts: int) -> None:
    """Run a stream over lines that arrive in several parts."""
    (folder / "in.jsonl").write_bytes(lines)
    judge = EventJudge(dq.load(folder / "spec.yaml").compiled, {}, reported=True)
    refused = AppendedFile(folder / "dead")
    outlets = Outlets(AppendedFile(folder / "out"), refused, refused)
    bearing = Bearing(judge, judge.stream_source())
    StreamRun(bearing, LineEvents(in_parts(lines, parts)), outlets, Checkpoint(None), watcher=reporter).run()
    outlets.accepted.close()
    refused.close()


@pytest.mark.parametrize("parts", [1, 7])
def test_the_report_of_a_stream_is_that_of_a_batch(tmp_path: Path, parts: int) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    rows = [{"id": f" A{number}", "n": number % 8, "more": number / 2, "extra": 1} for number in range(60)]
    lines = b"".join(orjson.dumps(row) + b"\n" for row in rows) + b'{"id": "none", "more": "none"}\noops\n'
    reporter = LiveReport(tmp_path / "report.json", every=3600)
    streamed(tmp_path, lines, reporter, parts)
    reporter.write()
    data = (tmp_path / "report.json").read_bytes()
    parse(data, "report.json")
    found = json.loads(data)
    now = datetime.fromisoformat(found["now"]).astimezone(UTC)
    expected = json.loads(dq.load(tmp_path / "spec.yaml").run(tmp_path / "in.jsonl", now=now).report.json())
    for report in (found, expected):
        for source in report["sources"]:
            source.pop("sha256")
            source.pop("bytes")
    assert found == expected


def test_it_is_written_in_its_time_and_only_when_something_happened(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    reporter = LiveReport(tmp_path / "report.html", every=0)
    reporter.idle()
    assert not (tmp_path / "report.html").exists()
    streamed(tmp_path, b'{"id": "a"}\n', reporter, 1)
    reporter.idle()
    assert b"<!doctype html" in (tmp_path / "report.html").read_bytes()[:100].lower()
    with pytest.raises(dq.UsageError, match=r"\.json, \.html"):
        LiveReport(tmp_path / "report.pdf", every=1)


def test_a_report_that_cannot_be_written_now_ends_no_stream(tmp_path: Path) -> None:
    said: list[str] = []
    reporter = LiveReport(tmp_path / "absent" / "report.json", every=0, say=said.append)
    (tmp_path / "spec.yaml").write_text(SPEC)
    streamed(tmp_path, b'{"id": "a"}\n{"id": "b"}\n{"id": "c"}\n', reporter, 3)
    assert [text.partition("; ")[2] for text in said] == ["the stream goes on, and it is tried again"]
    (tmp_path / "absent").mkdir()
    reporter.idle()
    assert json.loads((tmp_path / "absent" / "report.json").read_text())["records"]["read"] == 3
    (tmp_path / "absent" / "report.json").unlink()
    (tmp_path / "absent").rmdir()
    with pytest.raises(SinkError):
        reporter.write()


def test_a_report_wants_judges_that_say_what_it_asks_for(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    judge = EventJudge(dq.load(tmp_path / "spec.yaml").compiled, {})
    reporter = LiveReport(tmp_path / "report.json", every=3600)
    with pytest.raises(InternalError, match="a report needs judges"):
        reporter.begin(Bearing(judge, judge.stream_source()), "in", Account())
