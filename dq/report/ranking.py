"""Which of a report's checks are the worst."""

from __future__ import annotations

from typing import Any

RANKS = {"fail": 0, "not_evaluated": 1, "tolerated": 2, "warn": 3, "known": 4, "waived": 5, "pass": 6}


def worst_checks(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the checks that found faults, worst first: what failed the gate, what refused, what only warned.

    A check that was only blocked is not among them: its cells could not be read, which the check of their type
    says already.
    """
    failing = [check for check in report["checks"] if check["failed"]]
    return sorted(failing, key=_badness)


def _badness(check: dict[str, Any]) -> tuple[int, bool, int, str]:
    return RANKS[check["verdict"]], check["severity"] == "warning", -check["failed"], check["id"]
