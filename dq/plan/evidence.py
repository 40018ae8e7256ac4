"""The values that failed a check, where a recommendation can be made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dq.dtypes.types import Family
from dq.plan.reasons import shown_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq.plan.bound import BoundCheck
    from dq.plan.plan import CompiledPlan
    from dq.plan.rows import Rows

OF_TEXT = frozenset({"accepted_values", "pattern"})
"""Kinds whose failing values are kept where the field is text; those of `type` always are text."""


def wrong_values(plan: CompiledPlan, rows: Rows, fails: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """Return the failing values of these checks, by the check's id: text, never of a `pii` field."""
    found: dict[str, pl.Series] = {}
    for check in plan.checks:
        if check.id in fails and check.field is not None and _tells(plan, check):
            values = rows.frame[shown_column(rows, check, check.field)]
            if values.dtype == pl.String:  # a derived value that has no text was never read as one
                found[check.id] = values.filter(fails[check.id])
    return found


def _tells(plan: CompiledPlan, check: BoundCheck) -> bool:
    """Whether the values that fail a check may be kept and are text."""
    if any(plan.by_name[name].pii for name in check.reads):
        return False
    family = plan.by_name[check.field or ""].type.family
    return check.kind == "type" or (check.kind in OF_TEXT and family is Family.TEXT)
