"""The parser: lark's LALR over `grammar.lark`, with a builder of our own nodes.

This module imports lark, which costs about 0.1 s, and is therefore imported by `dq.expressions.parse` when the first
expression is parsed.  Lark runs the builder at each reduction, bottom-up and without recursion, so that the depth of
the text is bounded by the parser's own stack and never by Python's.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TypeAlias, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from dq.expressions.tree import Node

Child: TypeAlias = "Token | Node | list[Node] | None"


class Unexpected(Exception):  # noqa: N818 - it is not an error yet: `dq.expressions.mistakes` puts it in words
    """The text does not follow the grammar.  `start` and `end` are the offending token's; both the end at the end."""

    def __init__(self, start: int, end: int) -> None:
        """Keep the place."""
        self.start, self.end = start, end
        super().__init__(f"unexpected text at {start}")


def _place(children: list[Child]) -> tuple[int, int]:
    """Return the offsets that the children span."""
    found = []
    for child in children:
        if isinstance(child, Token):
            found.append((child.start_pos or 0, child.end_pos or 0))
        elif isinstance(child, Node):
            found.append((child.start, child.end))
    return found[0][0], found[-1][1]


def _node(kind: str, children: list[Child], text: str = "", name: str = "") -> Node:
    """Build a node of all nodes among the children."""
    start, end = _place(children)
    nodes: list[Node] = []
    for child in children:
        if isinstance(child, list):
            nodes.extend(child)
        elif isinstance(child, Node):
            nodes.append(child)
    depth = 1 + max((node.depth for node in nodes), default=0)
    return Node(kind, start, end, tuple(nodes), text, name, depth)


def _unquoted(token: Child) -> str:
    """Return the content of a quoted token: a doubled quote is a quote."""
    text = str(token)
    return text[1:-1].replace(text[0] * 2, text[0])


class _Builder(Transformer[Token, Node]):
    """One method for each alternative of the grammar that has a name."""

    def start(self, children: list[Child]) -> Node:
        """Return the root."""
        return cast("Node", children[0])

    def items(self, children: list[Child]) -> list[Node]:
        """Return the items of a list or the arguments of a call."""
        return cast("list[Node]", children)

    def any_of(self, children: list[Child]) -> Node:
        """Build `a or b or …`."""
        return _node("or", children)

    def all_of(self, children: list[Child]) -> Node:
        """Build `a and b and …`."""
        return _node("and", children)

    def negation(self, children: list[Child]) -> Node:
        """Build `not a`."""
        return _node("not", children)

    def comparison(self, children: list[Child]) -> Node:
        """Build `a = b` and its like; `!=` is spelt `<>` from here on."""
        operator = str(children[1])
        return _node("<>" if operator == "!=" else operator, children)

    def arithmetic(self, children: list[Child]) -> Node:
        """Build `a + b` and its like."""
        return _node(str(children[1]), children)

    def minus(self, children: list[Child]) -> Node:
        """Build `-a`."""
        return _node("negate", children)

    def membership(self, children: list[Child]) -> Node:
        """Build `a in (…)`."""
        return _node("in", children)

    def non_membership(self, children: list[Child]) -> Node:
        """Build `a not in (…)`."""
        return _node("not in", children)

    def between(self, children: list[Child]) -> Node:
        """Build `a between b and c`."""
        return _node("between", children)

    def not_between(self, children: list[Child]) -> Node:
        """Build `a not between b and c`."""
        return _node("not between", children)

    def is_null(self, children: list[Child]) -> Node:
        """Build `a is null`."""
        return _node("is null", children)

    def is_not_null(self, children: list[Child]) -> Node:
        """Build `a is not null`."""
        return _node("is not null", children)

    def integer(self, children: list[Child]) -> Node:
        """Build a literal of digits."""
        return _node("integer", children, str(children[0]))

    def decimal(self, children: list[Child]) -> Node:
        """Build a literal with a decimal point."""
        return _node("decimal", children, str(children[0]))

    def number(self, children: list[Child]) -> Node:
        """Build a literal with an exponent."""
        return _node("number", children, str(children[0]))

    def text(self, children: list[Child]) -> Node:
        """Build a text."""
        return _node("text", children, _unquoted(children[0]))

    def true(self, children: list[Child]) -> Node:
        """Build `true`."""
        return _node("true", children)

    def false(self, children: list[Child]) -> Node:
        """Build `false`."""
        return _node("false", children)

    def null(self, children: list[Child]) -> Node:
        """Build `null`."""
        return _node("null", children)

    def typed(self, children: list[Child]) -> Node:
        """Build a typed literal."""
        return _node("typed", children, _unquoted(children[1]), name=str(children[0]))

    def call(self, children: list[Child]) -> Node:
        """Build a call."""
        return _node("call", children, str(children[0]))

    def field(self, children: list[Child]) -> Node:
        """Build a field."""
        return _node("field", children, str(children[0]))

    def quoted(self, children: list[Child]) -> Node:
        """Build a field in double quotes."""
        return _node("quoted", children, _unquoted(children[0]))


@cache
def _parser() -> Lark:
    """Build the parser, once."""
    grammar = resources.files("dq.expressions").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Builder(), maybe_placeholders=True)


def parse_tree(text: str) -> Node:
    """Parse the text.  `Unexpected` where it does not follow the grammar."""
    try:
        return cast("Node", _parser().parse(text))
    except UnexpectedCharacters as error:
        at = cast("int", error.pos_in_stream)  # lark declares None
        raise Unexpected(at, at + 1) from None
    except UnexpectedToken as error:
        raise Unexpected(*_token_place(error.token, len(text))) from None


def _token_place(token: Token, length: int) -> tuple[int, int]:
    """Return where a token stands; the end of the text for lark's token of the end, which has the place of the last."""
    if token.type == "$END" or token.start_pos is None or token.end_pos is None:
        return length, length
    return token.start_pos, token.end_pos
