"""The checks as the page shows them: worst first, each with its bar, its tone and its examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dq.report.page.drawing import Segment, stacked, tick
from dq.report.page.overview import TONES, fault_share
from dq.report.ranking import RANKS, worst_checks
from dq.report.wording import verdict_words

_TONES = TONES | {"tolerated": "bad"}


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One row of the table of checks: the check's part of the report, and what the page adds to it."""

    check: dict[str, Any]
    rank: int
    tone: str
    words: str
    share: float
    bar: tuple[Segment, ...]
    threshold: float | None

    @property
    def asked(self) -> int:
        """Rows that the check was to judge, those with a failed cast included."""
        return int(self.check["evaluated"]) + int(self.check["blocked"])


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of data quality: how many of its checks found no fault."""

    name: str
    clean: int
    checks: int


def rows(report: dict[str, Any]) -> list[CheckRow]:
    """Return the checks with faults, worst first, then those that were not asked, then the others in their order."""
    failing = worst_checks(report)
    quiet = [check for check in report["checks"] if not check["failed"]]
    quiet.sort(key=lambda check: RANKS[check["verdict"]])
    return [_row(check, rank) for rank, check in enumerate([*failing, *quiet])]


def _row(check: dict[str, Any], rank: int) -> CheckRow:
    parts = {name: check[name] for name in ("passed", "failed", "blocked", "skipped")}
    return CheckRow(
        check, rank, tone(check), verdict_words(check), fault_share(check), stacked(parts), tick(check["mostly"])
    )


def tone(check: dict[str, Any]) -> str:
    """Return how bad a verdict looks: a tolerated fault that refused no row is a warning."""
    if check["verdict"] == "tolerated":
        if not check["failed"]:
            return "note"
        return "bad" if check["on_fail"] in {"quarantine", "abort"} else "warn"
    if check["verdict"] == "pass" and check["failed"]:
        return "warn"
    return _TONES[check["verdict"]]


def dimensions(report: dict[str, Any]) -> list[Dimension]:
    """Return the dimensions that have checks, in order of name."""
    names = sorted({check["dimension"] for check in report["checks"]})
    found = []
    for name in names:
        own = [check for check in report["checks"] if check["dimension"] == name]
        found.append(Dimension(name, sum(not check["failed"] for check in own), len(own)))
    return found
