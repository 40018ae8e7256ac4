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

Column = Callable[[str], pl.Expr]
_COMPARISONS = {"=", "<>", "<", "<=", ">", ">="}


def lower_term(term: Term, column: Column, now: datetime) -> pl.Expr:
    """Return the Polars expression of a term, of the dtype `term.type.polars`; null is unknown."""
    if term.operator == "field":
        return column(str(term.value))
    if term.operator == "constant":
        return pl.lit(term.value, dtype=term.type.polars)
    operands = [lower_term(operand, column, now) for operand in term.operands]
    function = FUNCTIONS.get(term.operator)
    return function.lower(operands, term.operands, now) if function else _operation(term, operands)


def _operation(term: Term, operands: Sequence[pl.Expr]) -> pl.Expr:  # noqa: PLR0911 - one return for each operator
    """Lower an operator."""
    kinds = tuple(operand.type for operand in term.operands)
    match term.operator:
        case "and":
            return reduce(and_, operands)
        case "or":
            return reduce(or_, operands)
        case "not":
            return ~operands[0]
        case "is null":
            return operands[0].is_null()
        case "is not null":
            return operands[0].is_not_null()
        case "in" | "not in":
            found = _membership(term.operands, operands)
            return found if term.operator == "in" else ~found
        case "between" | "not between":
            inside = _comparison(">=", operands[:2], kinds[:2]) & _comparison("<=", operands[::2], kinds[::2])
            return inside if term.operator == "between" else ~inside
        case "negate":
            lowering = exact.negative if kinds[0].family is Family.NUMBER else exact.negative_duration
            return lowering(operands[0], kinds[0])
        case "convert":
            return exact.convert(operands[0], kinds[0], term.type)
        case operator if operator in _COMPARISONS:
            return _comparison(operator, operands, kinds)
        case _:
            lowering_of_two = exact.arithmetic if term.type.family is Family.NUMBER and _numbers(kinds) else _times
            return lowering_of_two(term.operator, operands[0], operands[1], (kinds[0], kinds[1]), term.type)


_times = exact.time_arithmetic


def _numbers(kinds: Sequence[Type]) -> bool:
    """Whether all types are numbers."""
    return all(kind.family is Family.NUMBER for kind in kinds)


def _comparison(operator: str, operands: Sequence[pl.Expr], kinds: Sequence[Type]) -> pl.Expr:
    """Lower a comparison of two operands."""
    if _numbers(kinds):
        return exact.compare(operator, operands[0], operands[1], (kinds[0], kinds[1]))
    return exact.native(operator, operands[0], operands[1])


def _membership(terms: Sequence[Term], operands: Sequence[pl.Expr]) -> pl.Expr:
    """Lower `in`: a set of literals of the same type at once, anything else as a chain of comparisons."""
    wanted = terms[0].type
    if all(term.is_constant and term.type == wanted for term in terms[1:]):
        values = pl.Series([term.value for term in terms[1:]], dtype=wanted.polars)
        return operands[0].is_in(values.implode())
    equal = [
        _comparison("=", (operands[0], operand), (wanted, term.type))
        for term, operand in zip(terms[1:], operands[1:], strict=True)
    ]
    return reduce(or_, equal)
