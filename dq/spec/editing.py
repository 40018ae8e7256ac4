"""Edits brought into the text of a spec: everything that they do not speak of stays as it was, to the last space.

The text is parsed, the place is found by its keys, and characters are put in or taken out there.  So comments, order,
quotes and layout are kept.  One edit is made at a time, and the text is parsed again for the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from dq.errors import UsageError
from dq.spec.edits import Edit
from dq.spec.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
from dq.spec.writing import block, element, entry, flow
from dq.spec.yaml import Lines, parse_text

Spellings: TypeAlias = Callable[[str], Sequence[str]]


class EditError(UsageError):
    """An edit that a text has no place for; the message says why."""


def itself(name: str) -> Sequence[str]:
    """Return a name as its only spelling."""
    return (name,)


def edited(text: str, edit: Edit, spellings: Spellings = itself) -> str:
    """Return the text of a spec with one edit in it.

    A key may lead into a list: to the entry of that kind, which may be written by any of its names (`spellings`).
    EditError where the place does not allow the edit.
    """
    page = _Page(text, spellings)
    if edit.op == "remove":
        return page.without(edit.path)
    node, depth = page.walk(edit.path)
    missing = edit.path[depth:]
    if missing:
        value = [edit.value] if edit.op == "append" else edit.value
        for key in reversed(missing[1:]):
            value = {key: value}
        return page.with_entry(node, missing[0], value)
    if edit.op == "append":
        return page.with_item(node, edit.value)
    return page.with_value(edit.path, node, edit.value)


class _Page:
    """The text of a spec with its nodes, and the ways in which it can be changed."""

    def __init__(self, text: str, spellings: Spellings = itself) -> None:
        """Parse the text.  EditError if it is no YAML mapping."""
        reading = parse_text(text, "")
        if reading.root is None:
            raise EditError("the spec is not a YAML mapping")
        self.text = text
        self.root = reading.root
        self._spellings = spellings
        self._lines = Lines(text, "")
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def walk(self, path: tuple[str, ...]) -> tuple[Node, int]:
        """Return the last node on the way along a path, and how many keys led there."""
        node: Node = self.root
        for depth, key in enumerate(path):
            inner = node.get(key) if isinstance(node, MappingNode) else self._entry_of(node, key)
            if inner is None:
                return node, depth
            node = inner
        return node, len(path)

    def _entry_of(self, node: Node, kind: str) -> Node | None:
        """Return the value of the first entry of a kind in a list of checks or steps."""
        items = node.items if isinstance(node, SequenceNode) else ()
        mappings = [item for item in items if isinstance(item, MappingNode)]
        found = (item.get(name) for item in mappings for name in self._spellings(kind))
        return next((value for value in found if value is not None), None)

    def with_entry(self, node: Node, key: str, value: Any) -> str:
        """Return the text with a new entry at the end of a mapping."""
        if not isinstance(node, MappingNode):
            raise EditError(f"there is no mapping that could have the key {key!r}")
        if self._is_flow(node):
            return self._at_end_of_flow(node, [e.value for e in node.entries.values()], flow({key: value})[1:-1])
        first = next(iter(node.entries.values()))
        lines = entry(key, value, first.key.span.column - 1)
        return self._lines_after(self._end(node), lines)

    def with_item(self, node: Node, item: Any) -> str:
        """Return the text with a new item at the end of a list."""
        if not isinstance(node, SequenceNode):
            raise EditError("there is no list that could have one more entry")
        if self._is_flow(node):
            return self._at_end_of_flow(node, list(node.items), flow(item))
        return self._lines_after(self._end(node), element(item, self._dash(node) - self._line_start(self._dash(node))))

    def with_value(self, path: tuple[str, ...], node: Node, value: Any) -> str:
        """Return the text with another value in the place of one; of a list, only what differs is touched."""
        if isinstance(node, SequenceNode) and isinstance(value, list):
            return self._with_items(path, node, value)
        start, end = self._start(node), self._end(node)
        if isinstance(node, ScalarNode) or self._is_flow(node):
            return self._with(start, end, flow(value))
        lead = node.span.column - 1
        if not isinstance(value, (dict, list)) or not value:
            raise EditError("a value of several lines is replaced by hand")
        return self._with(start, end, self._newline.join(block(value, lead)).lstrip(" "))

    def without(self, path: tuple[str, ...]) -> str:
        """Return the text without a key and its value."""
        parent, depth = self.walk(path[:-1])
        found = parent.entries.get(path[-1]) if isinstance(parent, MappingNode) else None
        if depth < len(path) - 1 or found is None or not isinstance(parent, MappingNode):
            raise EditError(f"there is no {'.'.join(path)}")
        if len(parent.entries) == 1:
            raise EditError(f"{'.'.join(path)} is the only entry of its mapping")
        members: list[Node | Entry] = list(parent.entries.values())
        return self._without_member(parent, members, members.index(found))

    def _with_items(self, path: tuple[str, ...], node: SequenceNode, value: list[Any]) -> str:
        """Return the text with other items in a list of texts: some taken out, some put at its end."""
        old = [item.text for item in node.items if isinstance(item, ScalarNode)]
        new = [str(item) for item in value]
        kept = [item for item in old if item in new]
        added = [item for item in value if str(item) not in old]
        if len(old) != len(node.items) or [*kept, *map(str, added)] != new or not kept:
            if self._is_flow(node):
                return self._with(self._start(node), self._end(node), flow(value))
            raise EditError("a list of several lines is put into another order by hand")
        text = self.text
        for number in reversed([number for number, item in enumerate(old) if item not in new]):
            page = _Page(text)
            inner = page.walk(path)[0]
            assert isinstance(inner, SequenceNode)
            text = page._without_member(inner, list(inner.items), number)
        for item in added:
            page = _Page(text)
            text = page.with_item(page.walk(path)[0], item)
        return text

    def _without_member(self, node: Node, members: list[Any], number: int) -> str:
        """Return the text without one of several entries of a mapping or items of a list."""
        start, end = self._start(members[number]), self._end(members[number])
        if not self._is_flow(node):
            return self._with(self._line_start(start), self._next_line(end), "")
        if number + 1 < len(members):
            return self._with(start, self._start(members[number + 1]), "")
        return self._with(self._end(members[number - 1]), end, "")

    def _at_end_of_flow(self, node: Node, members: list[Node], written: str) -> str:
        """Return the text with something more before the bracket that closes a mapping or list."""
        if not members:
            return self._with(self._start(node) + 1, self._end(node) - 1, written)
        end = self._end(members[-1])
        return self._with(end, end, f", {written}")

    def _lines_after(self, end: int, lines: list[str]) -> str:
        """Return the text with lines after the one in which a character stands."""
        at = self._line_end(end)
        return self._with(at, at, "".join(self._newline + line for line in lines))

    def _with(self, start: int, end: int, instead: str) -> str:
        return self.text[:start] + instead + self.text[end:]

    def _is_flow(self, node: Node) -> bool:
        """Whether a mapping or list stands in braces or brackets."""
        return self.text[self._start(node)] in "{["

    def _start(self, node: Node | Entry) -> int:
        """Return the offset of the first character of a node; of an entry, of its key."""
        span = node.key.span if isinstance(node, Entry) else node.span
        return self._lines.offset(span.line, span.column)

    def _end(self, node: Node | Entry) -> int:
        """Return the offset behind the last character of a node; line ends behind a block of text are not its own."""
        node = node.value if isinstance(node, Entry) else node
        end = self._lines.offset(node.span.end_line, node.span.end_column)
        while end > self._start(node) and self.text[end - 1] in "\r\n":
            end -= 1
        return end

    def _dash(self, node: SequenceNode) -> int:
        """Return the offset of the dash before the first item of a list."""
        return self.text.rindex("-", 0, self._start(node.items[0]))

    def _line_start(self, offset: int) -> int:
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def _line_end(self, offset: int) -> int:
        ends = [at for at in (self.text.find("\n", offset), self.text.find("\r", offset)) if at >= 0]
        return min(ends, default=len(self.text))

    def _next_line(self, offset: int) -> int:
        end = self._line_end(offset)
        return end + len(self._newline) if end < len(self.text) else end
