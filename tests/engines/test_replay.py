"""Replays: refused and removed records judged again, alone, from what is stored of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from everything import NOW as TEXT_NOW
from everything import SPEC, write

import dq
from dq.cli.main import run
from dq.report.schema import load_schema
from dq.sinks.manifest import verify

NOW = datetime.fromisoformat(TEXT_NOW).astimezone(UTC)
SETS = ["  - unique: [order_id]\n", "dedupe: {key: [order_id, city], keep: last, order_by: placed_at}\n",
        "expect:\n  - row_count: {min: 1}\n"]  # fmt: skip


def made(folder: Path, text: str, name: str = "spec.dq.yaml") -> dq.Plan:
    (folder / name).write_text(text, encoding="utf-8")
    return dq.load(folder / name)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    write(tmp_path, 400)
    return tmp_path


def records(path: Path) -> list[dict[str, Any]]:
    """Return the records; why exactly a quote is broken depends on what follows it."""
    found = [line for line in lines(path) if "reasons" in line]
    for line in found:
        for reason in line["reasons"]:
            if reason["code"] == "unreadable.quote":
                del reason["message"]
    return found


def without(text: str, parts: list[str]) -> str:
    for part in parts:
        assert part in text
        text = text.replace(part, "")
    return text


def test_the_same_spec_says_the_same_again(batch: Path) -> None:
    """Every member of every line, in every encoding and format, but for what only a whole file can tell."""
    plan = made(batch, without(SPEC, SETS).replace("FORMAT", "parquet"))
    plan.run([batch / "crm.csv", batch / "web.jsonl.gz"], out=batch / "first", now=NOW)
    result = plan.replay(batch / "first" / "quarantine.jsonl", out=batch / "again")
    assert verify(batch / "again") == []
    first, again = (records(batch / name / "quarantine.jsonl") for name in ("first", "again"))
    assert first == again
    counts = result.report["replay"]
    assert counts["records"] == counts["quarantined"] == result.report.records["read"] > 50
    assert {line["source"] for line in again} == {"crm.csv", "web.jsonl.gz"}
    assert len({reason["code"] for line in first for reason in line["reasons"]}) > 5
    removed = plan.replay(batch / "first" / "removed.jsonl", out=batch / "removed")
    assert records(batch / "first" / "removed.jsonl") == records(batch / "removed" / "removed.jsonl")
    assert removed.report["replay"]["reasons"][0]["check"] == "known"
    assert removed.report["replay"]["filtered"] == removed.report.records["read"] > 10


def test_another_spec_accepts_what_it_would_have_accepted(batch: Path) -> None:
    """A replay gives the rows that a run of the new spec over all records gives, of those that were refused."""
    old = without(SPEC, SETS).replace("FORMAT", "parquet")
    new = old.replace("^[A-Z]-[0-9]+$", "^[A-Z]+-[0-9]+$").replace("[0, 5000]", "[0, 100000]")
    new = new.replace("keep: \"city <> 'нигде'\"", "keep: city is null or length(city) > 0")
    paths = [batch / "crm.csv", batch / "web.jsonl.gz"]
    strict, loose = made(batch, old, "old.dq.yaml"), made(batch, new, "new.dq.yaml")
    strict.run(paths, out=batch / "first", now=NOW)
    whole = loose.run(paths, now=NOW, index=True)
    assert whole.index is not None
    for file, least in (("quarantine.jsonl", 10), ("removed.jsonl", 10)):
        stored = [line for line in lines(batch / "first" / file) if "record" in line]
        places = {(line["source"], line["record"]) for line in stored}
        wanted = [place in places for place in whole.index.select("source", "record").iter_rows()]
        result = loose.replay(batch / "first" / file)
        assert result.accepted.equals(whole.accepted.filter(pl.Series(wanted)))
        assert result.accepted.height >= least
        assert result.report["replay"]["accepted"] == result.accepted.height


def test_a_dialect_that_reads_what_could_not_be_read(tmp_path: Path) -> None:
    spec = """\
dq: 1
event: e
version: 1.0.0
sources: {s: {format: csv, header: true OPTION}}
fields: {a: {type: string}, b: {type: string}}
"""
    data = b'a,b\n1,5" disk\n"x\ny",2\n3,"4\n\xff,5\n6,7,8\n9,10\n'
    (tmp_path / "in.csv").write_bytes(data)
    made(tmp_path, spec.replace("OPTION", "")).run(tmp_path / "in.csv", out=tmp_path / "out", now=NOW)
    refused = tmp_path / "out" / "quarantine.jsonl"
    codes = [line["reasons"][0]["code"] for line in lines(refused)[1:]]
    assert codes == ["unreadable.bare_quote", "unreadable.quote", "unreadable.encoding", "unreadable.ragged"]

    def accepted(option: str) -> list[tuple[str, ...]]:
        return made(tmp_path, spec.replace("OPTION", option)).replay(refused).accepted.rows()

    assert accepted("") == []
    assert accepted(", bare_quotes: data") == [("1", '5" disk')]
    assert accepted(", quote: none") == [("1", '5" disk'), ("3", '"4')]
    assert accepted(", encoding: cp1251") == [("я", "5")]


def test_a_record_alone_is_one_record(tmp_path: Path) -> None:
    """A span of several lines that were swallowed is one stored record, and never becomes several."""
    spec = "dq: 1\nevent: e\nversion: 1.0.0\nsources: {s: {format: csv OPTION}}\nfields: {a: {type: string}}\n"
    (tmp_path / "in.csv").write_bytes(b'a,b\n1,"2\n3,4\n5",6\n7,8\n')
    made(tmp_path, spec.replace("OPTION", "")).run(tmp_path / "in.csv", out=tmp_path / "out", now=NOW)
    refused = tmp_path / "out" / "quarantine.jsonl"
    result = made(tmp_path, spec.replace("OPTION", ", multiline: false")).replay(refused)
    again = [json.loads(text)[0]["code"] for text in result.quarantined["reasons"]]
    assert again == ["unreadable.several"]
    assert result.report.records["read"] == 1


def test_a_record_that_was_cut_cannot_be_replayed(tmp_path: Path) -> None:
    spec = "dq: 1\nevent: e\nversion: 1.0.0\nsources: {s: {format: jsonl, max_record: SIZE}}\nfields: {a: {type: string}}\n"
    (tmp_path / "in.jsonl").write_bytes(b'{"a": "' + b"x" * 9000 + b'"}\n')
    made(tmp_path, spec.replace("SIZE", "64")).run(tmp_path / "in.jsonl", out=tmp_path / "out", now=NOW)
    plan = made(tmp_path, spec.replace("SIZE", "65536"))
    result = plan.replay(tmp_path / "out" / "quarantine.jsonl", out=tmp_path / "again")
    counts = result.report["replay"]
    assert (counts["records"], counts["quarantined"], counts["not_replayable"]) == (1, 1, 1)
    first, again = (lines(tmp_path / name / "quarantine.jsonl")[1] for name in ("out", "again"))
    assert again["reasons"][0]["code"] == "unreadable.cut"
    assert {k: v for k, v in first.items() if k not in {"reasons", "spec"}} == {
        k: v for k, v in again.items() if k not in {"reasons", "spec"}
    }


def test_now_is_what_it_was(tmp_path: Path) -> None:
    """Records of several moments keep each its own, in judgement and in what is written."""
    spec = "dq: 1\nevent: e\nversion: 1.0.0\nfields: {t: {type: datetime, checks: [{before: now}]}}\n"
    plan = made(tmp_path, spec)
    (tmp_path / "in.csv").write_text("t\n2026-11-01T06:00:00Z\n2026-11-01T18:00:00Z\n")
    plan.run(tmp_path / "in.csv", out=tmp_path / "out", now=datetime(2026, 11, 1, tzinfo=UTC))
    path = tmp_path / "out" / "quarantine.jsonl"
    text = path.read_text().splitlines()
    text[2] = text[2].replace('"now":"2026-11-01T00', '"now":"2026-11-02T00')
    path.write_text("\n".join(text) + "\n")
    result = plan.replay(path, out=tmp_path / "again")
    assert result.report["replay"]["accepted"] == 1
    assert [line["now"] for line in lines(tmp_path / "again" / "quarantine.jsonl")[1:]] == ["2026-11-01T00:00:00Z"]
    with pytest.raises(dq.UsageError, match="different moments"):
        plan.replay(path, against=[tmp_path / "again"])


SETTLED = """\
dq: 1
event: e
version: 1.0.0
fields:
  k: {type: string, checks: [unique]}
  n: {type: integer, impute: median, checks: [{maximum: LIMIT}]}
dedupe: {key: [k]}
expect: [{row_count: {min: 3}}]
"""


def test_what_concerns_a_set_is_not_asked_but_against_earlier_rows(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("k,n\na,1\nb,9\nb,\nc,8\n")
    made(tmp_path, SETTLED.replace("LIMIT", "5")).run(tmp_path / "in.csv", out=tmp_path / "out", now=NOW)
    plan = made(tmp_path, SETTLED.replace("LIMIT", "50"))
    with pytest.raises(dq.UsageError, match=r"state\.json"):
        plan.replay(tmp_path / "out" / "quarantine.jsonl")
    state = plan.fit([{"k": "z", "n": 4}], now=NOW)
    result = plan.replay(tmp_path / "out" / "removed.jsonl", state=state, out=tmp_path / "again")
    assert pl.read_parquet(tmp_path / "again" / "accepted.parquet").rows() == [("b", 4)]
    assert result.report["replay"]["not_asked"] == ["k.unique", "dedupe", "expect.row_count"]
    assert "k.unique" not in {check["id"] for check in result.report["checks"]}
    assert result.report["spec"]["fingerprint"] == plan.fingerprint
    compared = plan.replay(tmp_path / "out" / "quarantine.jsonl", state=state, against=[tmp_path / "again"])
    assert compared.accepted["k"].to_list() == ["c"]
    assert compared.removed["lost_source"].to_list() == ["again/accepted.parquet"]
    assert compared.report["replay"]["not_asked"] == ["expect.row_count"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "its first line describes no source"),
        ("a,b\n1,2\n", "line 1: this is no line of a quarantine"),
        ('{"a": 1}\n', "its first line describes no source"),
        ('{"source":"s","header":null,"dialect":{"format":"csv"},"sha256":""}\n{"source":"t"}\n', "line 2"),
        ('{"source":"s","header":null,"dialect":7,"sha256":""}\n', "line 1"),
    ],
)
def test_a_file_that_is_no_quarantine(tmp_path: Path, text: str, words: str) -> None:
    plan = made(tmp_path, "dq: 1\nevent: e\nversion: 1.0.0\nfields: {a: {type: string}}\n")
    (tmp_path / "other.jsonl").write_text(text)
    with pytest.raises(dq.UsageError, match=words):
        plan.replay(tmp_path / "other.jsonl")


def test_an_empty_quarantine(tmp_path: Path) -> None:
    plan = made(tmp_path, "dq: 1\nevent: e\nversion: 1.0.0\nfields: {a: {type: string}}\n")
    (tmp_path / "in.csv").write_text("a\n1\n")
    plan.run(tmp_path / "in.csv", out=tmp_path / "out", now=NOW)
    result = plan.replay(tmp_path / "out" / "quarantine.jsonl")
    assert result.report["replay"]["records"] == result.report.records["read"] == 0


def test_rows_of_parquet_are_replayed_from_their_json(tmp_path: Path) -> None:
    """Numbers are numbers again, and a column whose name has a dot is found."""
    text = """\
dq: 1
event: e
version: 1.0.0
sources: {s: {format: parquet, fields: {n: a.b}}}
fields: {n: {type: integer, checks: [{maximum: LIMIT}]}, c: {type: date}}
"""
    frame = pl.DataFrame({"a.b": [1.0, 7.0], "c": [date(2026, 1, 2)] * 2})
    frame.write_parquet(tmp_path / "in.parquet")
    made(tmp_path, text.replace("LIMIT", "5")).run(tmp_path / "in.parquet", out=tmp_path / "out", now=NOW)
    result = made(tmp_path, text.replace("LIMIT", "9")).replay(tmp_path / "out" / "quarantine.jsonl")
    assert result.accepted.rows() == [(7, date(2026, 1, 2))]


def test_the_report_of_a_replay_is_a_report(tmp_path: Path) -> None:
    from jsonschema import Draft202012Validator

    plan = made(tmp_path, "dq: 1\nevent: e\nversion: 1.0.0\nfields: {a: {type: integer}}\n")
    (tmp_path / "in.csv").write_text("a\n1\nx\n")
    plan.run(tmp_path / "in.csv", out=tmp_path / "out", now=NOW)
    report = plan.replay(tmp_path / "out" / "quarantine.jsonl").report
    assert report["replay"]["reasons"][0]["check"] == "a.type"
    validator = Draft202012Validator(load_schema())
    assert list(validator.iter_errors(json.loads(report.json()))) == []
    report = json.loads(report.json())
    report["replay"]["surprise"] = 1
    assert list(validator.iter_errors(report))


def test_a_replay_is_judged_by_a_profile_and_with_waivers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "dq: 1\nevent: x\nversion: 1.0.0\nfields: {n: {type: integer, checks: [{maximum: 5}]}}\n"
    plan = made(tmp_path, text + "gate: {profiles: {lax: {quarantined: 100%}}}\n")
    plan.run([{"n": 9}], out=tmp_path / "out", now=NOW)
    (tmp_path / "waivers.yaml").write_text(
        "waivers: [{check: n.maximum, reason: known, owner: me, expires: 2999-12-31}]\n"
    )
    quarantine = tmp_path / "out" / "quarantine.jsonl"
    assert plan.replay(quarantine).report.verdict == "fail"
    assert plan.replay(quarantine, profile="lax").report.verdict == "pass"
    assert plan.replay(quarantine, waivers=tmp_path / "waivers.yaml").report.verdict == "warn"
    command = ["replay", str(quarantine), "--spec", str(tmp_path / "spec.dq.yaml"), "-q"]
    assert run([*command, "--profile", "lax"]) == 0
    assert run([*command, "--waivers", str(tmp_path / "waivers.yaml")]) == 0
    assert run(command) == 1
