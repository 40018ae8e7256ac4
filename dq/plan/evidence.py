"""The values that failed a check, where a recommendation can be made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dq.dtypes.render import datetime_text
from dq.dtypes.types import Family
from dq.plan.reasons import shown_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq.plan.bound import BoundCheck
    from dq.plan.plan import CompiledPlan
    from dq.plan.rows import Rows

OF_VALUES = {"accepted_values": Family.TEXT, "pattern": Family.TEXT, "before": Family.DATETIME}
"""Kinds whose failing values are kept, of fields of this family; those of `type` always are, by their text."""


def wrong_values(plan: CompiledPlan, rows: Rows, fails: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """Return the failing values of these checks, by the check's id: text, never of a `pii` field."""
    found: dict[str, pl.Series] = {}
    for check in plan.checks:
        if check.id in fails and check.field is not None and _tells(plan, check):
            values = rows.frame[shown_column(rows, check, check.field)].filter(fails[check.id])
            if isinstance(values.dtype, pl.Datetime):
                values = values.to_frame().select(datetime_text(pl.first()) + "Z").to_series()
            if values.dtype == pl.String:  # a derived value that could not be computed has no text
                found[check.id] = values
    return found


def _tells(plan: CompiledPlan, check: BoundCheck) -> bool:
    """Whether the values that fail a check may be kept and are text."""
    if any(plan.by_name[name].pii for name in check.reads):
        return False
    family = plan.by_name[check.field or ""].type.family
    return check.kind == "type" or OF_VALUES.get(check.kind) is family
