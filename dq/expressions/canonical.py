"""The normal form of an expression: fully determined text that parses back to the same meaning."""

from __future__ import annotations

import re

from dq.expressions.term import Term

_NAME = re.compile(r"[^\W\d]\w*\Z")
_RESERVED = {"and", "or", "not", "in", "between", "is", "null", "true", "false"}
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _UNARY, _ATOM = range(8)
_LEVELS = {
    "or": _OR,
    "and": _AND,
    "not": _NOT,
    "=": _COMPARISON,
    "<>": _COMPARISON,
    "<": _COMPARISON,
    "<=": _COMPARISON,
    ">": _COMPARISON,
    ">=": _COMPARISON,
    "in": _COMPARISON,
    "not in": _COMPARISON,
    "between": _COMPARISON,
    "not between": _COMPARISON,
    "is null": _COMPARISON,
    "is not null": _COMPARISON,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "%": _PRODUCT,
    "negate": _UNARY,
}


def quoted_name(name: str) -> str:
    """Return a field's name as the language writes it: in double quotes where it is not a plain word."""
    if _NAME.match(name) and name.lower() not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """Return a text literal."""
    return "'" + text.replace("'", "''") + "'"


def canonical_text(term: Term) -> str:
    """Return the normal form of a term."""
    if term.operator == "convert":
        return canonical_text(term.operands[0])
    if term.operator == "constant":
        return term.text
    if term.operator == "field":
        return quoted_name(str(term.value))
    level = _LEVELS.get(term.operator)
    if level is None:
        return f"{term.operator}({', '.join(map(canonical_text, term.operands))})"
    return _operation(term, level)


def _operation(term: Term, level: int) -> str:  # noqa: PLR0911 - one for each kind
    """Write an operator between its operands, with the parentheses that its level needs."""
    operator, operands = term.operator, term.operands
    if operator in {"and", "or"}:
        return f" {operator} ".join(_operand(operand, level + 1) for operand in operands)
    first = _operand(operands[0], level if level in {_SUM, _PRODUCT} else level + 1)
    if operator == "not":
        return f"not {_operand(operands[0], _NOT)}"
    if operator == "negate":
        return f"-{_operand(operands[0], _ATOM)}"
    if operator in {"in", "not in"}:
        return f"{first} {operator} ({', '.join(map(canonical_text, operands[1:]))})"
    if operator in {"between", "not between"}:
        return f"{first} {operator} {_operand(operands[1], _SUM)} and {_operand(operands[2], _SUM)}"
    if operator in {"is null", "is not null"}:
        return f"{first} {operator}"
    return f"{first} {operator} {_operand(operands[1], level + 1)}"


def _operand(term: Term, level: int) -> str:
    """Write an operand; in parentheses if it binds less than `level`."""
    inner = term.operands[0] if term.operator == "convert" else term
    own = _LEVELS.get(inner.operator, _ATOM)
    if inner.operator == "constant" and inner.text.startswith("-"):
        own = _UNARY
    text = canonical_text(inner)
    return f"({text})" if own < level else text
