"""Fitted steps inside a plan: in which order, learnt from what, applied to which rows.

Steps of one stage and turn form a level: all of them see the values as they were before the level, and the next
level sees what they made.  Whether the frozen values come from this batch or from a state makes no difference
here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.plan.rows import Rows, blocked_column, fails_column
from dq.steps.fitted.base import STAGES

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
    """Apply levels, one after the other, to the rows that are left; count what they change."""
    for level in levels:
        columns: list[pl.Series] = []
        for fit in level:
            if fit.step.name in rows.frame.columns:
                columns += _applied(rows, fit, thawed[fit.id])
        if columns:
            rows.frame = rows.frame.with_columns(columns)


def _applied(rows: Rows, fit: BoundFit, learnt: Any) -> list[pl.Series]:
    """Return the columns that a step changes; a cell that could not be read is not missing, and stays as it is."""
    name = fit.step.name
    before = rows.frame[name]
    result = fit.step.apply(rows.frame, learnt)
    values, columns = result.values, []
    if rows.has(blocked_column(name)):
        values = before.zip_with(rows.frame[blocked_column(name)], values)
    changed = int(values.ne_missing(before).sum())
    if changed:
        rows.changed[fit.id] = rows.changed.get(fit.id, 0) + changed
        columns.append(values.alias(name))
    if fit.indicator is not None:
        columns.append(rows.marked(fit.indicator, before.is_null() & values.is_not_null()))
    if result.refused is not None:
        columns.append(result.refused.alias(fails_column(fit.id)))
    return columns
