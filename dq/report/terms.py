"""On which terms a batch is judged, beside what its plan says: each is an input of the run, and the report shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from dq.plan.waivers import Waivers
    from dq.report.baseline import Baseline
    from dq.report.verdict import Judged


@dataclass(frozen=True, slots=True)
class Terms:
    """What the caller asks of the gate.

    `fail_on` "warning" tightens it; what is named in `waivers`, and what is no worse than in the `baseline`, does not
    fail it.
    """

    fail_on: str | None = None
    waivers: Waivers | None = None
    baseline: Baseline | None = None

    def waived(self, now: datetime) -> frozenset[str]:
        """Return the ids of what is waived at this moment."""
        return self.waivers.waived(now) if self.waivers is not None else frozenset()


PLAIN_TERMS = Terms()
"""The gate as the plan has it."""


def describe(terms: Terms, judged: Judged) -> dict[str, Any]:
    """Return what a report says of waivers and of the baseline; nothing where there are none."""
    said: dict[str, Any] = {}
    if terms.waivers is not None:
        said["waivers"] = _waivers(terms.waivers, judged)
    if terms.baseline is not None:
        said["baseline"] = {**terms.baseline.about, "promises": _compared(terms.baseline, judged)}
    return said


def _waivers(waivers: Waivers, judged: Judged) -> dict[str, Any]:
    """Return every waiver, whether it expired, was needed, or stood idle."""
    entries = [
        {
            "check": waiver.check,
            "reason": waiver.reason,
            "owner": waiver.owner,
            "expires": waiver.expires.isoformat(),
            "line": waiver.span.line,
            "state": "expired" if not waiver.holds(judged.now) else "used" if waiver.check in judged.waived else "idle",
        }
        for waiver in waivers.entries
    ]
    return {"file": waivers.file, "sha256": waivers.sha256, "refused": judged.waived_records, "entries": entries}


def _compared(baseline: Baseline, judged: Judged) -> list[dict[str, Any]]:
    """Return how each promise that does not hold stands to the baseline, and which hold that did not."""
    listed = [
        {
            "id": name,
            "standing": compared.standing,
            "before": None if compared.before is None else float(compared.before),
            "after": None if compared.after is None else float(compared.after),
        }
        for name, compared in judged.compared.items()
    ]
    fixed = [name for name in judged.held if name in baseline.broken]
    return [*listed, *({"id": name, "standing": "fixed", "before": None, "after": None} for name in fixed)]
