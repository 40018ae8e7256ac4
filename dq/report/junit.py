"""JUnit's XML, as continuous integration reads it: one test case for every promise.

It keeps to what the two schemas in use (Ant's and Jenkins') both allow, in their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from dq.report.findings import Case, Paths, cases, headline
from dq.report.wording import plain


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return one suite.  What fails the gate is a failure, what was not asked is skipped, what warns is output."""
    found = cases(report, paths)
    properties = {
        "verdict": report["verdict"], "version": plain(report["spec"]["version"]),
        "fingerprint": report["spec"]["fingerprint"], "dq": plain(report["dq"]),
        **{f"records.{name}": count for name, count in report["records"].items()},
    }  # fmt: skip
    told = "\n".join([headline(report), *(_warned(case) for case in found)]).strip()
    return document([Suite(plain(report["spec"]["event"], 80), found, properties, report["now"], told)])


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one spec, what is said of the whole, the moment (RFC 3339), and the output of the suite."""

    event: str
    cases: Sequence[Case]
    properties: Mapping[str, Any]
    moment: str
    told: str


def document(suites: Sequence[Suite]) -> bytes:
    """Return suites as one document."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for number, suite in enumerate(suites):
        lines += _suite(suite, number)
    return ("\n".join([*lines, "</testsuites>"]) + "\n").encode()


def _suite(suite: Suite, number: int) -> Iterator[str]:
    """Yield the lines of a suite, which is the one of this number, counted from 0."""
    counts = {
        "tests": len(suite.cases),
        "failures": sum(case.level == "error" for case in suite.cases),
        "errors": 0,
        "skipped": sum(_skipped(case) for case in suite.cases),
    }
    attributes = {
        "name": suite.event, "package": suite.event, "id": number, **counts, "time": "0",
        "timestamp": suite.moment.partition(".")[0].removesuffix("Z"), "hostname": "localhost",
    }  # fmt: skip
    yield from (_open("testsuite", attributes), "<properties>")
    for name, value in suite.properties.items():
        yield _open("property", {"name": name, "value": value}, closed=True)
    yield "</properties>"
    for case in suite.cases:
        yield from _case(case, suite.event)
    yield _element("system-out", {}, suite.told)
    yield from ("<system-err/>", "</testsuite>")


def _skipped(case: Case) -> bool:
    return not case.asked and case.level != "error"


def _warned(case: Case) -> str:
    """Return a line for what warns; an empty one for the rest, which is told by its test case."""
    return f"{case.level}: {case.id}: {case.words}" if case.level in {"warning", "note"} else ""


def _case(case: Case, event: str) -> Iterator[str]:
    """Yield the lines of one test case."""
    attributes = {"classname": f"{event}.{case.group}", "name": case.id, "time": "0"}
    if case.level == "error":
        places = [f"spec {case.spec}"] if case.spec is not None else []
        text = "\n".join([*places, *(str(place) for place in case.examples)])
        yield _open("testcase", attributes)
        yield _element("failure", {"message": case.words, "type": case.kind}, text)
        yield "</testcase>"
    elif _skipped(case):
        yield f"{_open('testcase', attributes)}<skipped/></testcase>"
    else:
        yield _open("testcase", attributes, closed=True)


def _open(tag: str, attributes: dict[str, Any], *, closed: bool = False) -> str:
    said = "".join(f' {name}="{escape(str(value))}"' for name, value in attributes.items())
    return f"<{tag}{said}{'/' if closed else ''}>"


def _element(tag: str, attributes: dict[str, Any], text: str) -> str:
    return f"{_open(tag, attributes)}{escape(text)}</{tag}>"
