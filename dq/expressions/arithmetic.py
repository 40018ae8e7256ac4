"""Which operands `+ - * / %` take, and what results."""

from __future__ import annotations

from datetime import timedelta

from dq.dtypes.types import DATE, DATETIME, DURATION, INTEGER, NUMBER, STRING, Family, Type
from dq.expressions import numbers
from dq.expressions.canonical import quoted_text
from dq.expressions.term import Term
from dq.expressions.unify import is_null, mismatch
from dq.expressions.words import named

_TIMES: dict[tuple[str, Type, Type], Type] = {
    ("-", DATETIME, DATETIME): DURATION,
    ("-", DATE, DATE): DURATION,
    ("+", DATETIME, DURATION): DATETIME,
    ("-", DATETIME, DURATION): DATETIME,
    ("+", DURATION, DATETIME): DATETIME,
    ("+", DURATION, DURATION): DURATION,
    ("-", DURATION, DURATION): DURATION,
    ("+", DATE, DURATION): DATE,
    ("-", DATE, DURATION): DATE,
    ("+", DURATION, DATE): DATE,
}


def arithmetic(operator: str, left: Term, right: Term, start: int, end: int) -> Term:
    """Return the typed operation; DQ404 if the operands do not fit it."""
    for side in (left, right):
        if is_null(side):
            raise mismatch(f"`{operator}` with null is always unknown", side)
    if left.type.family is Family.NUMBER and right.type.family is Family.NUMBER:
        left, right, result = _of_numbers(operator, left, right)
    else:
        result = _of_times(operator, left, right)
    return Term(operator, result, (left, right), start=start, end=end)


def _of_numbers(operator: str, left: Term, right: Term) -> tuple[Term, Term, Type]:
    """Return the operands as they are computed, and the type of the result."""
    if operator == "%" and NUMBER in {left.type, right.type}:
        wrong = left if left.type == NUMBER else right
        raise mismatch(f"`%` is exact and takes integers and decimals, not {named(wrong)}", wrong)
    if operator == "/" or NUMBER in {left.type, right.type}:
        return numbers.convert(left, NUMBER), numbers.convert(right, NUMBER), NUMBER
    if left.type == right.type == INTEGER:
        return left, right, INTEGER
    if operator == "*":
        result = numbers.product_type(left, right)
        if result is None:
            problem = f"{named(left)} times {named(right)} has more than 38 digits after the point: round one of them"
            raise mismatch(problem, right)
        return left, right, result
    return left, right, numbers.remainder_type(left, right) if operator == "%" else numbers.sum_type(left, right)


def _of_times(operator: str, left: Term, right: Term) -> Type:
    """Return the type of dates, datetimes and durations added or subtracted."""
    result = _TIMES.get((operator, left.type, right.type))
    if result is None:
        raise mismatch(f"`{operator}` does not take {named(left)} and {named(right)}", *_hint(left, right))
    if result == DATE:
        moved = right if right.type == DURATION else left
        if not moved.is_constant or moved.value % timedelta(days=1):
            raise mismatch("a date moves by whole days, written as a literal such as duration '7d'", moved)
    return result


def _hint(left: Term, right: Term) -> tuple[Term, str | None]:
    """Return the side that is probably wrong, and what to write instead of a text beside a date or datetime."""
    for side, other in ((right, left), (left, right)):
        if side.is_constant and side.type == STRING and other.type in {DATE, DATETIME, DURATION}:
            return side, f"duration {quoted_text(side.value)}"
    return right, None


def negated(operand: Term, start: int, end: int) -> Term:
    """Return unary minus of a number or duration; DQ404 of anything else."""
    if is_null(operand) or (operand.type.family is not Family.NUMBER and operand.type != DURATION):
        raise mismatch(f"unary minus takes a number or a duration, not {named(operand)}", operand)
    return Term("negate", operand.type, (operand,), start=start, end=end)
