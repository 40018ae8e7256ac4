"""Formats for machines: each by its own rules, agreeing with the report, and deaf to what data say."""

from __future__ import annotations

import json
import re
import unicodedata
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import orjson
import pytest

from dq.report.build import dump
from dq.report.findings import GATE, cases
from dq.report.renderers import RENDERERS, render

from . import runs
from .test_html import CASES, HOSTILE, poisoned, texts

MACHINES = [name for name in RENDERERS if name != "html"]


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    found = runs.reports(tmp_path_factory.mktemp("reports"))
    return {name: orjson.loads(dump(report)) for name, report in found.items()}


def broken(report):
    """Return the ids of the promises that fail the gate, the gate itself among them; counted from the report alone."""
    asked = [*report["checks"], *report["expectations"], *report["ml"].get("checks", [])]
    ids = [item["id"] for item in asked if item["verdict"] == "fail"]
    ids += [c["id"] for c in report["checks"] if c["verdict"] == "not_evaluated" and c["blocked"]]
    ids += [f"source.{source['name']}" for source in report["sources"] if source["refused"]]
    waivers = report.get("waivers", {"entries": []})["entries"]
    ids += [f"waiver.{waiver['check']}" for waiver in waivers if waiver["state"] == "expired"]
    return sorted([*ids, *([GATE] if report["verdict"] == "fail" else [])])


@pytest.mark.parametrize("case", CASES)
def test_what_is_an_error_is_what_fails_the_gate(reports, case):
    report = reports[case]
    assert sorted(c.id for c in cases(report) if c.level == "error") == broken(report)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", MACHINES)
def test_the_same_report_gives_the_same_bytes(reports, case, form):
    data = render(reports[case], form)
    assert data == render(orjson.loads(dump(reports[case])), form)
    assert data.decode("utf-8").endswith("\n")


# JUnit


def junit(report):
    return ET.fromstring(render(report, "junit"))


@pytest.mark.parametrize("case", CASES)
def test_junit_counts_what_it_holds(reports, case):
    """Attributes and order are those of the two schemas in use, Ant's and Jenkins'."""
    (suite,) = junit(reports[case])
    assert set(suite.attrib) == {
        "name", "package", "id", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname",
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
    found = suite.findall("testcase")
    assert [child.tag for child in suite] == ["properties", *["testcase"] * len(found), "system-out", "system-err"]
    assert int(suite.attrib["tests"]) == len(found)
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
    assert all(set(item.attrib) == {"classname", "name", "time"} and len(item) <= 1 for item in found)
    assert sorted(item.attrib["name"] for item in found if item.find("failure") is not None) == broken(reports[case])


def test_junit_is_read_by_a_reader_of_junit(reports):
    reader = pytest.importorskip("junitparser")
    (suite,) = reader.JUnitXml.fromstring(render(reports["every type"], "junit"))
    assert suite.failures == len(broken(reports["every type"]))


# SARIF


def sarif(report, paths=None):
    return json.loads(render(report, "sarif", paths))


@pytest.mark.parametrize("case", CASES)
def test_sarif_leads_from_results_to_rules_and_places(reports, case):
    log = sarif(reports[case])
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        for place in (*result["locations"], *result.get("relatedLocations", [])):
            physical = place["physicalLocation"]
            assert physical["artifactLocation"]["uri"]
            assert physical.get("region", {"startLine": 1})["startLine"] >= 1
    assert sorted(r["ruleId"] for r in run["results"] if r["level"] == "error") == broken(reports[case])
    prints = [result["partialFingerprints"]["promise/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)


def test_sarif_has_places_in_the_spec_and_in_the_data(reports):
    report = reports["unreadable"]
    (run,) = sarif(report, {"input.csv": "data/input file.csv", "spec.dq.yaml": "specs/spec.dq.yaml"})["runs"]
    checks = {check["id"]: check for check in report["checks"]}
    results = {result["ruleId"]: result for result in run["results"]}
    place = results["readable"]["locations"][0]["physicalLocation"]
    assert unquote(place["artifactLocation"]["uri"]) == "data/input file.csv"
    assert place["region"]["startLine"] == checks["readable"]["examples"][0]["line"]
    missing = results["expect.place.missing"] if "expect.place.missing" in results else results["id.type"]
    place = missing["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "specs/spec.dq.yaml"
    lines = (*report["expectations"], *report["checks"][1:])
    assert place["region"]["startLine"] in {item["line"] for item in lines}


# Annotations


COMMAND = re.compile(r"::(error|warning|notice) (?:(?:file|line|title)=[^:,\r\n]*,?)+::[^\r\n]*")


@pytest.mark.parametrize("case", CASES)
def test_annotations_are_one_command_a_line_the_verdict_first(reports, case):
    lines = render(reports[case], "github").decode().split("\n")[:-1]
    assert all(COMMAND.fullmatch(line) for line in lines)
    assert lines[0].startswith({"pass": "::notice", "warn": "::warning", "fail": "::error"}[reports[case]["verdict"]])
    assert sum(line.startswith("::error") for line in lines[1:]) == len([i for i in broken(reports[case]) if i != GATE])


@pytest.mark.parametrize("hostile", [*HOSTILE, "%0A::error::x", "a,line=1,title=x::y"])
def test_no_text_forges_an_annotation(reports, hostile):
    tame = render(poisoned(reports["every type"], texts("harmless")), "github").decode()
    wild = render(poisoned(reports["every type"], texts(hostile)), "github").decode()
    assert wild.count("\n") == tame.count("\n")
    assert all(COMMAND.fullmatch(line) for line in wild.split("\n")[:-1])


# GitLab, TAP, NDJSON, Markdown


@pytest.mark.parametrize("case", CASES)
def test_code_quality_has_what_its_reader_asks(reports, case):
    issues = json.loads(render(reports[case], "gitlab"))
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["path"]
        assert issue["location"]["lines"]["begin"] >= 1
    assert sorted(issue["check_name"] for issue in issues if issue["severity"] == "major") == broken(reports[case])


@pytest.mark.parametrize("case", CASES)
def test_tap_has_a_point_for_every_promise(reports, case):
    lines = render(reports[case], "tap").decode().split("\n")
    assert lines[0] == "TAP version 14"
    points = [line for line in lines if re.match(r"(not )?ok \d+ - ", line)]
    assert lines[1] == f"1..{len(points)}"
    assert [int(re.search(r"\d+", point)[0]) for point in points] == list(range(1, len(points) + 1))
    undone = [p for p in points if p.startswith("not ok") and " # TODO" not in p]
    assert sorted(p.split(" - ")[1] for p in undone) == broken(reports[case])
    promises = (*reports[case]["checks"], *reports[case]["expectations"])
    excused = [item["id"] for item in promises if item["verdict"] in {"waived", "known"}]
    assert [p.split(" - ")[1].partition(" #")[0] for p in points if " # TODO" in p] == excused


def test_lines_of_json_say_their_run_and_their_type(reports):
    report = reports["every type"]
    items = [json.loads(line) for line in render(report, "ndjson").splitlines()]
    assert items[0]["type"] == "run"
    assert {item["fingerprint"] for item in items} == {report["spec"]["fingerprint"]}
    assert [item["check"] for item in items if item["type"] == "check"] == report["checks"]
    assert {item["field"]["name"] for item in items if item["type"] == "field"} == set(report["fields"])


def test_json_is_the_report(reports):
    assert render(reports["every type"], "json") == dump(reports["every type"])


def test_markdown_has_the_doors_the_faults_and_the_lines_to_paste(reports):
    report = reports["every type"]
    page = render(report, "markdown").decode()
    for door in ("accepted", "quarantined", "deduplicated", "filtered"):
        assert re.search(rf"^\| {door}[^|]*\| {report['records'][door]:,} \|", page, re.MULTILINE)
    assert page.count("```yaml") == sum(item["patch"] is not None for item in report["recommendations"])


@pytest.mark.parametrize(
    "hostile", [*HOSTILE, "a | b\n\n# c", "```\n<script>", "@everyone", "[x](http://x)", "www.x.y"]
)
def test_no_text_is_markdown(reports, hostile):
    """Outside the fences nothing of the data but letters, digits, commas, hyphens and blanks stands as it is."""
    tame = render(poisoned(reports["every type"], texts("harmless")), "markdown").decode()
    wild = render(poisoned(reports["every type"], texts(hostile)), "markdown").decode()
    assert wild.count("\n") == tame.count("\n")
    prose = re.sub(r"^ *(`{3,})yaml\n.*?^ *\1$", "", wild, flags=re.DOTALL | re.MULTILINE)
    for mark in ("<script", "<img", "](", "@", "://", "www.", "{{", "=HYPER", "::"):
        assert mark not in prose


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("form", ["junit", "sarif", "github", "gitlab", "tap", "markdown"])
def test_nothing_unseen_gets_through(reports, form, hostile):
    text = render(poisoned(reports["every type"], texts(hostile)), form).decode()
    unseen = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cn"} and c != "\n"}
    assert unseen == set()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_breaks_the_xml(reports, hostile):
    tame = junit(poisoned(reports["every type"], texts("harmless")))
    wild = junit(poisoned(reports["every type"], texts(hostile)))
    assert [element.tag for element in wild.iter()] == [element.tag for element in tame.iter()]


@pytest.mark.parametrize("form", MACHINES)
def test_personal_data_shows_no_value(tmp_path, form):
    plan = runs.plan(tmp_path, runs.SHORT.replace("pii: true", "pii: true, checks: [{max_length: 3}]"))
    report = plan.check(runs.csv(tmp_path, "id,place,count\na,Canary Wharf,1\n")).data
    assert report["checks"]
    assert b"Canary" not in render(orjson.loads(dump(dict(report))), form)
