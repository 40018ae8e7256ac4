"""A pattern as a tree, and the tree in the words of each target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from dq.patterns.characters import ALL, Ranges, complement

Target: TypeAlias = Literal["rust", "python", "ecma"]


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Assertion:
    r"""A place and no character: `^`, `$`, `\b` or `\B`."""

    name: Literal["^", "$", "\\b", "\\B"]


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The first that fits."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`low` to `high` times (None: no end), as many or, if `lazy`, as few as will do."""

    item: Node
    low: int
    high: int | None
    lazy: bool


Node: TypeAlias = Chars | Assertion | Sequence | Choice | Repeat


def weight(node: Node) -> int:
    """Return how many ranges of characters the node is when counted repetitions are written out."""
    match node:
        case Chars(ranges):
            return len(ranges)
        case Assertion():
            return 1
        case Sequence(items) | Choice(items):
            return 1 + sum(map(weight, items))
        case Repeat(item, low, high):
            return weight(item) * max(1, low + 1 if high is None else high)


def has_boundary(node: Node) -> bool:
    r"""Return whether `\b` or `\B` stands anywhere in the node."""
    match node:
        case Assertion(name):
            return name in {"\\b", "\\B"}
        case Sequence(items) | Choice(items):
            return any(map(has_boundary, items))
        case Repeat(item):
            return has_boundary(item)
        case Chars():
            return False


# Python's own \B, unlike the others, does not hold in an empty text; its negated \b does.
_ASSERTIONS: dict[Target, dict[str, str]] = {
    "rust": {"^": "^", "$": "$", "\\b": r"(?-u:\b)", "\\B": r"(?-u:\B)"},
    "python": {"^": "^", "$": r"\Z", "\\b": r"(?a:\b)", "\\B": r"(?!(?a:\b))"},
    "ecma": {"^": "^", "$": "$", "\\b": r"\b", "\\B": r"\B"},
}
_LATIN_1 = 0xFF  # characters up to here have the escape that all three targets know
_SYNTAX = frozenset("^$\\.*+?()[]{}|")
_CLASS_SYNTAX = frozenset("\\[]^-")


def _character(code: int, escaped: frozenset[str]) -> str:
    """Return one character as all three targets write it."""
    char = chr(code)
    if char in escaped:
        return "\\" + char
    return char if char.isprintable() or code > _LATIN_1 else f"\\x{code:02x}"


def _class(ranges: Ranges) -> str:
    """Return a set of characters in the shorter of `[…]` and `[^…]`."""
    if ranges == ALL:
        return r"[\s\S]"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _character(ranges[0][0], _SYNTAX)
    others = complement(ranges)
    sign, shown = ("^", others) if len(others) < len(ranges) else ("", ranges)
    text = ""
    for low, high in shown:
        text += _character(low, _CLASS_SYNTAX)
        if high > low:
            text += ("-" if high > low + 1 else "") + _character(high, _CLASS_SYNTAX)
    return f"[{sign}{text}]"


def _quantifier(low: int, high: int | None) -> str:
    """Return the shortest way of writing the counts."""
    plain = {(0, None): "*", (1, None): "+", (0, 1): "?"}
    if (low, high) in plain:
        return plain[low, high]
    if low == high:
        return f"{{{low}}}"
    return f"{{{low},{'' if high is None else high}}}"


def print_node(node: Node, target: Target) -> str:
    """Return the node in the words of a target."""
    match node:
        case Chars(ranges):
            return _class(ranges)
        case Assertion(name):
            return _ASSERTIONS[target][name]
        case Sequence(items):
            return "".join(_grouped(i, target) if isinstance(i, Choice) else print_node(i, target) for i in items)
        case Choice(branches):
            return "|".join(print_node(branch, target) for branch in branches)
        case Repeat(item, low, high, lazy):
            inner = print_node(item, target) if isinstance(item, Chars) else _grouped(item, target)
            return inner + _quantifier(low, high) + ("?" if lazy else "")


def _grouped(node: Node, target: Target) -> str:
    """Return the node in a group that captures nothing."""
    return f"(?:{print_node(node, target)})"
