"""Recommendations: next actions, each with its evidence and, where the spec can be mended, the edits that mend it.

A kind is one file of this package; `load` imports every file, and each registers its class.  Nothing else names them.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Run
from dq.spec.edits import text_of

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan
    from dq.plan.tally import Tally

LISTED = 50
"""At most so many are in a report, the weightiest first."""


__all__ = ["RECOMMENDATIONS", "Advice", "Run", "load", "recommend"]


def load() -> None:
    """Register every kind that comes with dq; calling it again changes nothing."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")


def recommend(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the recommendations of a run: sources that were not read, then what would free most records."""
    load()
    run = Run(plan, tally, report)
    found = [(kind, advice) for kind in RECOMMENDATIONS for advice in kind().find(run)]
    told = {advice.subject for kind, advice in found if not kind.otherwise}
    found = [(kind, advice) for kind, advice in found if not (kind.otherwise and advice.subject in told)]
    found.sort(key=lambda item: (not item[0].first, -item[1].records, item[0].kind, item[1].subject))
    return [_described(kind.kind, advice) for kind, advice in found[:LISTED]]


def _described(kind: str, advice: Advice) -> dict[str, Any]:
    """Return one recommendation as it stands in the report."""
    return {
        "id": f"{kind}.{advice.subject}",
        "kind": kind,
        "text": advice.text,
        "evidence": {"records": advice.records, **advice.evidence},
        "patch": text_of(advice.edits) if advice.edits else None,
        "edits": [edit.as_json() for edit in advice.edits],
    }
