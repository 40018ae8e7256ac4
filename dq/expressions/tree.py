"""The syntax tree: what was written and where, before anything is known of types."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """One node.

    `kind` is an operator as it is spelt (`and`, `<=`, `in`, `is null`, `negate`), `call`, `field`, `quoted` (a field
    in double quotes), or a literal: `integer`, `decimal`, `number` (with an exponent), `text`, `true`, `false`, `null`,
    `typed` (a word and a text, such as `date '2026-01-01'`, whose word is `name`).  `text` is the content of a literal
    without its quotes, or the name of a field or function.  `start` and `end` are character offsets; `depth` counts
    the levels below and including this node.
    """

    kind: str
    start: int
    end: int
    children: tuple[Node, ...] = ()
    text: str = ""
    name: str = ""
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed expression: its source text and the root of its tree."""

    source: str
    root: Node
