"""Values that a plan itself speaks of beside the checks of a field: constants of expressions, keys of tables."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dq.dtypes.types import Family, Type
from dq.patterns import parse_pattern
from dq.patterns.generate import matching
from dq.sampling.proposals import propose
from dq.sampling.scope import Scope, around, as_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from dq.expressions import Typed
    from dq.expressions.term import Term
    from dq.plan.bound import BoundField
    from dq.plan.plan import CompiledPlan

_KEYS = 200  # of a table
_WORD = "sample77"  # what stands before or behind a text that must stand at an end
_FEW = 5  # values that each check of a derived field proposes


def expressions(plan: CompiledPlan) -> Iterator[Typed]:
    """Yield every expression of a plan."""
    for check in plan.checks:
        yield from (each for each in (check.where, check.assertion) if each is not None)
    yield from (bound.keep for bound in plan.filters)
    yield from (field.derive for field in plan.fields if field.derive is not None)


def hints_of(plan: CompiledPlan, now: datetime, rng: Random) -> dict[str, list[Any]]:
    """Return, by field, canonical values that decide something: those named beside it, and their neighbours."""
    hints: dict[str, list[Any]] = {field.name: [] for field in plan.fields}
    for typed in expressions(plan):
        for name in sorted(typed.fields):
            hints[name] += _constants(typed, plan.by_name[name].type, rng)
    for field in plan.derived:
        for name in sorted(field.derive.fields if field.derive is not None else ()):
            hints[name] += _wanted(field, plan.by_name[name].type, Scope(field.type, rng, now, _FEW))
    for field in plan.fields:
        if field.lookup is not None:
            table = field.lookup.table.head(_KEYS)
            for key in field.lookup.keys:
                hints[key] += table[key].unique(maintain_order=True).to_list()
    return hints


def _constants(typed: Typed, of: Type, rng: Random) -> Iterator[Any]:
    """Yield the constants of an expression that a field of this type could have, and texts that its patterns match."""
    for term in typed.root.walk():
        if term.operator == "matches" and of.family is Family.TEXT and term.operands[1].is_constant:
            yield matching(parse_pattern(term.operands[1].value), rng)
        elif term.operator == "=" and of.family in {Family.DATE, Family.DATETIME}:
            yield from _of_year(term, of)
        elif term.is_constant and term.value is not None and term.type.family is of.family:
            value = convert(term.value, of)
            yield from around(value, of) if value is not None else ()
            yield from (value + _WORD, _WORD + value) if isinstance(value, str) else ()


def _of_year(term: Term, of: Type) -> Iterator[Any]:
    """Yield a moment of the year that an equation asks for."""
    sides = (term.operands, term.operands[::-1])
    for years in (right.value for left, right in sides if left.operator == "year" and right.is_constant):
        if isinstance(years, int) and MINYEAR <= years <= MAXYEAR:
            moment = datetime(years, 7, 1, tzinfo=UTC)
            yield moment.date() if of.family is Family.DATE else moment


def _wanted(field: BoundField, of: Type, scope: Scope) -> Iterator[Any]:
    """Yield what the checks of a derived field propose for it, as values of an operand of the same family."""
    if of.family is field.type.family:
        for check in (bound.check for bound in field.checks if bound.check is not None):
            yield from (convert(value, of) for value in propose(check, scope))


def convert(value: Any, of: Type) -> Any:
    """Return a value of the same family as a value of the type: of numbers the nearest; None where there is none."""
    if of.family is not Family.NUMBER or value is None:
        return value
    number = Decimal(str(value))
    if of.name == "decimal":
        number = number.quantize(Decimal(1).scaleb(-(of.scale or 0)))
    return as_number(number, of)
