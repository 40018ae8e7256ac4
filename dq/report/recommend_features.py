"""What to do about features that a training set is better without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan
    from dq.plan.tally import Tally

WHY = {
    "leakage": "{names} {give} {target} away: leave {them} out, unless known when {target} is to be predicted",
    "id_like": "{names} {identify} records: leave {them} out, for {they} can only be learnt by heart",
    "constant": "{names} hardly {vary}: leave {them} out",
}
_ONE = {"give": "gives", "them": "it", "they": "it", "identify": "identifies", "vary": "varies"}
_SEVERAL = {"give": "give", "them": "them", "they": "they", "identify": "identify", "vary": "vary"}


def unfit_features(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Name the features that give the target away, that identify records or that do not vary, and leave them out."""
    del plan, tally
    ml = report["ml"]
    found = {check["kind"]: check["findings"] for check in ml.get("checks", []) if check["kind"] in WHY}
    names = {finding["name"] for findings in found.values() for finding in findings}
    if not names:
        return
    reasons = [_why(kind, found[kind], ml["target"]) for kind in WHY if found.get(kind)]
    left = [name for name in ml["features"] if name not in names]
    observed = {
        kind: dict(sorted((f["name"], f["observed"]) for f in findings)) for kind, findings in found.items() if findings
    }
    yield {
        "id": "ml.features",
        "text": "; ".join(reasons),
        "evidence": {"records": ml["rows"], "fields": sorted(names), "observed": observed},
        "patch": f"ml:\n  features: [{', '.join(left)}]\n" if left else None,
    }


def _why(kind: str, findings: list[dict[str, Any]], target: str | None) -> str:
    """Return in words what is wrong with some features."""
    names = [finding["name"] for finding in findings]
    words = _ONE if len(names) == 1 else _SEVERAL
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return WHY[kind].format(names=listed, target=target, **words)
