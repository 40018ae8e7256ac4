"""A folder of specs: each record goes to the spec that takes it, and none is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.cli.main import run
from dq.engines.routing import AMBIGUOUS, UNMATCHED
from dq.sinks import manifest

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPECS = {
    "login_1": "dq: 1\nevent: login\nversion: 1.0.0\nfields: {user: {type: string, required: true}}\n",
    "login_2": "dq: 1\nevent: login\nversion: 2.0.0\nfields: {user: {type: integer, required: true, checks: [unique]}}\n",
    "click": "dq: 1\nevent: click\nversion: 1.0.0\nmatch: {kind: [click, tap]}\nfields: {x: {type: integer, impute: {median: {}}}}\n",
}
RECORDS = [
    {"event": "login", "version": "1.0.0", "user": "anna"},
    {"event": "login", "version": "2.0.0", "user": 7},
    {"kind": "tap", "x": 3},
    {"event": "login", "user": 7},
    {"event": "login", "version": "3.0.0", "user": 7},
    {"event": "login", "version": "2.0.0", "user": "anna"},
    {"event": "login", "version": "1.0.0", "kind": "click"},
    {"kind": "click"},
    {},
]


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "specs").mkdir()
    for name, text in SPECS.items():
        (tmp_path / "specs" / f"{name}.dq.yaml").write_text(text)
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(record) + "\n" for record in RECORDS) + "{broken\n")
    return tmp_path


def test_a_record_is_judged_by_the_version_that_it_declares(folder):
    result = dq.load_folder(folder / "specs").run(folder / "events.jsonl", now=NOW)
    accepted = {key: one.accepted.rows() for key, one in result.results.items()}
    assert accepted == {("login", "1.0.0"): [("anna",)], ("login", "2.0.0"): [(7,)], ("click", "1.0.0"): [(3,), (3,)]}
    refused = {record["record"]: record["reasons"][0]["code"] for record in result.unmatched}
    assert refused == {4: AMBIGUOUS, 5: UNMATCHED, 7: AMBIGUOUS, 9: UNMATCHED, 10: "unreadable.malformed"}
    assert result.report.records == {
        "read": 10, "accepted": 4, "quarantined": 1, "deduplicated": 0, "filtered": 0, "unmatched": 5,
    }  # fmt: skip
    with pytest.raises(dq.GateError, match="5 of 10 records went to no spec"):
        result.raise_for_verdict()


def test_records_keep_their_places(folder):
    result = dq.load_folder(folder / "specs").run(folder / "events.jsonl", now=NOW)
    refused = result.results["login", "2.0.0"].quarantined.row(0, named=True)
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    assert (refused["record"], refused["offset"]) == (6, len(b"".join(lines[:5])))
    assert json.loads(refused["raw"]) == RECORDS[5]


def test_the_output_is_one_complete_folder(folder, capsys):
    arguments = ["run", str(folder / "specs"), str(folder / "events.jsonl"), "--now", "2026-11-01T00:00:00Z"]
    assert run([*arguments, "--out", str(folder / "out"), "--unmatched", "50%"]) == 1  # one login is no number
    assert "5 unmatched" in capsys.readouterr().err
    assert manifest.verify(folder / "out") == []
    listed = manifest.read(folder / "out")
    assert {"unmatched.jsonl", "report.json", "login/1.0.0/accepted.parquet", "login/2.0.0/held.parquet"} <= set(listed)
    assert pl.read_parquet(folder / "out" / "click" / "1.0.0" / "accepted.parquet").rows() == [(3,), (3,)]
    (folder / "out" / "login" / "1.0.0" / "accepted.parquet").write_bytes(b"")
    (folder / "out" / "click" / "more").write_bytes(b"")
    assert len(manifest.verify(folder / "out")) == 2
    assert (folder / "out" / "unmatched.jsonl").stat().st_mode & 0o777 == 0o600


def test_what_no_spec_took_can_be_replayed_by_a_new_one(folder, capsys):
    arguments = [str(folder / "specs"), str(folder / "events.jsonl"), "--now", "2026-11-01T00:00:00Z", "-q"]
    run(["run", *arguments, "--out", str(folder / "out")])
    new = folder / "new.dq.yaml"
    new.write_text(SPECS["login_2"].replace("2.0.0", "3.0.0").replace("required: true, ", ""))
    assert run(["replay", str(folder / "out" / "unmatched.jsonl"), "--spec", str(new)]) == 1
    assert "accepted" in capsys.readouterr().err


def test_check_writes_nothing_and_prints_the_report(folder, capsys):
    before = sorted(folder.rglob("*"))
    code = run(["check", str(folder / "specs"), str(folder / "events.jsonl"), "--format", "json"])
    assert code == 1
    report = json.loads(capsys.readouterr().out)
    assert [spec["records"]["read"] for spec in report["specs"]] == [2, 1, 2]
    assert sorted(folder.rglob("*")) == before


def test_csv_of_several_events(folder):
    (folder / "events.csv").write_bytes(b'event,version,user,kind,x\nlogin,1.0.0,"a\nb",,\n,,,tap,5\n')
    result = dq.load_folder(folder / "specs").run(folder / "events.csv", now=NOW)
    assert result.results["login", "1.0.0"].accepted.rows() == [("a\nb",)]
    assert result.results["click", "1.0.0"].accepted.rows() == [(5,)]
    assert result.report.verdict == "pass"


def test_a_spec_that_aborts_leaves_nothing_published(folder):
    text = SPECS["login_2"].replace("checks: [unique]", "checks: [{maximum: 5, on_fail: abort}]")
    (folder / "specs" / "login_2.dq.yaml").write_text(text)
    assert run(["run", str(folder / "specs"), str(folder / "events.jsonl"), "--out", str(folder / "out"), "-q"]) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["events.jsonl", "specs"]


def test_a_failure_on_the_way_leaves_nothing_published(folder, monkeypatch):
    def fail(self, place):
        raise dq.SinkError("the disk is full")

    monkeypatch.setattr("dq.sinks.folder.OutputFolder.adopt", fail)
    assert run(["run", str(folder / "specs"), str(folder / "events.jsonl"), "--out", str(folder / "out"), "-q"]) == 3
    assert sorted(path.name for path in folder.iterdir()) == ["events.jsonl", "specs"]


LEARNING = """\
dq: 1
event: sale
version: 1.0.0
fields:
  id: {type: string, required: true, pii: true, mask: hash}
  paid: {type: integer, impute: median, checks: [{maximum: 90}]}
  day: {type: string, clean: [upper]}
dedupe: {key: [day]}
gate: {profiles: {lax: {quarantined: 90%}}}
"""
PLAIN = "dq: 1\nevent: visit\nversion: 1.0.0\nfields: {page: {type: string}}\n"
MONDAY = [{"event": "sale", "id": "a", "paid": 10, "day": "mon"}, {"event": "visit", "page": "x"}]
TUESDAY = [
    {"event": "sale", "id": "b", "day": "tue"},
    {"event": "sale", "id": "c", "paid": 10, "day": "mon"},
    {"event": "sale", "id": "d", "paid": 99, "day": "wed"},
]


@pytest.fixture
def sales(tmp_path):
    """Return a folder of two specs, of which one learns and compares keys, with the outputs of one day."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "sale.dq.yaml").write_text(LEARNING)
    (tmp_path / "specs" / "visit.dq.yaml").write_text(PLAIN)
    for name, records in (("monday", MONDAY), ("tuesday", TUESDAY)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (tmp_path / "key").write_bytes(b"0123456789abcdef")
    assert (
        run([*arguments(tmp_path, "monday"), "--out", str(tmp_path / "mon"), "--mask-key", str(tmp_path / "key")]) == 0
    )
    return tmp_path


def arguments(folder: Path, day: str, verb: str = "run") -> list[str]:
    return [verb, str(folder / "specs"), str(folder / f"{day}.jsonl"), "--now", "2026-11-01T00:00:00Z", "-q"]


def test_each_spec_is_given_its_own_of_earlier_outputs(sales):
    earlier = str(sales / "mon")
    given = ["--state", earlier, "--against", earlier, "--mask-key", str(sales / "key"), "--ledger"]
    assert run([*arguments(sales, "tuesday"), "--out", str(sales / "tue"), *given]) == 1
    part = sales / "tue" / "sale" / "1.0.0"
    rows = pl.read_parquet(part / "held.parquet")
    assert rows["paid"].to_list() == [10]  # as Monday taught
    assert len(rows["id"][0]) == 64
    assert len((part / "removed.jsonl").read_bytes().splitlines()) == 2  # the source, and what was there on Monday
    assert pl.read_parquet(part / "ledger.parquet")["record"].to_list() == [1, 1]
    assert (sales / "tue" / "visit" / "1.0.0" / "ledger.parquet").exists()
    assert manifest.verify(sales / "tue") == []


@pytest.mark.parametrize("what", ["baseline", "report", "waivers", "profile"])
def test_a_known_failure_of_one_spec_does_not_fail_the_folder(sales, what, tmp_path, capsys):
    waivers = tmp_path / "waivers"
    waivers.mkdir()
    (waivers / "sale-1.0.0.waivers.yaml").write_text(
        "waivers: [{check: paid.maximum, reason: known, owner: shop, expires: 2026-12-31}]\n"
    )
    out = sales / "known"
    assert run([*arguments(sales, "tuesday"), "--out", str(out), "--mask-key", str(sales / "key")]) == 1
    options = {
        "baseline": ["--baseline", str(out)],
        "report": ["--baseline", str(out / "report.json")],
        "waivers": ["--waivers", str(waivers)],
        "profile": ["--profile", "lax"],
    }
    assert run([*arguments(sales, "tuesday", "check"), *options[what]]) == 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--state", "specs"], "it has no output of a spec"),
        (["--against", "specs"], "it has no output of a spec"),
        (["--baseline", "specs"], "it has no output of a spec"),
        (["--waivers", "specs"], "there is no *.waivers.yaml"),
        (["--profile", "laxx"], "did you mean 'lax'?"),
        (["--timings"], "--timings is for one spec"),
    ],
)
def test_what_fits_no_spec_is_refused(sales, options, problem, monkeypatch, capsys):
    monkeypatch.chdir(sales)
    assert run([*arguments(sales, "tuesday", "check"), *options]) == 2
    assert problem in capsys.readouterr().err


def test_waivers_of_no_spec_and_a_state_that_is_missing_are_refused(sales, capsys):
    (sales / "sale-2.0.0.waivers.yaml").write_text("waivers: []\n")
    assert run([*arguments(sales, "tuesday", "check"), "--waivers", str(sales)]) == 2
    assert "they are named as sale-1.0.0.waivers.yaml" in capsys.readouterr().err
    (sales / "mon" / "sale" / "1.0.0" / "state.json").unlink()
    assert run([*arguments(sales, "tuesday", "check"), "--state", str(sales / "mon")]) == 2
    assert "it has no state of sale 1.0.0" in capsys.readouterr().err


EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "event": st.sampled_from(["login", "other"]),
        "version": st.sampled_from(["1.0.0", "2.0.0", "9.0.0"]),
        "kind": st.sampled_from(["click", "tap", "x"]),
        "user": st.sampled_from(["a", "1"]),
    },
)


@settings(max_examples=25)
@given(st.lists(EVENTS, max_size=12))
def test_every_record_leaves_through_one_door(tmp_path_factory, records):
    specs = tmp_path_factory.mktemp("specs")
    for name, text in SPECS.items():
        (specs / f"{name}.dq.yaml").write_text(text)
    result = dq.load_folder(specs).run(records, now=NOW)
    counts = result.report.records
    assert counts["read"] == len(records) == sum(count for door, count in counts.items() if door != "read")
    numbers = [record["record"] for record in result.unmatched]
    for one in result.results.values():
        numbers += one.quarantined["record"].to_list()
    assert len(set(numbers)) == len(numbers) == counts["unmatched"] + counts["quarantined"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"click": SPECS["login_1"]}, "same event and version"),
        (
            {"more": SPECS["click"].replace("click\n", "other\n", 1)},
            "take the same records: click 1.0.0 and other 1.0.0",
        ),
        (
            {"csv": "dq: 1\nevent: e\nversion: 1.0.0\nsources: {s: {format: csv}}\nfields: {a: {type: string}}\n"},
            "different forms",
        ),
    ],
)
def test_specs_that_cannot_stand_together_are_refused(folder, change, problem):
    for name, text in change.items():
        (folder / "specs" / f"{name}.dq.yaml").write_text(text)
    with pytest.raises(dq.UsageError, match=problem):
        dq.load_folder(folder / "specs").check(folder / "events.jsonl")


def test_every_mistake_of_every_spec_is_told_at_once(folder):
    for name in ("a", "b"):
        (folder / "specs" / f"{name}.dq.yaml").write_text(SPECS["click"].replace("integer", "intger"))
    with pytest.raises(dq.SpecError) as refused:
        dq.load_folder(folder / "specs")
    assert len(refused.value.diagnostics) == 2


@pytest.mark.parametrize("option", [["--state", "s.json"], ["--format", "junit"], ["--unmatched", "200%"]])
def test_options_that_are_for_one_spec_are_refused(folder, option):
    assert run(["check", str(folder / "specs"), str(folder / "events.jsonl"), *option]) == 2


def test_unmatched_is_for_folders(folder):
    assert (
        run(["check", str(folder / "specs" / "click.dq.yaml"), str(folder / "events.jsonl"), "--unmatched", "1%"]) == 2
    )


@pytest.mark.shared
def test_webhooks_of_github_go_to_their_specs(shared):
    folder = dq.load_folder(Path(__file__).parents[2] / "specs" / "github")
    source = shared / "data" / "events" / "github_webhooks" / "events.jsonl"
    result = folder.run(source, unmatched="60%", now=datetime(2026, 11, 1, tzinfo=UTC))
    assert len(folder.plans) >= 6
    events = [json.loads(line)["event"] for line in source.read_bytes().splitlines()]
    for (event, _), one in result.results.items():
        assert one.report.records["read"] == events.count(event)
    counts = result.report.records
    assert counts == {
        "read": 255, "accepted": 106, "quarantined": 2, "deduplicated": 0, "filtered": 0, "unmatched": 147,
    }  # fmt: skip
    assert {record["reasons"][0]["code"] for record in result.unmatched} == {UNMATCHED}
