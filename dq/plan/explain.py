"""A plan in words: its passes, its steps in order, its barriers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.plan.bound import BoundField
    from dq.plan.plan import CompiledPlan


def explain(plan: CompiledPlan) -> str:
    """Return the plan as lines of text, as `dq plan` prints them."""
    return "\n".join(_lines(plan))


def _lines(plan: CompiledPlan) -> Iterator[str]:
    yield f"{plan.event} {plan.version}"
    yield f"fingerprint {plan.fingerprint}"
    yield ""
    yield "one pass" if not plan.levels else "two passes: a narrow scan for the barriers, then the full pass"
    for number, level in enumerate(plan.levels, start=1):
        about = f" ({', '.join(level.checks)})" if level.checks else ""
        yield f"  barrier {number}: {level.name}{about} reads {', '.join(level.reads)}"
        yield f"    fit fingerprint {level.fingerprint[:16]}, {'fitted' if level.fitted else 'decided for each batch'}"
    yield ""
    yield "the life of a record:"
    for source in plan.sources:
        yield f"  frame {source.name}: {source.dialect.format}, {source.dialect.encoding}"
    for field in plan.fields:
        yield from _field(field)
    for bound in plan.filters:
        yield f"  filter {bound.id}: keep {bound.keep.canonical}"
    if plan.dedupe is not None:
        order = f" by {plan.dedupe.order_by}" if plan.dedupe.order_by else ""
        match = f"match {', '.join(one.field for one in plan.dedupe.match.compared)}" if plan.dedupe.match else ""
        by = ", then ".join(filter(None, (", ".join(plan.dedupe.key), match)))
        yield f"  dedupe by {by}: keep the {plan.dedupe.keep}{order}"
    for fits in plan.fits:
        for fit in fits:
            yield f"  {fit.stage} {fit.step.name}: {fit.step.words()}{'' if fit.step.learns else ' (stated)'}"
    yield from (f"  impute {f.name}: constant" for f in plan.fields if f.impute is not None)
    yield from (f"  mark {f.name}: where {f.indicates} was filled" for f in plan.fields if f.indicates is not None)
    yield from (_computed(field) for field in plan.derived if field.late)
    for check in plan.checks:
        where = f" where {check.where.canonical}" if check.where is not None else ""
        yield f"  check {check.id}: {check.expected}{where} ({check.severity}, {check.on_fail})"
    yield from (f"  mask {f.name}: {f.mask}" for f in plan.fields if f.mask is not None)
    yield f"  write {plan.output_format}: {', '.join(plan.output_fields)}"


def _field(field: BoundField) -> Iterator[str]:
    if field.is_read:
        yield _read(field)
    if field.is_computed and not field.late:
        yield _computed(field)


def _computed(field: BoundField) -> str:
    if field.lookup is not None:
        where = " where it is missing" if field.lookup.fill else ""
        keys = ", ".join(field.lookup.keys)
        return f"  lookup {field.name}: {field.lookup.take} of {field.lookup.file} by {keys}{where}"
    return f"  derive {field.name}: {field.derive.canonical if field.derive is not None else ''}"


def _read(field: BoundField) -> str:
    steps = " ".join(bound.step.kind for bound in field.steps)
    beside = f" beside {', '.join(field.beside)}" if field.beside else ""
    return f"  {field.name}: {f'clean {steps}{beside}, ' if steps else ''}cast to {field.type}"
