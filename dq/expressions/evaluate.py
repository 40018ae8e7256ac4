"""A second opinion: the meaning of an expression for one record, in plain Python.

It shares the typed tree with `dq.expressions.lower` and nothing else.  Tests hold the two against each other; later it
explains to people why one record passed or failed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dq.dtypes.types import INTEGER, NUMBER, Family, Type
from dq.expressions.term import Term
from dq.expressions.typed import Typed
from dq.patterns import compile_pattern

_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_DAYS = {"week": timedelta(weeks=1), "day": _DAY}
_UNITS = {**_DAYS, "hour": timedelta(hours=1), "minute": timedelta(minutes=1), "second": timedelta(seconds=1)}
_DURATION_LIMIT = 2**63


def evaluate(typed: Typed, row: Mapping[str, Any], now: datetime) -> Any:
    """Return the value for a row of canonical Python values; None is unknown.

    A row maps names to str, int, float, Decimal, bool, date, time, datetime (UTC), timedelta or None.
    """
    return _value(typed.root, row, now)


def _value(term: Term, row: Mapping[str, Any], now: datetime) -> Any:  # noqa: PLR0911 - one for each kind
    """Evaluate one term."""
    if term.operator == "field":
        return row[term.value]
    if term.operator == "constant":
        return term.value
    values = [_value(operand, row, now) for operand in term.operands]
    if term.operator in _CONNECTIVES:
        return _CONNECTIVES[term.operator](values)
    if term.operator == "now":
        return now.astimezone(UTC)
    if term.operator in {"in", "not in", "between", "not between"}:
        return _compound(term, values)
    if any(value is None for value in values):
        return None
    return _strict(term, values)


def _all(values: Sequence[bool | None]) -> bool | None:
    """Return Kleene's `and`: one false decides, else one unknown."""
    if any(value is False for value in values):
        return False
    return None if None in values else True


def _any(values: Sequence[bool | None]) -> bool | None:
    """Return Kleene's `or`."""
    return _not(_all([_not(value) for value in values]))


def _not(value: bool | None) -> bool | None:
    """Return Kleene's `not`."""
    return None if value is None else not value


_CONNECTIVES: dict[str, Callable[[Sequence[Any]], Any]] = {
    "and": _all,
    "or": _any,
    "not": lambda values: _not(values[0]),
    "is null": lambda values: values[0] is None,
    "is not null": lambda values: values[0] is not None,
    "coalesce": lambda values: next((value for value in values if value is not None), None),
}


def _compound(term: Term, values: Sequence[Any]) -> bool | None:
    """Evaluate `in` and `between` as the comparisons that they stand for."""
    kinds = [operand.type for operand in term.operands]
    operators = [">=", "<="] if "between" in term.operator else ["="] * (len(values) - 1)
    answers = [
        _compare(operator, (values[0], value), (kinds[0], kind))
        for operator, value, kind in zip(operators, values[1:], kinds[1:], strict=True)
    ]
    answer = _all(answers) if "between" in term.operator else _any(answers)
    return _not(answer) if term.operator.startswith("not") else answer


def _compare(operator: str, values: tuple[Any, Any], kinds: tuple[Type, Type]) -> bool | None:
    """Compare two values; unknown if one is."""
    if values[0] is None or values[1] is None:
        return None
    left, right = _comparable(values, kinds)
    if operator in {"=", "<>"}:
        return bool((left == right) is (operator == "="))
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator])


def _comparable(values: tuple[Any, Any], kinds: tuple[Type, Type]) -> tuple[Any, Any]:
    """Return two values that Python compares as the language does."""
    if kinds[0].family is not Family.NUMBER or NUMBER not in kinds or kinds[0] == kinds[1]:
        return values
    left, right = Fraction(values[0]), Fraction(values[1])
    nearest = float(left), float(right)
    return (left, right) if nearest[0] == nearest[1] and abs(nearest[0]) >= float(2**53) else nearest


def _strict(term: Term, values: list[Any]) -> Any:
    """Evaluate what is unknown as soon as one operand is."""
    kinds = [operand.type for operand in term.operands]
    if term.operator in {"=", "<>", "<", "<=", ">", ">="}:
        return _compare(term.operator, (values[0], values[1]), (kinds[0], kinds[1]))
    if term.operator in _TEXT_FUNCTIONS:
        return _TEXT_FUNCTIONS[term.operator](*values)
    if term.operator == "date_diff":
        ticks = (values[2] - values[1]) // _MICROSECOND
        unit = _UNITS[values[0]] // _MICROSECOND
        return abs(ticks) // unit * (1 if ticks >= 0 else -1)
    if any(kind.family is not Family.NUMBER for kind in kinds):
        return _calendar(term, values)
    return _number(term, values)


_TEXT_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "length": len,
    "lower": str.lower,
    "upper": str.upper,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": lambda text, part: part in text,
    "matches": lambda text, pattern: re.search(compile_pattern(pattern).python, text) is not None,
    "year": lambda day: day.year,
    "month": lambda day: day.month,
    "day": lambda day: day.day,
}


def _calendar(term: Term, values: Sequence[Any]) -> date | datetime | timedelta | None:
    """Compute with dates, datetimes and durations; unknown outside the years 1 to 9999 or 64 bits of microseconds."""
    try:
        if term.operator == "negate":
            result = -values[0]
        else:
            result = values[0] + values[1] if term.operator == "+" else values[0] - values[1]
    except OverflowError:
        return None
    if isinstance(result, timedelta) and not -_DURATION_LIMIT <= result // _MICROSECOND < _DURATION_LIMIT:
        return None
    return result  # type: ignore[no-any-return]


def _number(term: Term, values: Sequence[Any]) -> int | float | Decimal | None:  # noqa: PLR0911 - one for each kind
    """Compute with numbers, and keep the result if its type can."""
    if term.type == NUMBER:
        return _binary(term, values)
    exact = [Fraction(value) for value in values]
    match term.operator:
        case "+":
            return _kept(exact[0] + exact[1], term.type) if _alignable(exact, term) else None
        case "-":
            return _kept(exact[0] - exact[1], term.type) if _alignable(exact, term) else None
        case "*":
            return _kept(exact[0] * exact[1], term.type)
        case "%":
            if not exact[1] or not _alignable(exact, term):
                return None
            return _kept(exact[0] - exact[1] * math.trunc(exact[0] / exact[1]), term.type)
        case "round":
            unit = Fraction(1, 10 ** (term.type.scale or 0))
            size = math.floor(abs(exact[0]) / unit + Fraction(1, 2)) * unit
            return _kept(size if exact[0] >= 0 else -size, term.type)
        case "negate":
            return _kept(-exact[0], term.type)
        case "abs":
            return _kept(abs(exact[0]), term.type)
        case _:
            return _kept(exact[0], term.type)


def _alignable(exact: Sequence[Fraction], term: Term) -> bool:
    """Whether both operands have at most 38 digits at the scale of the result."""
    scale = term.type.scale or 0
    return all(abs(value) * 10**scale < 10**38 for value in exact)


def _kept(value: Fraction, kind: Type) -> int | Decimal | None:
    """Return an exact value as an integer of 64 bits or a decimal of 38 digits; None if it does not fit."""
    if kind == INTEGER:
        return int(value) if -(2**63) <= value < 2**63 else None
    scale = kind.scale or 0
    digits = int(value * 10**scale)
    if abs(digits) >= 10**38:
        return None
    return Decimal((int(digits < 0), tuple(int(digit) for digit in str(abs(digits))), -scale))


def _binary(term: Term, values: Sequence[Any]) -> float | None:
    """Compute with binary64 numbers; what is not finite is unknown."""
    try:
        match term.operator:
            case "+":
                result = values[0] + values[1]
            case "-":
                result = values[0] - values[1]
            case "*":
                result = values[0] * values[1]
            case "/":
                result = values[0] / values[1]
            case "negate":
                result = -values[0]
            case "abs":
                result = abs(values[0])
            case "round":
                result = _rounded(values[0], values[1] if len(values) > 1 else 0)
            case _:
                result = float(Fraction(values[0]))
    except (OverflowError, ZeroDivisionError):
        return None
    return result if math.isfinite(result) else None


def _rounded(value: float, places: int) -> float:
    """Round a number as documented: the product with 10^places, halves away from zero."""
    if abs(value) >= float(2**52):
        return value
    product = value * 10.0**places
    whole = float(math.trunc(product))
    if abs(product - whole) >= 0.5:  # noqa: PLR2004 - the half
        whole += math.copysign(1.0, product)
    return whole / 10.0**places
