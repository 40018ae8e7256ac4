"""From typed tree to one Polars expression, elementwise and without Python functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce
from operator import and_, or_

import polars as pl

from dq.dtypes.types import Family, Type
from dq.expressions import exact
from dq.expressions.functions import FUNCTIONS
from dq.expressions.term import Term

_BOOLEAN: dict[str, Callable[[Sequence[pl.Expr]], pl.Expr]] = {
    "and": lambda operands: reduce(and_, operands),
    "or": lambda operands: reduce(or_, operands),
    "not": lambda operands: ~operands[0],
    "is null": lambda operands: operands[0].is_null(),
    "is not null": lambda operands: operands[0].is_not_null(),
}
Column = Callable[[str], pl.Expr]
_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def lower_term(term: Term, column: Column, now: datetime) -> pl.Expr:
    """Return the Polars expression of a term, of the dtype `term.type.polars`; null is unknown."""
    if term.operator == "field":
        return column(str(term.value))
    if term.operator == "constant":
        return pl.lit(term.value, dtype=term.type.polars)
    operands = [lower_term(operand, column, now) for operand in term.operands]
    function = FUNCTIONS.get(term.operator)
    return function.lower(operands, term.operands, now) if function else _operation(term, operands)


def _operation(term: Term, operands: Sequence[pl.Expr]) -> pl.Expr:
    """Lower an operator."""
    terms = term.operands
    if term.operator in _BOOLEAN:
        return _BOOLEAN[term.operator](operands)
    if term.operator in _FLIPPED:
        return _comparison(term.operator, (terms[0], terms[1]), (operands[0], operands[1]))
    if term.operator in {"in", "not in"}:
        found = _membership(terms, operands)
        return found if term.operator == "in" else ~found
    if term.operator in {"between", "not between"}:
        least = _comparison(">=", (terms[0], terms[1]), (operands[0], operands[1]))
        inside = least & _comparison("<=", (terms[0], terms[2]), (operands[0], operands[2]))
        return inside if term.operator == "between" else ~inside
    return _computed(term, operands)


def _computed(term: Term, operands: Sequence[pl.Expr]) -> pl.Expr:
    """Lower what computes with numbers or times."""
    kinds = [operand.type for operand in term.operands]
    if term.operator == "convert":
        return exact.convert(operands[0], kinds[0], term.type)
    if term.operator == "negate":
        lower_one = exact.negative if _numbers(kinds) else exact.negative_duration
        return lower_one(operands[0], kinds[0])
    lower_two = exact.arithmetic if _numbers(kinds) else exact.time_arithmetic
    return lower_two(term.operator, operands[0], operands[1], (kinds[0], kinds[1]), term.type)


def _numbers(kinds: Sequence[Type]) -> bool:
    """Whether all types are numbers."""
    return all(kind.family is Family.NUMBER for kind in kinds)


def _comparison(operator: str, terms: tuple[Term, Term], operands: tuple[pl.Expr, pl.Expr]) -> pl.Expr:
    """Lower a comparison of two operands, a literal always on the right.

    Polars 2.1 compares a literal on the left with a cast of an all-null `when` and gives one row instead of all.
    """
    if not _reads_fields(terms[0]) and _reads_fields(terms[1]):
        return _comparison(_FLIPPED[operator], terms[::-1], operands[::-1])
    kinds = (terms[0].type, terms[1].type)
    if _numbers(kinds):
        return exact.compare(operator, *operands, kinds)
    return exact.native(operator, *operands)


def _reads_fields(term: Term) -> bool:
    """Whether the value differs from row to row."""
    return any(below.operator == "field" for below in term.walk())


def _membership(terms: Sequence[Term], operands: Sequence[pl.Expr]) -> pl.Expr:
    """Lower `in`: a set of literals of the same type at once, anything else as a chain of comparisons."""
    wanted = terms[0].type
    if all(term.is_constant and term.type == wanted for term in terms[1:]):
        values = pl.Series([term.value for term in terms[1:]], dtype=wanted.polars)
        return operands[0].is_in(values.implode())
    equal = [
        _comparison("=", (terms[0], term), (operands[0], operand))
        for term, operand in zip(terms[1:], operands[1:], strict=True)
    ]
    return reduce(or_, equal)
