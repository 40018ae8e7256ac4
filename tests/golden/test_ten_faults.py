"""Ten planted faults: the summary names each of them, and the page its line of the specification."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, datetime

import pytest
from rich.console import Console

import dq
from dq.drafting.amend import amend
from dq.report.terminal import summary

from .stories import ROOT

FOLDER = ROOT / "examples" / "ten_faults"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
"""The moment that the README's command gives."""
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| *([^|]*?) *\| `([^`]+)` \| (\d+) \|$", re.MULTILINE)
FAULTS = ROW.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
WORDS = {
    "country.accepted_values": "accepted_values: [Germany",
    "booked_at.type": "booked_at:",
    "price.type": "price:",
    "guest_id.required": "guest_id:",
    "nights.between": "between: [1, 30]",
    "booking_id.unique": "unique: [booking_id]",
    "paid_has_price": "assert: price > 0",
    "booking_id.pattern": "pattern:",
    "expect.booked_at.freshness": "freshness: 24h",
    "expect.email.missing": "missing: {max: 5%}",
}
"""What stands in the line of the specification that each promise is asked in."""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return the report of a run, its page, and its summary on 80 columns."""
    out = tmp_path_factory.mktemp("ten") / "out"
    plan = dq.load(FOLDER / "booking.dq.yaml")
    report = plan.run(FOLDER / "bookings.csv", out=out, now=NOW).report
    screen = io.StringIO()
    Console(file=screen, width=80, no_color=True).print(summary(dict(report.data)))
    page = (out / "report.html").read_text(encoding="utf-8").replace("<wbr>", "")  # where long names may break
    return dict(report.data), html.unescape(page), screen.getvalue()


def test_there_are_ten():
    assert [number for number, *_ in FAULTS] == [str(number) for number in range(1, 11)]
    assert {promise for *_, promise, _ in FAULTS} == set(WORDS)


@pytest.mark.parametrize(("number", "fault", "lines", "promise", "line"), FAULTS)
def test_the_summary_and_the_page_name_the_fault_and_its_line(told, number, fault, lines, promise, line):
    report, page, screen = told
    asked = (FOLDER / "booking.dq.yaml").read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert WORDS[promise] in asked
    assert promise in screen
    places = [found for found in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if promise in found]
    assert any(f"booking.dq.yaml:{line}" in found for found in places)
    shown = {str(e["line"]) for check in report["checks"] if check["id"] == promise for e in check["examples"]}
    assert shown == set(lines.strip().split(", ")) - {""}
    first = lines.split(",")[0].strip()
    assert not first or f"line {first}" in screen


def test_nothing_else_is_wrong(told):
    report, _, _ = told
    broken = {item["id"] for item in (*report["checks"], *report["expectations"]) if item["verdict"] == "fail"}
    assert broken == set(WORDS)


def test_five_are_mended_by_what_the_report_recommends(told, tmp_path):
    report, _, _ = told
    path = FOLDER / "booking.dq.yaml"
    amended = amend(path.read_text(encoding="utf-8"), path, report["recommendations"])
    assert len(amended.applied) == 5
    assert not amended.refused
    mended = tmp_path / "mended.dq.yaml"
    mended.write_text(amended.text, encoding="utf-8")
    after = dq.load(mended).check(FOLDER / "bookings.csv", now=NOW)
    left = {item["id"] for item in (*after["checks"], *after["expectations"]) if item["verdict"] == "fail"}
    assert left == {"guest_id.required", "nights.between", "paid_has_price", "expect.booked_at.freshness",
                    "expect.email.missing"}  # fmt: skip
    assert (report["records"]["quarantined"], after["records"]["quarantined"]) == (14, 3)
