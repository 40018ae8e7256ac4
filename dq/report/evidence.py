"""What a recommendation rests on, in words: one line for a page, a comment or a log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dq.report.wording import number, percent, plain, several

NAMED = 5


def facts(evidence: Mapping[str, Any]) -> str:
    """Return the evidence of a recommendation: records, share, and the most frequent of what was found."""
    said = [several(evidence["records"], "record")] if evidence["records"] else []
    said += [percent(evidence["share"])] if "share" in evidence else []
    said += [plain(evidence["code"])] if "code" in evidence else []
    found = list(evidence.get("observed", {}).items())
    said += [f"{plain(name)}: {number(value)}" for name, value in found[:NAMED]]
    said += [f"{len(found) - NAMED} more"] if len(found) > NAMED else []
    return ", ".join(said)
