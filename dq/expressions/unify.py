"""Bringing operands to types that fit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dq.dtypes.types import BOOLEAN, DATE, DATETIME, NUMBER, STRING, Family, Type
from dq.expressions import literals, numbers
from dq.expressions.canonical import quoted_text
from dq.expressions.errors import ExpressionError
from dq.expressions.term import Term
from dq.expressions.words import named

_ORDERED = {Family.TEXT, Family.NUMBER, Family.DATE, Family.TIME, Family.DATETIME, Family.DURATION}
_EQUATED = _ORDERED | {Family.BOOLEAN}


def is_null(term: Term) -> bool:
    """Whether the term is the literal null."""
    return term.is_constant and term.value is None


def mismatch(problem: str, place: Term, suggestion: str | None = None) -> ExpressionError:
    """Return the error of types that do not fit."""
    return ExpressionError("DQ404", {"problem": problem}, place.start, place.end, suggestion)


def adapt(term: Term, other: Term) -> Term:
    """Return the term as the other side wants it, if it is a literal that can be read so.

    A text beside a date, datetime, time or duration is read as one (DQ407 if it is none); digits beside a number are
    the nearest number, beside a decimal that holds them a decimal of its kind.
    """
    if not term.is_constant or term.value is None:
        return term
    if term.type == STRING and other.type.family in literals.BY_FAMILY:
        return literals.temporal(term, literals.BY_FAMILY[other.type.family], term.value)
    if term.type.family is Family.NUMBER and (other.type == NUMBER or numbers.fits(term, other.type)):
        return numbers.convert(term, other.type)
    return term


def compared(operator: str, left: Term, right: Term) -> tuple[Term, Term]:
    """Return the two sides of a comparison in types that can be compared; DQ404 names both if they cannot."""
    for side in (left, right):
        if is_null(side):
            suggestion = {"=": "is null", "<>": "is not null"}.get(operator)
            raise mismatch("a comparison with null is never true: ask with `is null`", side, suggestion)
    left, right = adapt(left, right), adapt(right, left)
    if left.type.family is not right.type.family:
        raise mismatch(
            f"{named(left)} cannot be compared with {named(right)}{_advice(left, right)}", *_hint(left, right)
        )
    allowed = _EQUATED if operator in {"=", "<>", "in", "not in"} else _ORDERED
    if left.type.family not in allowed:
        raise mismatch(f"{named(left)} cannot be compared by `{operator}`", left)
    return left, right


def _advice(left: Term, right: Term) -> str:
    """Return what to do about two families, where there is something to say."""
    families = {left.type.family, right.type.family}
    if families == {Family.DATE, Family.DATETIME}:
        return ": a date has no time of day, write a timestamp"
    return ""


def _hint(left: Term, right: Term) -> tuple[Term, str | None]:
    """Return the side that is probably wrong, a literal rather than a field, and what to write instead."""
    wrong, other = (left, right) if left.is_constant and not right.is_constant else (right, left)
    return wrong, as_written(wrong, other.type) if wrong.is_constant else None


def as_written(constant: Term, wanted: Type) -> str | None:
    """Return the literal as it would be written in the wanted type, or None."""
    if constant.type == DATE and wanted == DATETIME:
        return f"timestamp '{literals.written(constant.value)}T00:00:00Z'"
    if wanted == STRING and constant.type.family is Family.NUMBER:
        return quoted_text(constant.text)
    if constant.type != STRING:
        return None
    if wanted == BOOLEAN and constant.value.lower() in {"true", "false"}:
        return str(constant.value.lower())
    digits = constant.value.removeprefix("-").replace(".", "", 1)
    return constant.value if wanted.family is Family.NUMBER and digits.isascii() and digits.isdigit() else None


def unified(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Return the terms in one type, that of `coalesce` and `date_diff`; null takes it too.  DQ404 if there is none."""
    known = [term for term in terms if not is_null(term)]
    if not known:
        raise mismatch("null alone has no type", terms[0])
    anchor = next((term for term in known if not (term.is_constant and term.type == STRING)), known[0])
    known = [adapt(term, anchor) if term.type == STRING else term for term in known]
    for term in known:
        if term.type.family is not anchor.type.family:
            raise mismatch(f"{named(term)} is not of one family with {named(anchor)}", term)
    common = _common(known)
    if common is None:
        raise mismatch("the values have no common type within 38 digits: round one of them", terms[0])
    waiting = iter(known)
    return tuple(replace(term, type=common) if is_null(term) else _as(next(waiting), common) for term in terms)


def _common(terms: Sequence[Term]) -> Type | None:
    """Return the common type of terms of one family; None where numbers have none, or lists differ."""
    if terms[0].type.family is Family.NUMBER:
        return numbers.common_type(tuple(terms))
    return terms[0].type if len({term.type for term in terms}) == 1 else None


def _as(term: Term, common: Type) -> Term:
    """Return the term in the common type."""
    return numbers.convert(term, common) if common.family is Family.NUMBER else term
