"""Typing mistakes, made by rule and never by chance: each changes one thing of a spec that means something.

What is free text for the language is left alone, by its place: descriptions, owners, tags, names that the spec itself
defines (event, fields, sources, ids), columns and files of the data, and literals: a slip there gives another sound
spec, which no program can tell from the one that was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dq.spec.nodes import MappingNode, Node, Path, ScalarNode, SequenceNode
from dq.spec.yaml import parse_text

FREE = frozenset(
    (  # noqa: SIM905 - words read better as words
        "description owner tags id event pattern regex with char missing words constant default indicator map separator files "
        "header delimiter quote decimal thousands equals gt lt ge le min max minimum maximum between before "
        "after multiple_of length accepted_values isin in_set enum not_accepted_values not_in start width "
        "value values version dq row_count min_length max_length min_items max_items skip_rows skip_footer "
        "max_record mostly quarantined default_scheme true false"
    ).split()
)
CHOSEN = frozenset({"severity", "on_fail", "side", "otherwise", "multiline", "format", "column", "unit", "region"})
EXPRESSIONS = frozenset({"where", "assert", "derive"})
FLAGS = frozenset({"required", "pii"})
NUMBERS = frozenset(
    (  # noqa: SIM905 - as above
        "dq version skip_rows skip_footer max_record mostly quarantined min_length max_length min_items "
        "max_items length width start between minimum maximum min max gt lt ge le multiple_of before after"
    ).split()
)
KIND_LISTS = frozenset({"checks", "clean", "expect", "items"})
STRANGERS = ("severity: error", "required: true", "mostly: 50%", "fail_on: error")


@dataclass(frozen=True)
class Mutant:
    """A changed text; `lines` are those on which a diagnostic must stand."""

    what: str
    text: str
    lines: range

    def __str__(self) -> str:
        """Return what was changed, as the id of a test."""
        return self.what


@dataclass(frozen=True)
class Place:
    """A node, its path, and the key that leads to it (None in lists)."""

    path: Path
    node: Node
    key: ScalarNode | None


def mutants(text: str) -> list[Mutant]:
    """Return every mutant of a spec, in order of place."""
    maker = _Maker(text)
    return [mutant for mutant in maker.all() if mutant.text != text]


def misspellings(word: str) -> Iterator[tuple[str, str]]:
    """Yield the four slips of a word: a letter dropped, doubled, swapped with the next, replaced by another."""
    place = sum(map(ord, word)) % len(word)
    yield "drop", word[:place] + word[place + 1 :]
    yield "double", word[: place + 1] + word[place:]
    for swap in (*range(place, len(word) - 1), *range(place)):
        if word[swap] != word[swap + 1]:
            yield "swap", word[:swap] + word[swap + 1] + word[swap] + word[swap + 2 :]
            break
    yield "replace", word[:place] + ("q" if word[place] != "q" else "z") + word[place + 1 :]


def is_data(path: Path) -> bool:
    """Return whether what stands at a path is data: records, columns of sources, words of values."""
    if path[:1] == ("examples",):
        return "violates" not in path and len(path) > 2
    return len(path) > 3 and ((path[0] == "sources" and path[2] == "fields") or "map" in path)


def is_name(path: Path) -> bool:
    """Return whether the key that a path ends with is a name that the spec itself gives.

    Names are of a field, of a source, or of a profile of the gate.
    """
    return (len(path) == 2 and path[0] in {"fields", "sources"}) or (len(path) == 3 and path[1] == "profiles")


def is_reference(path: Path) -> bool:
    """Return whether the key that a path ends with is the name of a field that stands elsewhere."""
    return len(path) == 4 and path[0] == "sources" and path[2] == "fields"


def is_free(path: Path) -> bool:
    """Return whether the scalar at a path may be any text of its kind, as far as the language knows."""
    names = [step for step in path if isinstance(step, str)]
    if is_data(path) or names[-1:] == ["formats"] or (names[-1:] == ["vocabulary"] and isinstance(path[-1], int)):
        return True
    if path[:2] in {("output", "fields"), ("ml", "features"), ("dedupe", "key")} or "violates" in path:
        return False
    if path[-1] in CHOSEN:
        return False
    return bool(FREE.intersection(names[-2:])) and not _is_bare_kind(path)


def _is_bare_kind(path: Path) -> bool:
    """Return whether a bare name of a check or step stands at a path."""
    return len(path) > 1 and isinstance(path[-1], int) and path[-2] in KIND_LISTS


class _Maker:
    """Makes the mutants of one text."""

    def __init__(self, text: str) -> None:
        reading = parse_text(text, "spec")
        assert reading.root is not None, reading.diagnostics
        assert not reading.diagnostics
        self.text = text
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.root = reading.root
        self.places = list(self.walk((), reading.root, None))

    def walk(self, path: Path, node: Node, key: ScalarNode | None) -> Iterator[Place]:
        yield Place(path, node, key)
        if isinstance(node, SequenceNode):
            for index, item in enumerate(node.items):
                yield from self.walk((*path, index), item, None)
        elif isinstance(node, MappingNode):
            for name, entry in node.entries.items():
                yield from self.walk((*path, name), entry.value, entry.key)

    def all(self) -> Iterator[Mutant]:
        for place in self.places:
            yield from self.misspelt_keys(place)
            yield from self.misspelt_words(place)
            yield from self.wrong_types(place)
            yield from self.strangers(place)
            yield from self.duplicates(place)
            yield from self.shifts(place)

    def offsets(self, node: Node) -> tuple[int, int]:
        span = node.span
        return self.starts[span.line - 1] + span.column - 1, self.starts[span.end_line - 1] + span.end_column - 1

    def replaced(self, what: str, path: Path, start: int, end: int, new: str, lines: range) -> Mutant:
        where = ".".join(map(str, path))
        return Mutant(f"{where}: {what}", self.text[:start] + new + self.text[end:], lines)

    def misspelt_keys(self, place: Place) -> Iterator[Mutant]:
        """Every key of the language, and every name of a kind or of a field, by one letter."""
        if place.key is None or is_name(place.path) or (is_data(place.path) and not is_reference(place.path)):
            return
        start, end = self.offsets(place.key)
        line = place.key.span.line
        if place.key.source[:1] in "'\"":
            start, end = start + 1, end - 1
        for how, word in misspellings(place.key.text):
            if word:
                yield self.replaced(f"key {how} {word}", place.path, start, end, word, range(line, line + 1))

    def misspelt_words(self, place: Place) -> Iterator[Mutant]:
        """Every word that the language chooses from a list, every reference, every name in an expression."""
        node = place.node
        if not isinstance(node, ScalarNode) or not node.text:
            return
        start, _ = self.offsets(node)
        names = [step for step in place.path if isinstance(step, str)]
        lines = range(node.span.line, node.span.line + 1)
        if names[-1] in EXPRESSIONS or (names[0] == "filter" and names[-1] == "keep"):
            for name in _names(node.source):
                for how, word in misspellings(name[0]):
                    what = f"expression {how} {word}"
                    yield self.replaced(what, place.path, start + name.start(), start + name.end(), word, lines)
        elif not is_free(place.path):
            offset = 1 if not node.plain else 0
            for name in re.finditer(r"[^\W\d_]\w*", node.text):
                if place.path[-1] in {"file", "extends"} and name.start():
                    continue
                for how, word in misspellings(name[0]):
                    begin = start + offset + name.start()
                    yield self.replaced(f"word {how} {word}", place.path, begin, begin + len(name[0]), word, lines)

    def wrong_types(self, place: Place) -> Iterator[Mutant]:
        """Every value by nothing, and by one of another kind."""
        if place.key is None or is_data(place.path):
            return
        start, end = self.offsets(place.node)
        lines = range(place.key.span.line, place.node.span.line + 1)
        for kind, new in self.others(place):
            yield self.replaced(f"type {kind}", place.path, start, end, new, lines)

    def others(self, place: Place) -> Iterator[tuple[str, str]]:
        if place.path[-1] not in {"quote", "map"}:
            yield "null", "~"
        if isinstance(place.node, MappingNode):
            yield "text", "oops"
            if place.path[-1] != "vocabulary":
                yield "list", "[oops]"
        elif isinstance(place.node, SequenceNode):
            yield "mapping", "{oops: 1}"
            if place.path[-1] not in {"files", "unique"}:
                yield "text", "oops"
        else:
            yield "mapping", "{oops: 1}"
            if place.path[-1] in NUMBERS:
                yield "words", "lots"
            if place.path[-1] not in {"files", "header"}:
                yield "list", "[oops]"
            if place.path[-1] in FLAGS:
                yield "yes", "yes"
                yield "quoted", '"true"'

    def strangers(self, place: Place) -> Iterator[Mutant]:
        """In every mapping, keys that belong elsewhere."""
        node = place.node
        if not isinstance(node, MappingNode) or is_data((*place.path, "x")) or place.path[-1:] == ("map",):
            return
        if place.path in {("fields",), ("sources",), ("gate", "profiles")}:
            return
        start, _ = self.offsets(node)
        inside = any(step in KIND_LISTS for step in place.path)
        for stranger in STRANGERS:
            name = stranger.split(":")[0]
            if name in node.entries or (inside and name in {"severity", "mostly"}):
                continue
            if name == "severity" and place.path[:1] == ("ml",) and len(place.path) == 2:
                continue
            if name == "required" and (place.path[:1] == ("fields",) and len(place.path) == 2):
                continue
            if name == "fail_on" and place.path[:1] == ("gate",):
                continue
            if inside and place.path[-2:-1] in {("checks",), ("items",)} and name == "required":
                continue
            flow = self.text[start] == "{"
            new = f"{{{stranger}, " if flow else f"{stranger}\n{' ' * (node.span.column - 1)}"
            lines = range(node.span.line, node.span.line + 1)
            yield self.replaced(f"stranger {name}", place.path, start, start + flow, new, lines)

    def duplicates(self, place: Place) -> Iterator[Mutant]:
        """Every entry of a block mapping twice."""
        block = self.block(place)
        if block is None or is_data(place.path):
            return
        first, last = block
        text = "".join(self.lines[first - 1 : last])
        prefix = self.lines[first - 1][: place.key.span.column - 1]
        if prefix.strip():  # behind the dash of a list: the copy goes under it
            text = text.replace(prefix, " " * len(prefix), 1)
        end = self.starts[last]
        yield self.replaced("duplicate", place.path, end, end, text, range(last + 1, last + 2))

    def shifts(self, place: Place) -> Iterator[Mutant]:
        """Every entry of a block mapping one level in, and one level out."""
        block = self.block(place)
        if block is None or is_data(place.path):
            return
        first, last = block
        if self.lines[first - 1][: place.key.span.column - 1].strip():
            return
        lines = self.lines[first - 1 : last]
        if lines and self._in_block_text(first):
            return
        parent = self.parent(place)
        where = range(min(max(1, first - 1), parent.span.line), last + 2)
        start, end = self.starts[first - 1], self.starts[last]
        yield self.replaced("indent", place.path, start, end, "".join("  " + line for line in lines), where)
        if all(line.startswith("  ") or not line.strip() for line in lines):
            yield self.replaced("dedent", place.path, start, end, "".join(line[2:] for line in lines), where)

    def parent(self, place: Place) -> Node:
        """Return the mapping that holds an entry."""
        return next(other.node for other in self.places if other.path == place.path[:-1])

    def _in_block_text(self, line: int) -> bool:
        """Return whether what is indented at a line would become part of the folded text above it."""
        above = [other.node for other in self.places if other.node.span.end_line in {line, line - 1}]
        return any(isinstance(node, ScalarNode) and node.source[:1] in {">", "|"} for node in above)

    def block(self, place: Place) -> tuple[int, int] | None:
        """Return the first and the last line of an entry of a block mapping."""
        if place.key is None:
            return None
        head = self.lines[place.key.span.line - 1][: place.key.span.column - 1]
        if head.strip(" -"):
            return None
        last = place.node.span.end_line
        if place.node.span.end_column == 1 and last > place.key.span.line:
            last -= 1
        return place.key.span.line, last


def _names(source: str) -> Iterator[re.Match[str]]:
    """Yield the names in an expression as it is written: neither texts in quotes nor numbers."""
    body = source
    if source[:1] == '"':
        body = " " + source[1:-1] + " "
    masked = re.sub(r"'[^']*'", lambda match: "." * len(match[0]), body)
    yield from re.finditer(r"[^\W\d]\w*", masked)
