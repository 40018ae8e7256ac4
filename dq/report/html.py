"""`report.html`: the report for people, one self-contained file made from the values of `report.json` alone.

The page loads nothing: its style sheet, its script and its pictures stand in it, and a content-security policy names
the two by their sums and forbids everything else, so that nothing that data brings could run or be fetched.  Every
value passes through Jinja's escaping; the script only sorts, searches, folds and copies what is there already.
"""

from __future__ import annotations

from typing import Any

from dq.report.findings import Paths
from dq.report.page import checks, drawing, drift, environment, fields, overview

URGENT = 3
"""So many recommendations stand on the first screen."""
FAULTS = 4
"""So many checks with faults, and so many promises of the batch that do not hold, stand on the first screen."""


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return the page of a report, given as JSON values; the same values give the same bytes, wherever files are."""
    del paths
    return environment.render("page.html.j2", _view(report), environment.SCRIPT)


def _view(report: dict[str, Any]) -> dict[str, Any]:
    """Return everything that the templates show."""
    listed = checks.rows(report)
    return {
        "report": report,
        "word": overview.WORDS[report["verdict"]],
        "tone": overview.TONES[report["verdict"]],
        "sentence": overview.sentence(report),
        "answers": overview.answers(report),
        "flow": drawing.flow(report["records"]),
        "urgent": report["recommendations"][:URGENT],
        "later": report["recommendations"][URGENT:],
        "checks": listed,
        "unmet": overview.unmet(report)[:FAULTS],
        "faults": [row for row in listed if row.check["failed"]][:FAULTS],
        "dimensions": checks.dimensions(report),
        "fields": fields.rows(report),
        "drift": drift.rows(report),
        "cleaning": [step for step in report["cleaning"] if step["changed"]],
        "idle": [step for step in report["cleaning"] if not step["changed"]],
        "anchors": {name: f"field-{number}" for number, name in enumerate(report["fields"], 1)},
    }
