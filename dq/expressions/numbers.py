"""The types of numbers: what results from what.

* `integer` is exact within 64 bits, `decimal(p,s)` exact within 38 digits, `number` a binary64.
* Integers with integers give integers, with decimals decimals; a number makes everything a number, except literals
  without an exponent, which take the type of the other side.
* A decimal result has all the digits that it can need, at most 38; what does not fit at run time is unknown.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from dq.dtypes.types import INTEGER, MAX_PRECISION, NUMBER, Type, decimal
from dq.expressions.term import Term

MAX_INTEGER = 2**63 - 1
MIN_INTEGER = -(2**63)
_INTEGER_DIGITS = 19


class Digits(NamedTuple):
    """How many digits stand before (`whole`) and after (`scale`) the point, at most."""

    whole: int
    scale: int

    @property
    def type(self) -> Type:
        """The decimal that holds them; capped at 38 digits in all."""
        return decimal(min(MAX_PRECISION, max(1, self.whole + self.scale)), self.scale)


def digits(term: Term) -> Digits:
    """Return the digits of an integer or decimal term; of a literal, those it has."""
    if term.is_constant and term.value is not None and term.type == INTEGER:
        return Digits(len(str(abs(term.value))), 0)
    if term.type.precision is None:
        return Digits(_INTEGER_DIGITS, 0)
    scale = term.type.scale or 0
    return Digits(term.type.precision - scale, scale)


def widest(terms: tuple[Term, ...]) -> Digits:
    """Return the digits that hold the values of every term."""
    each = [digits(term) for term in terms]
    return Digits(max(one.whole for one in each), max(one.scale for one in each))


def sum_type(left: Term, right: Term) -> Type:
    """Return the type of a sum or difference of an integer or decimal with a decimal."""
    both = widest((left, right))
    return Digits(both.whole + 1, both.scale).type


def product_type(left: Term, right: Term) -> Type | None:
    """Return the type of a product, or None if it needs more than 38 digits after the point."""
    first, second = digits(left), digits(right)
    scale = first.scale + second.scale
    return Digits(first.whole + second.whole, scale).type if scale <= MAX_PRECISION else None


def remainder_type(left: Term, right: Term) -> Type:
    """Return the type of a remainder: smaller than either operand, with all of their digits after the point."""
    first, second = digits(left), digits(right)
    return Digits(min(first.whole, second.whole), max(first.scale, second.scale)).type


def rounded_type(term: Term, places: int) -> Type:
    """Return the type of a decimal that is rounded to `places`; carrying may need one more digit before the point."""
    own = digits(term)
    return Digits(own.whole + 1, places).type if places < own.scale else term.type


def common_type(terms: tuple[Term, ...]) -> Type | None:
    """Return the one type that several numbers have in common, or None if it needs more than 38 digits."""
    if any(term.type == NUMBER for term in terms):
        return NUMBER
    if all(term.type == INTEGER for term in terms):
        return INTEGER
    both = widest(terms)
    return both.type if both.whole + both.scale <= MAX_PRECISION else None


def fits(term: Term, wanted: Type) -> bool:
    """Whether every value of the term is a value of the wanted integer or decimal type."""
    if term.type == wanted:
        return True
    if wanted == INTEGER or wanted.precision is None:
        return False
    own, scale = digits(term), wanted.scale or 0
    return own.scale <= scale and own.whole <= wanted.precision - scale


def convert(term: Term, wanted: Type) -> Term:
    """Return the term as another type of numbers; a literal at once, anything else when it is evaluated."""
    if term.type == wanted:
        return term
    if term.is_constant:
        value = None if term.value is None else _constant(term.value, wanted)
        return Term("constant", wanted, value=value, text=term.text, start=term.start, end=term.end)
    return Term("convert", wanted, (term,), start=term.start, end=term.end)


def _constant(value: Decimal | float, wanted: Type) -> Decimal | float:
    """Return the value of a literal in the wanted type."""
    if wanted == NUMBER:
        return float(value)
    return value if wanted == INTEGER else Decimal(value)
