"""Edits of a spec: what is to be said differently at which place, as values that a report can hold.

An edit names its place by the keys that lead to it.  `text_of` writes edits as lines that a person pastes;
`dq.spec.editing` brings them into the text of a spec.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from dq.spec.writing import INDENT, element, entry, scalar

Op = Literal["set", "append", "remove"]
_NOTES = {"append": "  # at the end of the list", "remove": "  # take this out"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: `set` a key to a value, `append` an entry to the list at a key, or `remove` a key."""

    op: Op
    path: tuple[str, ...]
    value: Any = None

    def as_json(self) -> dict[str, Any]:
        """Return the edit as JSON values."""
        return {"op": self.op, "path": list(self.path), "value": self.value}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the edit that `as_json` described."""
        return cls(raw["op"], tuple(raw["path"]), raw["value"])


@dataclass(slots=True)
class _Place:
    """What several edits make of one key: entries below it, or lines of its own, with what is said of them."""

    below: dict[str, _Place] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    op: Op | None = None


def text_of(edits: Iterable[Edit]) -> str:
    """Return edits as lines of YAML that can be pasted; lists that only grow, and keys that go, say so."""
    return text_with_notes([(edit, ()) for edit in edits])


def text_with_notes(edits: Sequence[tuple[Edit, Sequence[str]]]) -> str:
    """Return edits as one piece of YAML, each below its notes as comments.

    A second edit that sets a key otherwise than the first stands there as a comment: one must choose.
    """
    root = _Place()
    for edit, notes in edits:
        _put(root, edit, notes)
    return "".join(f"{line}\n" for line in _lines(root, 0))


def _put(root: _Place, edit: Edit, notes: Sequence[str]) -> None:
    """Bring one edit and its notes to its place in the tree."""
    place = root
    for key in edit.path:
        place = place.below.setdefault(key, _Place())
    indent = " " * (INDENT * (len(edit.path) - 1))
    said = [f"{indent}# {note}" for note in notes]
    written = _written(edit, first=place.op != edit.op)
    if place.op is not None and (edit.op != "append" or place.op != "append"):
        written = [f"{indent}# or: {line.strip()}" for line in written]
    place.lines += [*said, *written]
    place.op = place.op or edit.op


def _written(edit: Edit, *, first: bool) -> list[str]:
    """Return the lines of an edit without notes; an entry of a list stands without the key unless it is the first."""
    key, indent = edit.path[-1], INDENT * (len(edit.path) - 1)
    if edit.op == "set":
        return entry(key, edit.value, indent)
    lead = [" " * indent + scalar(key) + ":" + _NOTES[edit.op]] if first else []
    return lead if edit.op == "remove" else [*lead, *element(edit.value, indent + INDENT)]


def _lines(place: _Place, indent: int) -> list[str]:
    """Return the lines of everything below a place."""
    lines: list[str] = []
    for key, inner in place.below.items():
        lines += inner.lines
        if inner.below:
            lines += [" " * indent + scalar(key) + ":", *_lines(inner, indent + INDENT)]
    return lines
