"""The verdict of a batch, from counts alone, as the language says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol


class Judged(Protocol):
    """What the verdict needs to know of a check."""

    id: str
    severity: str
    mostly: Fraction | None


def judge(
    spec: dict[str, Any],
    checks: Sequence[Judged],
    counts: Mapping[str, Counter[str]],
    doors: Counter[str],
    missing: Mapping[str, int],
    present: int,
    *,
    strict: bool,
    aborted: bool,
) -> tuple[dict[str, str], str]:
    """Return the verdict of every check, and of the batch."""
    gate = spec.get("gate", {})
    strict = strict or gate.get("fail_on") == "warning"
    tolerated = Fraction(str(gate["quarantined"])) if "quarantined" in gate else None
    accepted, refused = doors["accepted"], doors["quarantined"]
    worst = {"fail"} if aborted else set()
    if tolerated is not None and refused > tolerated * (accepted + refused):
        worst.add("fail")
    verdicts = {}
    for one in checks:
        passed, failed, blocked = (counts[one.id][word] for word in ("pass", "fail", "block"))
        bad = "fail" if one.severity == "error" or strict else "warn"
        if not passed + failed:
            good, verdict = not blocked, "not_evaluated"
        else:
            good = passed >= (one.mostly if one.mostly is not None else 1) * (passed + failed + blocked)
            verdict = "pass" if good else bad
        if not good and tolerated is not None and one.mostly is None:
            good, verdict = True, "tolerated"
        if not good:
            worst.add(bad)
        verdicts[one.id] = verdict
    for ends in (entry["row_count"] for entry in spec.get("expect", [])):
        if not ends.get("min", 0) <= accepted <= ends.get("max", accepted):
            worst.add("fail")
    for name, one in spec["fields"].items():
        for entry in one.get("expect", []):
            if present and Fraction(missing[name], present) > Fraction(str(entry["missing"]["max"])):
                worst.add("fail")
    return verdicts, "fail" if "fail" in worst else "warn" if worst else "pass"
