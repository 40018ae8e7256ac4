"""From bytes to nodes: YAML 1.2 without anything that guesses, copies, builds or recurses.

Events of libyaml (or of PyYAML's own parser where that is not built in) are put together iteratively, so depth
costs no stack.  Places are counted here from character offsets: YAML 1.1 readers count U+0085, U+2028 and
U+2029 as ends of lines, editors do not.  Those three are refused outside of escapes, since the readers fold
them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from dq.catalog import diagnose
from dq.diagnostics import Diagnostic, Span
from dq.spec.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
from dq.spec.syntax import explain_syntax

try:
    from yaml._yaml import CParser as _LibyamlParser
except ImportError:  # PyYAML was built without libyaml
    _LibyamlParser = None  # type: ignore[assignment,misc]

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 2**20
MAX_DEPTH = 64
MAX_DIAGNOSTICS = 1000

_SMALL = 2**16  # the parser in Python is asked for a second opinion on texts up to this length only
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_COMMENT = re.compile(r"(?<![^\s])#[^\r\n]*")
_TRAILING_COMMENT = re.compile(r"[ \t]+#[^\r\n]*")
_LINE_END = re.compile(r"\r\n|\n|\r")
_MARKS = (
    (BOM_UTF32_LE, "UTF-32"),
    (BOM_UTF32_BE, "UTF-32"),
    (BOM_UTF16_LE, "UTF-16"),
    (BOM_UTF16_BE, "UTF-16"),
)


class _PythonParser(Reader, Scanner, Parser):
    """PyYAML's parser in Python, down to events: no composer, no constructor, no resolver."""

    def __init__(self, text: str) -> None:
        """Begin at the first character."""
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


PARSER: type[Any] = _LibyamlParser or _PythonParser  # type: ignore[truthy-function]


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a text: its root mapping (None if there is none), and every mistake found on the way."""

    file: str
    text: str
    root: MappingNode | None
    diagnostics: tuple[Diagnostic, ...]


class Lines:
    """The lines of a text, to turn character offsets into places."""

    def __init__(self, text: str, file: str) -> None:
        """Find where each line begins."""
        self.file = file
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def span(self, start: int, end: int) -> Span:
        """Return the place of the characters from offset `start` to the one before `end`."""
        return Span(self.file, *self._place(start), *self._place(max(start, end)))

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place."""
        return self._starts[line - 1] + column - 1

    def _place(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, both from 1; columns count characters."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def parse_bytes(data: bytes, file: str) -> Reading:
    """Read the bytes of a spec file; `file` is its name in places.

    A UTF-8 byte order mark is taken off and not counted in columns.
    """
    top = Span(file, 1, 1, 1, 1)
    if len(data) > MAX_BYTES:
        return Reading(file, "", None, (diagnose("DQ106", top),))
    for mark, name in _MARKS:
        if data.startswith(mark):
            problem = f"it begins with the byte order mark of {name}"
            return Reading(file, "", None, (diagnose("DQ107", top, problem=problem),))
    data = data.removeprefix(BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        span = Lines(before, file).span(len(before), len(before))
        problem = f"byte 0x{data[error.start]:02X} does not fit"
        return Reading(file, data.decode("utf-8", "replace"), None, (diagnose("DQ107", span, problem=problem),))
    return parse_text(text, file)


def parse_text(text: str, file: str) -> Reading:
    """Read the text of a spec; `file` is its name in places."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return Reading(file, "", None, (diagnose("DQ106", Span(file, 1, 1, 1, 1)),))
    builder = _Builder(text, file)
    root = builder.build()
    return Reading(file, text, root, tuple(builder.diagnostics))


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is not yet closed.  `key` is the key that waits for its value."""

    start: int
    mapping: bool
    flow: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: ScalarNode | None = None
    awaits_value: bool = False
    end: int = 0


class _Stop(Exception):  # noqa: N818 - it ends the reading and is no error
    """Reading cannot go on; the diagnostics say why."""


class _Builder:
    """Puts events together to nodes, and notes what is refused."""

    def __init__(self, text: str, file: str) -> None:
        """Replace what no parser reads by one character each, so that offsets stay true."""
        self.diagnostics: list[Diagnostic] = []
        self._file = file
        self._lines = Lines(text, file)
        self._refuse_unreadable(text)
        self._text = _UNREADABLE.sub("\ufffd", text)
        self._stack: list[_Frame] = []
        self._root: Node | None = None
        self._documents = 0
        self._scanned = 0

    def build(self) -> MappingNode | None:
        """Read to the end, or to the first fault that ends the reading; return the root if it is a mapping."""
        try:
            for event in self._events():
                self._take(event)
        except _Stop:
            return None
        if isinstance(self._root, MappingNode):
            return self._root
        if not any(diagnostic.code in {"DQ101", "DQ103"} for diagnostic in self.diagnostics):
            self._refuse_root()
        return None

    def _refuse_root(self) -> None:
        """Say what the document is instead of a mapping."""
        found = {SequenceNode: "a list", ScalarNode: "a single text"}.get(type(self._root), "empty")
        if isinstance(self._root, ScalarNode) and not self._root.source:
            found = "empty"
        self._note("DQ110", 0, 0, found=found)

    def _events(self) -> Iterator[Any]:
        """Yield the parser's events; a syntax error becomes a diagnostic and ends the reading."""
        try:
            parser: Any = PARSER(self._text)
            while parser.check_event():
                yield parser.get_event()
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            problem, offset = self._second_opinion(error)
            self._note("DQ101", offset, offset, problem=problem)
            raise _Stop from None

    def _second_opinion(self, error: Exception) -> tuple[str, int]:
        """Return what is wrong and where, as the parser in Python sees it, which points more exactly."""
        if PARSER is not _PythonParser and len(self._text) <= _SMALL:
            parser: Any = _PythonParser(self._text)
            try:
                while parser.check_event():
                    parser.get_event()
            except (yaml.YAMLError, ValueError, OverflowError) as other:
                error = other
        problem = getattr(error, "problem", None) or "the escape is malformed"
        mark = getattr(error, "problem_mark", None)
        if problem in {"found unexpected end of stream", "found unexpected document separator"}:
            mark = getattr(error, "context_mark", None) or mark  # the quote that is never closed
        return explain_syntax(str(problem)), min(mark.index, len(self._text)) if mark else 0

    def _take(self, event: Any) -> None:
        """Put one event in its place."""
        if isinstance(event, DocumentStartEvent):
            self._begin_document(event)
        elif isinstance(event, NodeEvent):
            self._refuse_decorations(event)
            if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                self._open(event)
            else:
                self._put(self._scalar(event))
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self._close(event)
        self._refuse_tabs(event)

    def _begin_document(self, event: Any) -> None:
        """Refuse directives, and every document but the first."""
        start, end = event.start_mark.index, event.end_mark.index
        self._documents += 1
        if self._documents > 1:
            self._note("DQ109", start, end)
            raise _Stop
        if event.version or event.tags:
            self._note("DQ101", start, start, problem="directives (%YAML, %TAG) are refused")

    def _refuse_decorations(self, event: Any) -> None:
        """Refuse anchors, aliases and tags."""
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor is not None:
            self._note("DQ103", start, end)
        if getattr(event, "tag", None) is not None:
            self._note("DQ104", start, end, tag=event.tag.replace("tag:yaml.org,2002:", "!!"))

    def _open(self, event: Any) -> None:
        """Begin a list or a mapping."""
        start = event.start_mark.index
        if len(self._stack) >= MAX_DEPTH:
            self._note("DQ105", start, start + 1, depth=MAX_DEPTH)
            raise _Stop
        parent = self._stack[-1] if self._stack else None
        if parent and parent.mapping and not parent.awaits_value:
            self._note("DQ101", start, start + 1, problem="a key must be a text, not a list or a mapping")
        self._stack.append(_Frame(start, isinstance(event, MappingStartEvent), bool(event.flow_style), end=start))

    def _close(self, event: Any) -> None:
        """End a list or a mapping.  In block style the parser knows its end only from what comes next."""
        frame = self._stack.pop()
        end = event.end_mark.index if frame.flow else frame.end
        span = self._lines.span(frame.start, end)
        node: Node = MappingNode(span, frame.entries) if frame.mapping else SequenceNode(span, tuple(frame.items))
        self._put(node, end)

    def _scalar(self, event: Any) -> ScalarNode:
        """Return the node of a scalar; an alias, which was refused before, stands as an empty text."""
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, AliasEvent):
            return ScalarNode(self._lines.span(start, end), "", plain=False)
        if _SURROGATE.search(event.value):
            self._note("DQ101", start, end, problem="an escape stands for half a character (a surrogate)")
        plain = isinstance(event, ScalarEvent) and not event.style and event.implicit[0]
        comment = _TRAILING_COMMENT.match(self._text, end) if plain else None
        source, tail = self._text[start:end], comment[0] if comment else ""
        return ScalarNode(self._lines.span(start, end), event.value, plain, source, tail)

    def _put(self, node: Node, end: int | None = None) -> None:
        """Give a finished node to the list or mapping that it belongs to."""
        if not self._stack:
            self._root = node
            return
        frame = self._stack[-1]
        frame.end = max(frame.end, self._end_of(node) if end is None else end)
        if not frame.mapping:
            frame.items.append(node)
        elif frame.awaits_value:
            if frame.key is not None:
                frame.entries[frame.key.text] = Entry(frame.key, node)
            frame.key, frame.awaits_value = None, False
        else:
            frame.key, frame.awaits_value = self._accept_key(frame, node), True

    def _end_of(self, node: Node) -> int:
        """Return the offset behind a node's last character."""
        return self._lines.offset(node.span.end_line, node.span.end_column)

    def _accept_key(self, frame: _Frame, node: Node) -> ScalarNode | None:
        """Return the key, or None if it is refused and its value is to be dropped."""
        if not isinstance(node, ScalarNode):
            return None
        if node.plain and not node.text:
            self._add(diagnose("DQ101", node.span, problem="a key is missing before the colon"))
        elif node.plain and node.text == "<<":
            self._add(diagnose("DQ111", node.span))
        elif node.text in frame.entries:
            self._add(diagnose("DQ102", node.span, key=node.text))
        else:
            return node
        return None

    def _refuse_unreadable(self, text: str) -> None:
        """Refuse control characters and the like; the first twenty are reported."""
        for match in islice(_UNREADABLE.finditer(text), 20):
            problem = f"the character U+{ord(match[0]):04X} must be written as an escape in double quotes"
            self._note("DQ101", match.start(), match.end(), problem=problem)

    def _refuse_tabs(self, event: Any) -> None:
        """Refuse tabs outside of texts and comments: where they are allowed differs from parser to parser."""
        start, end = event.start_mark.index, event.end_mark.index
        gap = self._text[self._scanned : start]
        if "\t" in gap:
            bare = _COMMENT.sub(lambda match: " " * len(match[0]), gap)
            place = bare.find("\t")
            if place >= 0:
                place += self._scanned
                self._note("DQ101", place, place + 1, problem="a tab stands where only spaces may; indent with spaces")
        self._scanned = max(self._scanned, end if isinstance(event, ScalarEvent) else start)

    def _note(self, code: str, start: int, end: int, **values: object) -> None:
        """Add the diagnostic of a code at the characters from `start` to `end`."""
        self._add(diagnose(code, self._lines.span(start, end), None, **values))

    def _add(self, diagnostic: Diagnostic) -> None:
        """Add a diagnostic; a thousand are enough for anybody."""
        self.diagnostics.append(diagnostic)
        if len(self.diagnostics) >= MAX_DIAGNOSTICS:
            raise _Stop
