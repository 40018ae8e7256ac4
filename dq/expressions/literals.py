"""The literals of the language: their values, their types and their normal form."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from dq.dtypes.literals import parse_literal
from dq.dtypes.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    INTEGER,
    MAX_PRECISION,
    NUMBER,
    STRING,
    TIME,
    Family,
    Type,
    decimal,
)
from dq.expressions.canonical import quoted_text
from dq.expressions.errors import ExpressionError
from dq.expressions.numbers import MAX_INTEGER, MIN_INTEGER
from dq.expressions.term import Term
from dq.expressions.tree import Node

TYPED = {
    "date": DATE,
    "timestamp": DATETIME,
    "datetime": DATETIME,
    "time": TIME,
    "duration": DURATION,
    "interval": DURATION,
}
"""The words that may stand before a text, and the type that they make of it."""

BY_FAMILY = {Family.DATE: DATE, Family.DATETIME: DATETIME, Family.TIME: TIME, Family.DURATION: DURATION}
_WORDS = {Family.DATE: "date", Family.DATETIME: "timestamp", Family.TIME: "time", Family.DURATION: "duration"}
_EXAMPLES = {
    Family.DATE: "2026-01-31",
    Family.DATETIME: "2026-01-31T10:00:00Z",
    Family.TIME: "10:00:00",
    Family.DURATION: "24h",
}
_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def _constant(node: Node | Term, kind: Type, value: Any, text: str) -> Term:
    """Return a literal at the place of the node."""
    return Term("constant", kind, value=value, text=text, start=node.start, end=node.end)


def _out_of_range(node: Node, problem: str) -> ExpressionError:
    """Return the error of a literal without a value."""
    return ExpressionError("DQ407", {"problem": problem}, node.start, node.end)


def number(node: Node, *, negative: bool = False) -> Term:
    """Read a literal of digits; an integer beyond 64 bits is a decimal.  DQ407 beyond 38 digits or binary64."""
    sign = "-" if negative else ""
    if node.kind == "number":
        return _binary(node, sign)
    whole, _, fraction = node.text.partition(".")
    whole = whole.lstrip("0")
    if len(whole) + len(fraction) > MAX_PRECISION:
        raise _out_of_range(node, f"a literal has at most {MAX_PRECISION} digits")
    text = sign + (whole or "0") + ("." + fraction if fraction else "")
    if node.kind == "integer" and MIN_INTEGER <= int(text) <= MAX_INTEGER:
        return _constant(node, INTEGER, int(text), text)
    return _constant(node, decimal(max(1, len(whole) + len(fraction)), len(fraction)), Decimal(text), text)


def _binary(node: Node, sign: str) -> Term:
    """Read a literal with an exponent."""
    value = float(sign + node.text)
    if value in {float("inf"), float("-inf")} or (value == 0 and node.text.lower().split("e")[0].strip("0.")):
        raise _out_of_range(node, "the literal is beyond the range of a number")
    text = repr(value)
    return _constant(node, NUMBER, value, text if "e" in text else f"{text}e0")


def literal(node: Node) -> Term | None:
    """Read any literal but null; None if the node is no literal."""
    if node.kind in {"integer", "decimal", "number"}:
        return number(node)
    if node.kind == "text":
        return _constant(node, STRING, node.text, quoted_text(node.text))
    if node.kind in {"true", "false"}:
        return _constant(node, BOOLEAN, node.kind == "true", node.kind)
    return None


def temporal(node: Node | Term, kind: Type, text: str) -> Term:
    """Read a text as a date, datetime, time or duration; DQ407 if it is none."""
    try:
        value = parse_literal(kind, text)
    except ValueError:
        word = _WORDS[kind.family]
        problem = f"{quoted_text(text)} is not a {kind}: write {word} '{_EXAMPLES[kind.family]}'"
        raise ExpressionError("DQ407", {"problem": problem}, node.start, node.end) from None
    return _constant(node, kind, value, f"{_WORDS[kind.family]} '{written(value)}'")


def written(value: date | datetime | time | timedelta) -> str:
    """Return the normal text of a date, datetime (UTC), time or duration."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return _written_duration(value) if isinstance(value, timedelta) else value.isoformat()


def _written_duration(value: timedelta) -> str:
    """Return `36h` and its like, in the largest unit that is whole; ISO 8601 where there is a fraction of a second."""
    sign, size = ("-", -value) if value < timedelta(0) else ("", value)
    seconds = size.days * 86_400 + size.seconds
    if size.microseconds:
        return f"{sign}P{size.days}DT{size.seconds}.{size.microseconds:06d}S"
    unit, length = next(((unit, length) for unit, length in _UNITS if seconds % length == 0))
    return f"{sign}{seconds // length}{unit}" if seconds else "0s"
