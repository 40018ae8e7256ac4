"""Profiles of the gate: other thresholds under a name, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import dq
from dq.cli.main import run

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPEC = """\
dq: 1
event: order
version: 1.0.0
fields:
  amount: {type: integer, checks: [{minimum: 0}, {maximum: 90, severity: warning}]}
gate:
  quarantined: 1%
  profiles:
    staging: {quarantined: 10%}
    production: {fail_on: warning}
    lenient: {quarantined: 100%, fail_on: error}
"""
CHECKED = SPEC.replace("  quarantined: 1%\n", "").replace("{quarantined: 10%}", "{}").replace("quarantined: 100%, ", "")
RECORDS = [{"amount": number} for number in (-1, *range(1, 20))]


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def load(text=SPEC):
        (tmp_path / "order.dq.yaml").write_text(text)
        return dq.load("order.dq.yaml")

    return load


@pytest.mark.parametrize(
    ("profile", "verdict", "gate"),
    [
        (None, "fail", {"quarantined": 0.01, "fail_on": "error"}),
        ("staging", "pass", {"quarantined": 0.1, "fail_on": "error", "profile": "staging"}),
        ("production", "fail", {"quarantined": 0.01, "fail_on": "warning", "profile": "production"}),
        ("lenient", "pass", {"quarantined": 1.0, "fail_on": "error", "profile": "lenient"}),
    ],
)
def test_a_profile_says_what_is_different_and_the_gate_the_rest(plan, profile, verdict, gate):
    report = plan().check(RECORDS, now=NOW, profile=profile)
    assert (report.verdict, report["gate"]) == (verdict, gate)


def test_a_profile_may_fail_on_warnings(plan):
    records = [{"amount": 99}]
    assert plan(CHECKED).check(records, now=NOW).verdict == "warn"
    assert plan(CHECKED).check(records, now=NOW, profile="production").verdict == "fail"
    assert plan(CHECKED).check(records, now=NOW, profile="lenient", fail_on="warning").verdict == "fail"


def test_no_profile_changes_what_becomes_of_a_record(plan):
    results = [plan().run(RECORDS, now=NOW, profile=name) for name in (None, "staging", "production", "lenient")]
    assert {result.report["records"]["quarantined"] for result in results} == {1}
    assert all(result.accepted.equals(results[0].accepted) for result in results)


def test_the_fingerprint_knows_the_profile_and_every_threshold(plan):
    whole = plan()
    prints = {whole.with_profile(name).fingerprint for name in (None, "staging", "production", "lenient")}
    assert len(prints) == 4
    assert whole.with_profile(None).fingerprint == whole.fingerprint
    assert plan(SPEC.replace("10%", "11%")).fingerprint != whole.fingerprint
    assert plan(SPEC.replace("staging:", "stage:")).fingerprint != whole.fingerprint
    assert whole.with_profile("staging").compiled.alone().fingerprint == whole.with_profile("staging").fingerprint


def test_the_command_judges_by_the_profile_and_says_so(plan, tmp_path, capsys):
    plan()
    (tmp_path / "in.csv").write_text("amount\n" + "".join(f"{record['amount']}\n" for record in RECORDS))
    assert run(["check", "order.dq.yaml", "in.csv"]) == 1
    assert "profile" not in capsys.readouterr().err
    assert run(["check", "order.dq.yaml", "in.csv", "--profile", "staging"]) == 0
    assert "profile staging" in capsys.readouterr().err
    assert run(["run", "order.dq.yaml", "in.csv", "--out", "out", "-q", "--profile", "staging"]) == 0
    assert (tmp_path / "out" / "accepted.parquet").exists()
    page = (tmp_path / "out" / "report.html").read_text()
    assert "gate (staging): at most 10% refused" in page


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("prodution", SPEC, "did you mean 'production'?"),
        ("x", SPEC, "there are staging, production, lenient"),
        ("x", SPEC.partition("  profiles:")[0], "has no profile 'x'\n"),
    ],
)
def test_a_profile_that_is_not_there_is_a_mistake_of_usage(plan, capsys, name, text, words):
    with pytest.raises(dq.UsageError):
        plan(text).check(RECORDS, now=NOW, profile=name)
    assert run(["check", "order.dq.yaml", "absent.csv", "--profile", name]) == 2
    assert words in capsys.readouterr().err
