"""Whatever data and authors write, in every format of the registry: nothing forges, breaks, or moves the cursor."""

from __future__ import annotations

import json
import unicodedata
from io import StringIO
from xml.etree import ElementTree as ET

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from dq.report.build import dump
from dq.report.renderers import RENDERERS, render
from dq.report.terminal import summary

from . import runs
from .pages import Page
from .test_html import HOSTILE, poisoned, texts

SHOWN = ("every type", "waived", "compared", "unreadable")
UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Cn", "Co", "Cs"}
NASTY = st.one_of(
    st.sampled_from(
        [*HOSTILE, "\n", "\r", "\\", '"', '\\"', '"} 1\n# EOF\n', "# EOF", "%0A::set-output name=a::b", "]]>"]
    ),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=12),
)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    found = runs.reports(tmp_path_factory.mktemp("reports"))
    return Reports({name: orjson.loads(dump(found[name])) for name in SHOWN})


class Reports(dict):
    """Reports by name; too large to be printed with a failure."""

    def __repr__(self):
        return "reports"


def tree(value):
    """Return the form of JSON values: kinds, keys of objects by number, and lengths."""
    if isinstance(value, dict):
        return [tree(item) for item in value.values()]
    if isinstance(value, list):
        return [tree(item) for item in value]
    return type(value).__name__


def lines(data):
    return data.decode().count("\n")


def families(data):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    found = parser.text_fd_to_metric_families(StringIO(data.decode()))
    return [(f.name, [(s.name, sorted(s.labels)) for s in f.samples]) for f in found]


FORMS = {
    "html": lambda data: Page(data).shape(),
    "json": lambda data: tree(json.loads(data)),
    "ndjson": lambda data: [tree(json.loads(line)) for line in data.decode().splitlines()],
    "openlineage": lambda data: [tree(json.loads(line)) for line in data.decode().splitlines()],
    "sarif": lambda data: tree(json.loads(data)),
    "gitlab": lambda data: tree(json.loads(data)),
    "junit": lambda data: [element.tag for element in ET.fromstring(data).iter()],
    "markdown": lines,
    "github": lines,
    "tap": lines,
    "openmetrics": families,
}
"""What no text may change in a format, as its reader sees it."""


def test_every_format_has_a_form():
    assert set(FORMS) == set(RENDERERS)


@pytest.mark.parametrize("case", SHOWN)
@pytest.mark.parametrize("form", RENDERERS)
@settings(max_examples=8)
@given(hostile=NASTY)
def test_no_text_changes_the_form(reports, form, case, hostile):
    tame = render(poisoned(reports[case], texts("harmless")), form)
    wild = render(poisoned(reports[case], texts(hostile)), form)
    assert FORMS[form](wild) == FORMS[form](tame)
    assert {c for c in wild.decode() if unicodedata.category(c) in UNSEEN and c != "\n"} == set()


@pytest.mark.parametrize("case", SHOWN)
@settings(max_examples=8)
@given(hostile=NASTY)
def test_no_text_moves_the_cursor_of_a_terminal(reports, case, hostile):
    console = Console(file=StringIO(), width=100, highlight=False, emoji=False, markup=False, color_system=None)
    console.print(summary(poisoned(reports[case], texts(hostile))))
    said = console.file.getvalue()
    assert {c for c in said if unicodedata.category(c) in UNSEEN and c != "\n"} == set()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_reason_of_a_waiver_is_shown_and_obeyed_by_nothing(tmp_path, hostile):
    plan = runs.plan(
        tmp_path, "dq: 1\nevent: e\nversion: 1.0.0\nfields:\n  a: {type: integer, checks: [{minimum: 0}]}\n"
    )
    reason = json.dumps(hostile.encode("unicode_escape").decode())  # YAML refuses characters that cannot be seen
    entry = f"  - {{check: a.minimum, reason: {reason}, owner: {reason}, expires: 2026-12-31}}\n"
    report = orjson.loads(
        plan.check([{"a": -1}], now=runs.NOW, waivers=runs.waivers(tmp_path, "waivers:\n" + entry)).json()
    )
    assert report["waivers"]["entries"][0]["state"] == "used"
    commands = render(report, "github").decode().splitlines()
    assert all(line.startswith(("::notice", "::warning", "::error")) for line in commands)
    assert len(commands) == 3
    assert [test.attrib["name"] for test in ET.fromstring(render(report, "junit")).iter("testcase")] == [
        "gate", "waiver.a.minimum", "readable", "a.type", "a.minimum",
    ]  # fmt: skip
