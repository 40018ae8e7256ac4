"""Living with legacy: what is waived and what is no worse than before does not fail the gate, and all of it is shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import orjson
import pytest

import dq
from dq.cli.main import run
from dq.report.build import dump
from dq.report.renderers import RENDERERS, render
from dq.report.schema import load_schema, parse

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SPEC = """\
dq: 1
event: order
version: 1.0.0
fields:
  amount: {type: integer, checks: [{minimum: 0}, {maximum: 90, severity: warning}]}
  who: {type: string, checks: [{max_length: 3, mostly: 50%}], expect: [{missing: {max: 5%}}]}
"""
SHARE = SPEC + "gate: {quarantined: 10%}\n"
WAIVER = "  - {check: CHECK, reason: the old till, owner: sales, expires: 2026-11-01}\n"


def records(negative=0, *, of=20, **more):
    """Return records of which so many have a negative amount."""
    return [{"amount": -1 if number < negative else number, "who": "me", **more} for number in range(of)]


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def load(text=SPEC):
        (tmp_path / "order.dq.yaml").write_text(text)
        return dq.load("order.dq.yaml")

    return load


@pytest.fixture
def waive(tmp_path):
    def write(*checks, until="2026-11-01"):
        path = tmp_path / "order.waivers.yaml"
        lines = [WAIVER.replace("CHECK", check).replace("2026-11-01", until) for check in checks]
        path.write_text("waivers:\n" + "".join(lines))
        return path

    return write


def verdicts(report):
    return {item["id"]: item["verdict"] for item in (*report["checks"], *report["expectations"])}


class TestWaivers:
    """A waiver excuses a failure until its last day is over, and nothing else."""

    def test_a_waived_failure_warns_and_its_records_are_refused_all_the_same(self, plan, waive):
        result = plan().run(records(2), now=NOW, waivers=waive("amount.minimum"))
        assert (result.report.verdict, verdicts(result.report)["amount.minimum"]) == ("warn", "waived")
        assert result.report["because"] == [
            "amount.minimum: 2 of 20 fail; waived until 2026-11-01 by sales: the old till"
        ]
        assert result.quarantined.height == 2
        assert all('"check":"amount.minimum"' in reasons for reasons in result.quarantined["reasons"])

    def test_what_is_not_waived_fails_beside_it(self, plan, waive):
        report = plan().check(records(2, who=None), now=NOW, waivers=waive("amount.minimum"))
        assert report.verdict == "fail"
        assert verdicts(report)["expect.who.missing"] == "fail"

    @pytest.mark.parametrize("check", ["amount.minimum", "readable", "amount.type", "who.max_length"])
    def test_one_that_is_not_needed_stands_idle(self, plan, waive, check):
        report = plan().check(records(), now=NOW, waivers=waive(check))
        assert (report.verdict, report["waivers"]["entries"][0]["state"]) == ("pass", "idle")

    @pytest.mark.parametrize(
        ("now", "verdict", "state"),
        [("2026-11-01T23:59:59Z", "warn", "used"), ("2026-11-02T00:00:00Z", "fail", "expired")],
    )
    def test_now_decides_when_it_expires(self, plan, waive, now, verdict, state):
        moment = datetime.fromisoformat(now)
        report = plan().check(records(1), now=moment, waivers=waive("amount.minimum"))
        assert (report.verdict, report["waivers"]["entries"][0]["state"]) == (verdict, state)

    def test_an_expired_one_fails_even_where_nothing_else_does(self, plan, waive):
        report = plan().check(records(), now=NOW, waivers=waive("amount.minimum", until="2026-10-31"))
        assert report.verdict == "fail"
        assert report["because"] == ["the waiver of amount.minimum by sales expired on 2026-10-31: the old till"]

    def test_expectations_and_checks_with_a_share_of_their_own_can_be_waived(self, plan, waive):
        report = plan().check(
            records(who=None)[:10] + records(who="longer")[:10],
            now=NOW,
            waivers=waive("expect.who.missing", "who.max_length"),
        )
        assert (verdicts(report)["expect.who.missing"], verdicts(report)["who.max_length"]) == ("waived", "waived")
        assert report.verdict == "warn"

    def test_a_waived_warning_does_not_fail_a_gate_that_fails_on_warnings(self, plan, waive):
        over = [{"amount": 99, "who": "me"}]
        assert plan().check(over, now=NOW, fail_on="warning").verdict == "fail"
        report = plan().check(over, now=NOW, fail_on="warning", waivers=waive("amount.maximum"))
        assert (report.verdict, verdicts(report)["amount.maximum"]) == ("warn", "waived")

    def test_a_gate_that_counts_refusals_leaves_out_what_only_waivers_excuse(self, plan, waive):
        assert plan(SHARE).check(records(3), now=NOW).verdict == "fail"
        report = plan(SHARE).check(records(3), now=NOW, waivers=waive("amount.minimum"))
        assert (report.verdict, report["waivers"]["refused"], report.records["quarantined"]) == ("warn", 3, 3)
        also = [{"amount": -1, "who": "too long"}] * 3 + records()
        report = plan(SHARE).check(also, now=NOW, waivers=waive("amount.minimum"))
        assert (report.verdict, report["waivers"]["refused"]) == ("fail", 0)

    def test_unreadable_records_can_be_waived(self, plan, waive, tmp_path):
        (tmp_path / "in.csv").write_text("amount,who\n1,a\n2\n")
        assert plan(SHARE).check("in.csv", now=NOW).verdict == "fail"
        report = plan(SHARE).check("in.csv", now=NOW, waivers=waive("readable"))
        assert (report.verdict, report["waivers"]["refused"]) == ("warn", 1)

    def test_a_waiver_of_nothing_is_a_diagnostic_before_anything_is_read(self, plan, waive, capsys):
        plan()
        path = waive("amount.minimun")
        with pytest.raises(dq.SpecError) as caught:
            plan().check("absent.csv", waivers=path)
        assert [d.code for d in caught.value.diagnostics] == ["DQ330"]
        assert run(["check", "order.dq.yaml", "absent.csv", "--waivers", str(path)]) == 2
        assert "order.waivers.yaml:2:13: DQ330" in capsys.readouterr().err

    def test_lint_judges_them_with_their_spec(self, plan, waive, capsys):
        plan()
        assert run(["lint", "order.dq.yaml", "--waivers", str(waive("amount.minimum"))]) == 0
        assert run(["lint", "order.dq.yaml", "--waivers", str(waive("amount.minimun"))]) == 2
        assert "did you mean" in capsys.readouterr().err
        assert run(["lint", "order.dq.yaml", "order.dq.yaml", "--waivers", "x"]) == 2


class TestBaseline:
    """Only what is new or worse than in the report of an earlier run fails."""

    @pytest.mark.parametrize(
        ("before", "now", "verdict", "standing"),
        [(2, 2, "warn", "known"), (2, 1, "warn", "known"), (2, 3, "fail", "worse"), (0, 1, "fail", "new")],
    )
    def test_a_check_is_known_if_no_larger_share_failed_before(self, plan, before, now, verdict, standing):
        baseline = plan().check(records(before), now=NOW)
        report = plan().check(records(now), now=NOW, baseline=baseline)
        assert report.verdict == verdict
        assert verdicts(report)["amount.minimum"] == ("known" if verdict == "warn" else "fail")
        assert report["baseline"]["promises"] == [
            {"id": "amount.minimum", "standing": standing, "before": before / 20, "after": now / 20}
        ]

    def test_shares_are_compared_and_not_counts(self, plan):
        baseline = plan().check(records(2), now=NOW)
        assert plan().check(records(3, of=40), now=NOW, baseline=baseline).verdict == "warn"
        assert plan().check(records(2, of=19), now=NOW, baseline=baseline).verdict == "fail"

    def test_an_expectation_is_known_if_it_failed_before(self, plan):
        baseline = plan().check(records(who=None), now=NOW)
        report = plan().check([{"amount": 1, "who": "me"}, {"amount": 1, "who": None}], now=NOW, baseline=baseline)
        assert (report.verdict, verdicts(report)["expect.who.missing"]) == ("warn", "known")
        assert plan().check(records(who=None), now=NOW, baseline=plan().check(records(), now=NOW)).verdict == "fail"

    def test_the_share_of_refused_records_is_compared_too(self, plan):
        baseline = plan(SHARE).check(records(4), now=NOW)
        report = plan(SHARE).check(records(4), now=NOW, baseline=baseline)
        assert (report.verdict, verdicts(report)["amount.minimum"]) == ("warn", "tolerated")
        assert plan(SHARE).check(records(5), now=NOW, baseline=baseline).verdict == "fail"

    def test_what_holds_again_is_told(self, plan):
        report = plan().check(records(), now=NOW, baseline=plan().check(records(1, who=None), now=NOW))
        assert report.verdict == "pass"
        assert [(p["id"], p["standing"]) for p in report["baseline"]["promises"]] == [
            ("amount.minimum", "fixed"), ("expect.who.missing", "fixed"),
        ]  # fmt: skip

    def test_a_chain_of_baselines_lets_nothing_grow(self, plan):
        first = plan().check(records(2), now=NOW)
        second = plan().check(records(1), now=NOW, baseline=first)
        assert second.verdict == "warn"
        assert plan().check(records(2), now=NOW, baseline=second).verdict == "fail"

    def test_what_refuses_a_whole_source_is_never_known(self, plan, tmp_path):
        (tmp_path / "empty.csv").write_text("who\nme\n")
        text = SPEC.replace("amount: {type: integer,", "amount: {type: integer, required: true,")
        baseline = plan(text).check("empty.csv", now=NOW)
        assert plan(text).check("empty.csv", now=NOW, baseline=baseline).verdict == baseline.verdict == "fail"

    def test_a_report_of_another_event_is_refused_with_the_difference(self, plan, tmp_path, capsys):
        (tmp_path / "base.json").write_bytes(
            plan(SPEC.replace("event: order", "event: visit")).check([], now=NOW).json()
        )
        plan()
        assert run(["check", "order.dq.yaml", "absent.csv", "--baseline", "base.json"]) == 2
        assert "of the event 'visit', and this spec is of 'order'" in capsys.readouterr().err

    def test_a_run_is_compared_with_a_file(self, plan, tmp_path):
        plan()
        (tmp_path / "in.csv").write_text("amount,who\n-1,me\n1,me\n")
        assert run(["run", "order.dq.yaml", "in.csv", "--out", "one", "-q"]) == 1
        assert run(["run", "order.dq.yaml", "in.csv", "--out", "two", "-q", "--baseline", "one/report.json"]) == 0
        report = json.loads((tmp_path / "two" / "report.json").read_bytes())
        assert report["baseline"]["verdict"] == "fail"
        assert (tmp_path / "two" / "accepted.parquet").exists()


class TestShown:
    """Whatever keeps a failure from failing the gate stands in every format."""

    @pytest.fixture
    def reports(self, plan, waive):
        base = plan().check(records(2), now=NOW)
        found = {
            "used": plan().check(records(2), now=NOW, waivers=waive("amount.minimum")),
            "expired": plan().check(records(2), now=NOW, waivers=waive("amount.minimum", until="2026-10-31")),
            "idle": plan().check(records(), now=NOW, waivers=waive("amount.minimum")),
            "known": plan().check(records(1), now=NOW, baseline=base),
            "worse": plan().check(records(3), now=NOW, baseline=base),
        }
        return {name: orjson.loads(dump(dict(report.data))) for name, report in found.items()}

    def test_reports_obey_their_schema(self, reports):
        assert {"waivers", "baseline"} <= set(load_schema()["properties"])
        for report in reports.values():
            assert parse(dump(report), "report.json") == report

    @pytest.mark.parametrize("form", sorted(set(RENDERERS) - {"openmetrics", "openlineage"}))  # which have no prose
    @pytest.mark.parametrize("case", ["used", "expired", "idle"])
    def test_a_waiver_is_shown_with_its_reason(self, reports, form, case):
        text = render(reports[case], form).decode()
        if case == "idle" and form == "junit":  # A promise that holds has no words there, only a name.
            assert 'name="waiver.amount.minimum"' in text
        else:
            assert "the old till" in text

    @pytest.mark.parametrize(("form", "words"), [
        ("html", "known"), ("markdown", "known"), ("tap", "# TODO known"), ("ndjson", '"standing":"known"'),
        ("sarif", '"baselineState": "unchanged"'), ("github", "no worse than in the baseline"),
        ("gitlab", "no worse than in the baseline"), ("junit", "no worse than in the baseline"),
    ])  # fmt: skip
    def test_the_baseline_is_shown(self, reports, form, words):
        assert words in render(reports["known"], form).decode()

    @pytest.mark.parametrize("case", ["used", "expired", "idle"])
    def test_a_waiver_is_a_metric(self, reports, case):
        line = f'dq_waiver{{event="order",promise="amount.minimum",state="{case}"}} 1'
        assert line in render(reports[case], "openmetrics").decode().splitlines()

    def test_a_waived_result_is_suppressed_for_readers_of_sarif(self, reports):
        (sarif,) = json.loads(render(reports["used"], "sarif"))["runs"]
        results = {result["ruleId"]: result for result in sarif["results"]}
        assert results["amount.minimum"]["suppressions"] == [{"kind": "external", "status": "accepted"}]
        assert "suppressions" not in results["waiver.amount.minimum"]
