"""Which checks of a report are named first."""

from __future__ import annotations

from typing import Any

from dq.report.ranking import worst_checks


def test_the_worst_checks_are_those_that_failed_the_gate():
    def check(name: str, verdict: str, failed: int, severity: str = "error") -> dict[str, Any]:
        return {"id": name, "verdict": verdict, "failed": failed, "severity": severity, "blocked": 0}

    checks = [
        check("fine", "pass", 0),
        check("warned", "warn", 900, "warning"),
        check("tolerated", "tolerated", 90),
        check("failed", "fail", 9),
        check("failed more", "fail", 10),
    ]
    assert [c["id"] for c in worst_checks({"checks": checks})] == ["failed more", "failed", "tolerated", "warned"]
