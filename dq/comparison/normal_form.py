"""Expressions in a form that is the same for many that mean the same: order, direction and spelling do not matter."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dq.expressions import Typed
    from dq.expressions.term import Term

_TURNED = {">": "<", ">=": "<="}
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "<>", "<>": "="}


def normal_form(typed: Typed | None) -> str | None:
    """Return one text for expressions that this file knows to mean the same; None for none.

    What is unknown stays unknown under every rewriting: the language has three truths.
    """
    return None if typed is None else repr(_form(typed.root))


def _form(term: Term) -> Any:  # noqa: PLR0911 - one kind of term a line
    """Return a term as nested tuples."""
    operands = term.operands
    match term.operator:
        case "convert":
            return _form(operands[0])
        case "constant":
            return ("constant", _constant(term))
        case "field":
            return ("field", term.value)
        case "and" | "or":
            return (term.operator, *sorted(set(_flat(term, term.operator)), key=repr))
        case "not":
            return _negated(operands[0])
        case "between":
            return (
                "and",
                *sorted((_compared(">=", *operands[:2]), _compared("<=", operands[0], operands[2])), key=repr),
            )
        case "in":
            listed = sorted({_form(each) for each in operands[1:]}, key=repr)
            return _compared("=", *operands) if len(operands) == 2 else ("in", _form(operands[0]), *listed)  # noqa: PLR2004
        case "=" | "<>" | "<" | "<=" | ">" | ">=":
            return _compared(term.operator, *operands)
        case "+" | "*":
            return (term.operator, *sorted((_form(each) for each in operands), key=repr))
        case _:
            return (term.operator, *(_form(each) for each in operands))


def _constant(term: Term) -> Any:
    """Return a constant so that 1 and 1.0 are one."""
    value = term.value
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(Decimal(value).normalize())
    return value if isinstance(value, (str, bool)) else str(value)


def _flat(term: Term, operator: str) -> list[Any]:
    """Return the forms of nested operands of one connective."""
    found: list[Any] = []
    for each in term.operands:
        form = _form(each)
        found += form[1:] if form[0] == operator else [form]
    return found


def _negated(term: Term) -> Any:
    """Return `not` of a term: of a comparison the opposite one, of `is null` the other."""
    if term.operator in _NEGATED:
        return _compared(_NEGATED[term.operator], *term.operands)
    if term.operator in {"is null", "is not null"}:
        return ("is not null" if term.operator == "is null" else "is null", _form(term.operands[0]))
    return ("not", _form(term))


def _compared(operator: str, left: Term, right: Term) -> Any:
    """Return a comparison pointing one way; of whole numbers, `> 0` as `>= 1`."""
    if operator in _TURNED:
        operator, left, right = _TURNED[operator], right, left
    if operator == "<":
        for constant, other, way in ((right, left, -1), (left, right, 1)):
            next_one = _next(_plain(constant), _plain(other), way)
            if next_one is not None:
                form = ("constant", str(next_one.normalize()))
                return ("<=", _form(left), form) if way < 0 else ("<=", form, _form(right))
    sides = (_form(left), _form(right))
    return (operator, *(sorted(sides, key=repr) if operator in {"=", "<>"} else sides))


def _plain(term: Term) -> Term:
    """Return a term without the conversions around it."""
    return _plain(term.operands[0]) if term.operator == "convert" else term


def _next(constant: Term, other: Term, way: int) -> Decimal | None:
    """Return the value next to a constant, above (`way` 1) or below it, that a whole number or decimal can have.

    None where the other side is of another type, or the constant lies between two such values.
    """
    if not constant.is_constant or constant.value is None or other.type.name not in {"integer", "decimal"}:
        return None
    if constant.type.name not in {"integer", "decimal"}:
        return None
    unit, value = Decimal(1).scaleb(-(other.type.scale or 0)), Decimal(constant.value)
    return value + way * unit if value % unit == 0 else None
