"""Barriers: the steps that must see every row before they decide about any, and the levels they form.

The order is that of the life of a record: dedupe, then what is fitted, then uniqueness.  Each level names
the only columns that its narrow scan needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.plan.bound import Level
from dq.plan.plan import CompiledPlan, fingerprint

if TYPE_CHECKING:
    from dq.plan.bound import BoundCheck


def cut_levels(plan: CompiledPlan) -> tuple[Level, ...]:
    """Return the levels of a plan, first to last; a plan without barriers has none."""
    upstream = frozenset(name for bound in plan.filters for name in bound.keep.fields)
    levels: list[Level] = []
    if plan.dedupe is not None:
        reads = set(upstream) | set(plan.dedupe.key)
        if plan.dedupe.order_by is not None:
            reads.add(plan.dedupe.order_by)
        if plan.dedupe.prefer_valid:
            reads = {field.name for field in plan.fields}
        identity = plan.dedupe.identity()
        levels.append(_level(plan, "dedupe", "dedupe", frozenset(reads), identity, ()))
    unique = [check for check in plan.checks if check.keys]
    if unique:
        keys = frozenset(key for check in unique for key in check.keys) | upstream
        keys |= {name for check in unique if check.where is not None for name in check.where.fields}
        levels.append(
            _level(plan, "unique", "unique", keys, [c.identity() for c in unique], tuple(c.id for c in unique))
        )
    return tuple(levels)


def unique_checks(plan: CompiledPlan) -> list[BoundCheck]:
    """Return the checks that need to see every key."""
    return [check for check in plan.checks if check.keys]


def _level(
    plan: CompiledPlan, name: str, kind: str, reads: frozenset[str], identity: object, checks: tuple[str, ...]
) -> Level:
    """Return a level with its fit fingerprint: over itself and everything upstream of it."""
    wanted = plan.closure(reads)
    upstream = {
        "missing": list(plan.missing),
        "fields": [bound.identity() for bound in plan.fields if bound.name in wanted],
        "filters": [bound.keep.canonical for bound in plan.filters],
        "sources": {source.name: source.identity() for source in plan.sources},
        "references": [list(reference) for reference in plan.references],
    }
    order = tuple(bound.name for bound in plan.fields if bound.name in wanted)
    return Level(name, kind, order, fitted=False, fingerprint=fingerprint([identity, upstream]), checks=checks)  # type: ignore[arg-type]
