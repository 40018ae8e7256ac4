"""Code quality for merge requests of GitLab: a JSON array of issues, each with a place in the spec or in the data."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from dq.report.findings import Case, Paths, cases, worst_first

SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return an issue for every promise that does not hold."""
    issues = [_issue(case, report["spec"]["event"]) for case in worst_first(cases(report, paths))]
    return orjson.dumps(issues, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _issue(case: Case, event: str) -> dict[str, Any]:
    """Return one issue; its fingerprint is of what is asked, so that an issue that stays is one issue."""
    place = case.spec or (case.examples[0] if case.examples else None)
    return {
        "description": f"{case.id}: {case.words}",
        "check_name": case.id,
        "fingerprint": hashlib.sha256(f"{event}\0{case.id}".encode()).hexdigest(),
        "severity": SEVERITIES[case.level],
        "location": {
            "path": "report.json" if place is None else place.path,
            "lines": {"begin": 1 if place is None or place.line is None else place.line},
        },
    }
