"""The expression language of `where`, `assert`, `keep` and `derive`: small, closed, in SQL's spelling.

`parse` turns text into a tree, `check` gives the tree types and finds the mistakes, `Typed.lower` turns it into one
Polars expression.  Nothing is ever evaluated as code.
"""

from __future__ import annotations

from dq.expressions.errors import ExpressionError
from dq.expressions.functions import FUNCTIONS, Function
from dq.expressions.parse import MAX_DEPTH, MAX_LENGTH, parse
from dq.expressions.tree import Tree
from dq.expressions.typecheck import check, check_all
from dq.expressions.typed import Typed

__all__ = [
    "FUNCTIONS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "ExpressionError",
    "Function",
    "Tree",
    "Typed",
    "check",
    "check_all",
    "parse",
]
