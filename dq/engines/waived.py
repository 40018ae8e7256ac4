"""Which refused records only waived checks refuse: the gate does not count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from dq.outcome import Refused
    from dq.plan.plan import CompiledPlan


def count_waived(plan: CompiledPlan, refused: Refused, waived: frozenset[str]) -> int:
    """Return how many of the refused rows have no reason but of waived checks, and of those that refuse nothing."""
    if not waived:
        return 0
    idle = waived | {check.id for check in plan.checks if not check.refuses}
    return sum(all(reason["check"] in idle for reason in orjson.loads(text)) for text in refused.reasons)
