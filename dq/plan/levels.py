"""Barriers: the steps that must see every row before they decide about any, and the levels they form.

The order is that of the life of a record: dedupe, then what is fitted, then uniqueness.  Each level names
the only columns that its narrow scan needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dq.plan.bound import Level
from dq.plan.plan import CompiledPlan, fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq.plan.bound import BoundCheck, BoundFit


def cut_levels(plan: CompiledPlan) -> tuple[Level, ...]:
    """Return the levels of a plan, first to last; a plan without barriers has none."""
    filters = frozenset(name for bound in plan.filters for name in bound.keep.fields)
    levels: list[Level] = []
    if plan.dedupe is not None:
        reads = filters | set(plan.dedupe.reads)
        if plan.dedupe.reads_all:
            reads = frozenset(field.name for field in plan.fields)
        levels.append(_level(plan, "dedupe", reads, [plan.dedupe.identity()]))
    before: list[Any] = []
    upstream = filters | _removing(plan)
    for fits in plan.fits:
        ordered = [fit for fit in fits if fit.is_of_batch]
        if ordered:
            wanted = filters | frozenset(name for fit in ordered for name in fit.step.reads)
            levels.append(_level(plan, "order", wanted, [fit.step.identity() for fit in ordered]))
        learning = tuple(fit for fit in fits if fit.step.learns and not fit.is_of_batch)
        if learning:
            levels.append(_fit_level(plan, learning, filters, upstream, before))
        before = [*before, *(fit.step.identity() for fit in fits)]
        upstream = upstream | {name for fit in fits for name in fit.step.reads}
    unique = unique_checks(plan)
    if unique:
        reads = filters | {key for check in unique for key in check.keys}
        reads |= {name for check in unique if check.where is not None for name in check.where.fields}
        levels.append(_level(plan, "unique", reads, [c.identity() for c in unique], tuple(c.id for c in unique)))
    return tuple(levels)


def unique_checks(plan: CompiledPlan) -> list[BoundCheck]:
    """Return the checks that need to see every key."""
    return [check for check in plan.checks if check.keys]


def _level(
    plan: CompiledPlan,
    kind: Literal["dedupe", "unique", "order"],
    reads: frozenset[str],
    identity: list[Any],
    checks: tuple[str, ...] = (),
) -> Level:
    """Return a level that decides about the batch at hand."""
    wanted = plan.closure(reads)
    print_of = fingerprint([identity, _upstream(plan, wanted)])
    return Level(kind, kind, _in_order(plan, wanted), fitted=False, fingerprint=print_of, checks=checks)


def _fit_level(
    plan: CompiledPlan,
    fits: Sequence[BoundFit],
    filters: frozenset[str],
    upstream: frozenset[str],
    before: list[Any],
) -> Level:
    """Return a level that learns, with the fit fingerprint of each of its steps.

    A fit fingerprint is over the step, everything upstream of it, the deduplication, and the fitted steps of
    earlier levels.  `upstream` are the fields that decide which records stay and what earlier levels made of them.
    """
    prints = []
    for fit in fits:
        wanted = plan.closure(upstream | frozenset(fit.step.reads))
        prints.append((fit.id, fingerprint([fit.step.identity(), _upstream(plan, wanted), _removal(plan), before])))
    reads = plan.closure(filters | frozenset(name for fit in fits for name in fit.step.reads))
    stage, turn = fits[0].stage, fits[0].turn
    return Level(
        f"{stage}#{turn + 1}" if turn else stage,
        "fit",
        _in_order(plan, reads),
        fitted=True,
        fingerprint=fingerprint(prints),
        fits=tuple(fits),
        fit_fingerprints=tuple(prints),
    )


def reference_parts(plan: CompiledPlan, name: str) -> dict[str, str]:
    """Return the parts of a plan that decide the values of a field, each with its fingerprint.

    A reference profile is bound to them.  Which checks refuse rows is none of them, though it decides which values
    are accepted: a state outlives a change of checks.
    """
    filters = frozenset(field for bound in plan.filters for field in bound.keep.fields)
    wanted = plan.closure(filters | {name})
    while True:
        read = {other for fits in plan.fits for fit in fits if fit.step.name in wanted for other in fit.step.reads}
        if read <= wanted:
            break
        wanted = plan.closure(wanted | read)
    upstream = _upstream(plan, wanted)
    parts: dict[str, Any] = {key: upstream[key] for key in ("missing", "filters", "sources", "references")}
    parts |= {f"the field {bound.name}": bound.identity() for bound in plan.fields if bound.name in wanted}
    parts["dedupe"] = _removal(plan)
    return {part: fingerprint(identity)[:16] for part, identity in parts.items()}


def _in_order(plan: CompiledPlan, names: frozenset[str]) -> tuple[str, ...]:
    return tuple(bound.name for bound in plan.fields if bound.name in names)


def _removing(plan: CompiledPlan) -> frozenset[str]:
    """Return the fields by which deduplication decides which records are left."""
    if plan.dedupe is None:
        return frozenset()
    if plan.dedupe.reads_all:
        return frozenset(field.name for field in plan.fields)
    return frozenset(plan.dedupe.reads)


def _removal(plan: CompiledPlan) -> Any:
    """Return what decides which records are left, as JSON values."""
    if plan.dedupe is None:
        return None
    asked = [check.question() for check in plan.checks] if plan.dedupe.prefer_valid else []
    return [plan.dedupe.identity(), asked]


def _upstream(plan: CompiledPlan, wanted: frozenset[str]) -> dict[str, Any]:
    """Return what decides the values of these fields before the barriers, as JSON values."""
    return {
        "missing": list(plan.missing),
        "fields": [bound.entry_identity() for bound in plan.fields if bound.name in wanted],
        "filters": [bound.keep.canonical for bound in plan.filters],
        "sources": {source.name: source.identity() for source in plan.sources},
        "references": [list(reference) for reference in plan.references],
    }
