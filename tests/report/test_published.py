"""Machine formats by the published rules of their standards, and as readers from the registry take them."""

from __future__ import annotations

import json
from io import StringIO

import orjson
import pytest
from jsonschema import Draft202012Validator

from dq.report.build import dump
from dq.report.renderers import render

from . import published, runs
from .test_html import CASES

LINEAGE = "openlineage"


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    found = runs.reports(tmp_path_factory.mktemp("reports"))
    return {name: orjson.loads(dump(report)) for name, report in found.items()}


def mistakes(schema, value):
    found = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in found]


def test_the_schemas_are_schemas():
    for schema in (published.SARIF, published.OPENLINEAGE, published.CODE_QUALITY):
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("case", CASES)
def test_sarif_is_sarif(reports, case):
    log = json.loads(render(reports[case], "sarif", {"input.csv": "data/in put.csv"}))
    assert mistakes(published.SARIF, log) == []


@pytest.mark.parametrize("case", CASES)
def test_sarif_is_read_with_the_same_findings(reports, case):
    reader = pytest.importorskip("sarif_pydantic")
    text = render(reports[case], "sarif")
    log = reader.Sarif.model_validate_json(text)
    (run,) = log.runs
    rules = [rule.id for rule in run.tool.driver.rules]
    assert [rules[result.rule_index] for result in run.results] == [result.rule_id for result in run.results]
    assert [result.level.value for result in run.results] == [
        r["level"] for r in json.loads(text)["runs"][0]["results"]
    ]
    places = [place.physical_location for result in run.results for place in result.locations]
    assert all(place.artifact_location.uri for place in places)
    assert any(result.level is reader.Level.ERROR for result in run.results) == (reports[case]["verdict"] == "fail")


@pytest.mark.parametrize("case", CASES)
def test_code_quality_is_what_gitlab_reads(reports, case):
    assert mistakes(published.CODE_QUALITY, json.loads(render(reports[case], "gitlab"))) == []


# OpenLineage


def events(report):
    return [json.loads(line) for line in render(report, LINEAGE).splitlines()]


@pytest.mark.parametrize("case", CASES)
def test_lineage_is_two_events_of_one_run(reports, case):
    start, end = found = events(reports[case])
    assert [problem for event in found for problem in mistakes(published.OPENLINEAGE, event)] == []
    assert (start["eventType"], end["eventType"]) == (
        "START", "FAIL" if reports[case]["verdict"] == "fail" else "COMPLETE",
    )  # fmt: skip
    assert start["run"] == end["run"]
    assert [(i["namespace"], i["name"]) for i in start["inputs"]] == [
        (i["namespace"], i["name"]) for i in end["inputs"]
    ]


def test_a_run_has_an_id_of_its_own_and_keeps_it(reports):
    ids = {case: events(report)[0]["run"]["runId"] for case, report in reports.items()}
    assert ids["a frame"] != ids["unreadable"]
    assert ids == {case: events(report)[1]["run"]["runId"] for case, report in reports.items()}
    later = {**reports["a frame"], "now": "2026-11-02T00:00:00Z"}
    assert events(later)[0]["run"]["runId"] != ids["a frame"]


def test_assertions_say_what_was_found_whatever_the_gate_makes_of_it(reports):
    report = reports["every type"]
    (dataset,) = events(report)[1]["inputs"]
    told = {a["name"]: a for a in dataset["inputFacets"]["dataQualityAssertions"]["assertions"]}
    checks = {check["id"]: check for check in report["checks"] if check["verdict"] != "not_evaluated"}
    assert {name for name in checks if not told[name]["success"]} == {
        name for name, check in checks.items() if check["failed"] or check["blocked"]
    }
    assert any(check["verdict"] == "tolerated" and not told[name]["success"] for name, check in checks.items())
    assert told["s.accepted_values"]["column"] == "s"
    assert told["secret.maximum"]["severity"] == "warn"
    assert "column" not in told["rule"]
    metrics = dataset["inputFacets"]["dataQualityMetrics"]
    assert metrics["rowCount"] == report["records"]["read"]
    assert metrics["columnMetrics"]["s"]["nullCount"] == report["fields"]["s"]["before"]["missing"]


# OpenMetrics


def families(report):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    text = render(report, "openmetrics").decode()
    return {family.name: family for family in parser.text_fd_to_metric_families(StringIO(text))}


def values(family, *labels):
    return {tuple(sample.labels[name] for name in labels): sample.value for sample in family.samples}


@pytest.mark.parametrize("case", CASES)
def test_metrics_are_read_by_a_parser_of_openmetrics(reports, case):
    report, found = reports[case], families(reports[case])
    assert values(found["dq_records_read"], "event") == {(report["spec"]["event"],): report["records"]["read"]}
    doors = values(found["dq_records"], "door")
    assert doors == {(door,): report["records"][door] for (door,) in doors}
    assert sum(doors.values()) == report["records"]["read"]
    assert values(found["dq_verdict"], "dq_verdict")[(report["verdict"],)] == 1
    assert sum(sample.value for sample in found["dq_verdict"].samples) == 1
    failed = values(found["dq_check_failed"], "check")
    assert failed == {(check["id"],): check["failed"] for check in report["checks"]}
    broken = {name for (name,), value in values(found["dq_promise_broken"], "promise").items() if value}
    promises = (*report["checks"], *report["expectations"], *report["ml"].get("checks", []))
    assert broken == {item["id"] for item in promises if item["verdict"] == "fail"}
    assert found["dq_run"].samples[0].labels["fingerprint"] == report["spec"]["fingerprint"]


def test_drift_is_a_gauge_for_every_measure(tmp_path):
    spec = "dq: 1\nevent: e\nversion: 1.0.0\nfields:\n  a: {type: integer}\nexpect: [{drift: {field: a, psi: 0.2}}]\n"
    plan = runs.plan(tmp_path, spec)
    state = plan.fit([{"a": number} for number in range(100)], now=runs.NOW)
    report = plan.check([{"a": number + 50} for number in range(100)], now=runs.NOW, state=state)
    found = values(families(orjson.loads(report.json()))["dq_drift"], "field", "measure")
    assert found[("a", "psi")] == report["drift"][0]["measures"]["psi"]["value"] > 0.2


# JUnit


@pytest.mark.parametrize("case", CASES)
def test_junit_is_read_with_the_same_counts(reports, case):
    reader = pytest.importorskip("junitparser")
    (suite,) = reader.JUnitXml.fromstring(render(reports[case], "junit"))
    results = [kind for test in suite for kind in test.result]
    assert suite.tests == len(list(suite))
    assert suite.failures == sum(isinstance(kind, reader.Failure) for kind in results)
    assert suite.skipped == sum(isinstance(kind, reader.Skipped) for kind in results)
    assert (suite.failures > 0) == (reports[case]["verdict"] == "fail")
