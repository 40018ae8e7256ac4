"""Fitted steps inside a plan: in which order, learnt from what, applied to which rows.

Steps of one stage and turn form a level: all of them see the values as they were before the level, and the next
level sees what they made.  Whether the frozen values come from this batch or from a state makes no difference
here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dq.plan.rows import Rows, blocked_column, fails_column
from dq.steps.fitted.base import STAGES, Applied

if TYPE_CHECKING:
    from dq.plan.bound import BoundField, BoundFit

Thawed = Mapping[str, Any]


def fit_levels(fields: Sequence[BoundField]) -> list[tuple[BoundFit, ...]]:
    """Return the fitted steps of a plan, level by level."""
    fits = sorted((fit for field in fields for fit in field.fits), key=_level_of)
    return [tuple(level) for _, level in groupby(fits, key=_level_of)]


def _level_of(fit: BoundFit) -> tuple[int, int]:
    return STAGES.index(fit.stage), fit.turn


def apply_levels(rows: Rows, levels: Sequence[Sequence[BoundFit]], thawed: Thawed) -> None:
    """Apply levels, one after the other, to the rows that are left; the steps of a level do not see one another."""
    for level in levels:
        present = [fit for fit in level if fit.step.name in rows.frame.columns]
        applied = [(fit, _applied(rows, fit, thawed[fit.id])) for fit in present]
        for fit, result in applied:
            rows.change(fit.id, fit.step.name, result.values, fit.indicator)
            if result.refused is not None:
                rows.frame = rows.frame.with_columns(result.refused.alias(fails_column(fit.id)))


def _applied(rows: Rows, fit: BoundFit, learnt: Any) -> Applied:
    """Return what a step makes of its field; a cell that could not be read is not missing, and stays as it is."""
    name = fit.step.name
    result = fit.step.apply(rows.frame, learnt)
    if not rows.has(blocked_column(name)):
        return result
    return replace(result, values=rows.frame[name].zip_with(rows.frame[blocked_column(name)], result.values))
