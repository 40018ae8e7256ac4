"""The node tree of a spec: what was written, and where.

Nodes are frozen and hold no types: a scalar is its source text and whether it was written plainly, without
quotes.  Whoever reads a value decides what it means.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from dq.diagnostics import Span
from dq.params import Raw, Scalar

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A scalar.

    `source` is the text as it stands in the file, with its quotes; `text` is what it says.  `comment` is what
    follows a plain scalar on its line from the white space before a # on.
    """

    span: Span
    text: str
    plain: bool
    source: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list, with its entries in the order written."""

    span: Span
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a mapping: the key as a node of its own, and the value."""

    key: ScalarNode
    value: Node


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A mapping, with its entries in the order written.  No key occurs twice."""

    span: Span
    entries: Mapping[str, Entry] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        """Return the value of a key, or None where there is no such key."""
        entry = self.entries.get(key)
        return entry.value if entry else None


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode


def to_raw(node: Node) -> Raw:
    """Return the node as plain lists and dictionaries, with `dq.params.Scalar` leaves that know their place.

    Recursion is bounded: a tree is at most 64 levels deep.
    """
    if isinstance(node, ScalarNode):
        return Scalar(node.text, node.plain, node.span)
    if isinstance(node, SequenceNode):
        return [to_raw(item) for item in node.items]
    return {key: to_raw(entry.value) for key, entry in node.entries.items()}


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything stands, by path: keys of mappings and 0-based indexes of lists from the root.

    A path that leads nowhere has the place of its nearest ancestor, so that every question has an answer.
    """

    root: MappingNode

    def node(self, path: Path) -> Node | None:
        """Return the node at a path, or None where there is none."""
        node, depth = self._walk(path)
        return node if depth == len(path) else None

    def has(self, path: Path) -> bool:
        """Return whether anything stands at a path."""
        return self._walk(path)[1] == len(path)

    def value(self, path: Path) -> Span:
        """Return the place of the value at a path."""
        return self._walk(path)[0].span

    def key(self, path: Path) -> Span:
        """Return the place of the key that the path ends with; of the value, where the path ends in a list."""
        parent = self.node(path[:-1]) if path else None
        if isinstance(parent, MappingNode) and path[-1] in parent.entries:
            return parent.entries[str(path[-1])].key.span
        return self.value(path)

    def within(self, path: Path, start: int, end: int) -> Span:
        """Return the place of the characters from `start` to `end` of the text of the scalar at a path.

        Where the text was folded from several lines, the place of the whole scalar is returned.
        """
        node = self.node(path)
        if not isinstance(node, ScalarNode):
            return self.value(path)
        return part(node, start, end)

    def _walk(self, path: Path) -> tuple[Node, int]:
        """Return the last node on the way along the path, and how many steps led there."""
        node: Node = self.root
        for depth, step in enumerate(path):
            inner = child(node, step)
            if inner is None:
                return node, depth
            node = inner
        return node, len(path)


def child(node: Node, step: str | int) -> Node | None:
    """Return the value of a key, or the entry of an index, or None where there is none."""
    if isinstance(node, MappingNode) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def without(node: Node, paths: Collection[Path]) -> Node | None:
    """Return a node without what stands at the paths below it, or None if it stands there itself."""
    if () in paths:
        return None
    if not paths or isinstance(node, ScalarNode):
        return node
    below: dict[str | int, set[Path]] = {}
    for path in paths:
        below.setdefault(path[0], set()).add(path[1:])
    if isinstance(node, SequenceNode):
        items = (without(item, below.get(index, ())) for index, item in enumerate(node.items))
        return replace(node, items=tuple(item for item in items if item is not None))
    entries: dict[str, Entry] = {}
    for key, entry in node.entries.items():
        value = without(entry.value, below.get(key, ()))
        if value is not None:
            entries[key] = Entry(entry.key, value)
    return replace(node, entries=entries)


def part(node: ScalarNode, start: int, end: int) -> Span:
    """Return the place of some characters of a scalar's text: offsets from 0, `end` is behind the last."""
    offsets = _source_offsets(node)
    if offsets is None or not 0 <= start <= end < len(offsets):
        return node.span
    begin, stop = offsets[start], max(offsets[end], offsets[start] + 1)
    span = node.span
    return replace(span, column=span.column + begin, end_line=span.line, end_column=span.column + stop)


def _source_offsets(node: ScalarNode) -> list[int] | None:
    """Return where each character of the text (and its end) stands in the source, or None if lines were folded."""
    if "\n" in node.source or "\r" in node.source:
        return None
    if node.plain:
        return list(range(len(node.text) + 1)) if node.source == node.text else None
    if node.source[:1] not in {"'", '"'}:
        return None
    offsets, place = [], 1
    while place < len(node.source) - 1:
        offsets.append(place)
        place += _width(node.source, place)
    return [*offsets, place] if len(offsets) == len(node.text) else None


_ESCAPE_WIDTHS = {"x": 4, "u": 6, "U": 10}


def _width(source: str, place: int) -> int:
    """Return how many characters of a quoted source stand for the one character of the text at `place`."""
    if source[0] == "'":
        return 2 if source.startswith("''", place) else 1
    return _ESCAPE_WIDTHS.get(source[place + 1], 2) if source[place] == "\\" else 1
