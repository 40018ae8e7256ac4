"""Text to tree."""

from __future__ import annotations

from dq.expressions.errors import ExpressionError
from dq.expressions.mistakes import explain
from dq.expressions.tree import Tree

MAX_LENGTH = 4096
"""How long an expression may be, in characters."""

MAX_DEPTH = 64
"""How deep an expression may nest, in levels of its tree.  A chain of `and` or of `or` is one level."""


def parse(text: str) -> Tree:
    """Parse an expression.

    ExpressionError (DQ401) says in words what is wrong and where: longer than `MAX_LENGTH`, deeper than `MAX_DEPTH`,
    or not in the grammar.  Never raises anything else, whatever the text.
    """
    if len(text) > MAX_LENGTH:
        problem = f"the expression is longer than {MAX_LENGTH:,} characters"
        raise ExpressionError("DQ401", {"problem": problem}, MAX_LENGTH, len(text))
    # Lark costs 0.1 s to import: a spec without expressions does not pay it.
    from dq.expressions.syntax import Unexpected, parse_tree

    try:
        root = parse_tree(text)
    except Unexpected as unexpected:
        raise explain(text, unexpected.start, unexpected.end) from None
    if root.depth > MAX_DEPTH:
        problem = f"the expression nests deeper than {MAX_DEPTH} levels"
        raise ExpressionError("DQ401", {"problem": problem}, 0, len(text))
    return Tree(text, root)
