"""Features that a training set is better without: they give the target away, identify records, or do not vary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run
from dq.spec.edits import Edit

WHY = {
    "leakage": "{names} {give} {target} away: leave {them} out, unless known when {target} is to be predicted",
    "id_like": "{names} {identify} records: leave {them} out, for {they} can only be learnt by heart",
    "constant": "{names} hardly {vary}: leave {them} out",
}
_ONE = {"give": "gives", "them": "it", "they": "it", "identify": "identifies", "vary": "varies"}
_SEVERAL = {"give": "give", "them": "them", "they": "they", "identify": "identify", "vary": "vary"}


@RECOMMENDATIONS.register
class UnfitFeatures(Recommendation):
    """Name the features that a model is better without, and leave them out."""

    kind = "unfit_features"
    title = "features give the target away, identify records, or do not vary"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for all such features, so that its list of the others is right."""
        ml = run.report["ml"]
        found = {check["kind"]: check["findings"] for check in ml.get("checks", []) if check["kind"] in WHY}
        names = {finding["name"] for findings in found.values() for finding in findings}
        if not names:
            return
        reasons = [_why(kind, found[kind], ml["target"]) for kind in WHY if found.get(kind)]
        left = [name for name in ml["features"] if name not in names]
        observed = {f"{kind} {f['name']}": f["observed"] for kind in sorted(found) for f in found[kind]}
        edits = (Edit("set", ("ml", "features"), left),) if left else ()
        evidence = {"fields": sorted(names), "observed": observed}
        yield Advice("features", "; ".join(reasons), ml["rows"], edits, evidence)


def _why(kind: str, findings: list[dict[str, Any]], target: str | None) -> str:
    """Return in words what is wrong with some features."""
    names = [finding["name"] for finding in findings]
    words = _ONE if len(names) == 1 else _SEVERAL
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return WHY[kind].format(names=listed, target=target, **words)
