"""What the models cannot say: version, names, paths, and comments that may have cut a value."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from dq.catalog import diagnose
from dq.spec.nodes import MappingNode, Node, ScalarNode, SequenceNode
from dq.spec.paths import is_url, path_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.diagnostics import Diagnostic
    from dq.spec.nodes import Path

LANGUAGE_VERSION = "1"
SEMVER = (
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(-(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
)  # semver.org, the pattern suggested there
_WHOLE = re.compile(r"[-+]?[0-9]+", re.ASCII)
_SEMVER = re.compile(SEMVER, re.ASCII)
_ID = re.compile(r"[^\W\d][\w.#-]*")
_LONGEST_NAME = 200

_LISTS = frozenset({"checks", "expect", "clean"})
_EXPRESSIONS = frozenset({"assert", "where", "derive", "pattern", "regex", "keep"})
_FILES = frozenset({"file", "files", "extends"})
_SCHEMAS = frozenset({"$schema", "$ref", "$id", "schema"})


def check_rules(root: MappingNode) -> Iterator[Diagnostic]:
    """Yield every mistake that the nodes show by themselves, in no particular order."""
    yield from _check_version(root)
    yield from _check_names(root)
    for path, key, node in _walk(root):
        if key in _FILES or key in _SCHEMAS:
            yield from _check_path(path, key, node)
        if isinstance(node, ScalarNode) and _is_expression(path) and may_be_cut(node):
            yield diagnose("DQ108", node.span)
        if key == "id" and isinstance(node, ScalarNode) and path[0] in {*_LISTS, "filter", "fields"}:
            yield from _check_id(node)


def _check_version(root: MappingNode) -> Iterator[Diagnostic]:
    """Check the version of the language and the spec's own."""
    language = root.get("dq")
    if isinstance(language, ScalarNode) and language.text != LANGUAGE_VERSION and _WHOLE.fullmatch(language.text):
        yield diagnose("DQ204", language.span, found=language.text)
    version = root.get("version")
    if isinstance(version, ScalarNode) and _says(version) and not _SEMVER.fullmatch(version.text):
        yield diagnose("DQ205", version.span, found=f"'{version.text}'")


def _says(node: ScalarNode) -> bool:
    """Return whether a text was written; what was left out is refused by the structure."""
    return bool(node.text) or not node.plain


def _check_names(root: MappingNode) -> Iterator[Diagnostic]:
    """Check the names of the event, of the fields, of the sources and of the profiles of the gate."""
    event = root.get("event")
    names = [event] if isinstance(event, ScalarNode) and _says(event) else []
    gate = root.get("gate")
    profiles = gate.get("profiles") if isinstance(gate, MappingNode) else None
    for node in (root.get("fields"), root.get("sources"), profiles):
        if isinstance(node, MappingNode):
            names.extend(entry.key for entry in node.entries.values())
    for name in names:
        problem = name_problem(name.text)
        if problem:
            yield diagnose("DQ206", name.span, name=name.text, problem=problem)


def name_problem(name: str) -> str | None:
    """Return in words why a text cannot be a name, or None if it can."""
    if not name.isidentifier():
        return "a name is letters, digits and underscores, and begins with no digit"
    if name.startswith("__"):
        return "names that begin with two underscores are kept for dq"
    if len(name) > _LONGEST_NAME:
        return f"it is longer than {_LONGEST_NAME} characters"
    if not unicodedata.is_normalized("NFC", name):
        return "its accents are written apart from their letters; save it in Unicode normal form NFC"
    return None


def _check_id(node: ScalarNode) -> Iterator[Diagnostic]:
    """Check the id of a check or filter."""
    if not _ID.fullmatch(node.text) or len(node.text) > _LONGEST_NAME or node.text.startswith("__"):
        problem = "an id begins with a letter and is made of letters, digits and _ . - #"
        yield diagnose("DQ206", node.span, name=node.text, problem=problem)


def _walk(root: MappingNode) -> Iterator[tuple[Path, str, Node]]:
    """Yield path, key and value of every entry of every mapping that is not data: examples are left out."""
    pending: list[tuple[Path, Node]] = [((), root)]
    while pending:
        path, node = pending.pop()
        if isinstance(node, SequenceNode):
            pending.extend(((*path, index), item) for index, item in enumerate(node.items))
        elif isinstance(node, MappingNode):
            for key, entry in node.entries.items():
                inner = (*path, key)
                if inner == ("examples",) or _is_data(path):
                    continue
                yield inner, key, entry.value
                pending.append((inner, entry.value))


def _is_data(path: Path) -> bool:
    """Return whether the keys of the mapping at a path are data: of a source, of a lookup or of a map step."""
    inside_source = path[:1] == ("sources",) and path[2:] == ("fields",)
    inside_lookup = path[:1] == ("fields",) and path[2:] == ("lookup", "by")
    return inside_source or inside_lookup or ("clean" in path[2:3] and path[-1] == "map")


def _is_expression(path: Path) -> bool:
    """Return whether an expression or a pattern stands at a path."""
    key = path[-1]
    if key not in _EXPRESSIONS:
        return False
    if key == "keep":
        return path[0] == "filter"
    if key == "derive":
        return path[0] == "fields" and len(path) == 3  # noqa: PLR2004 - fields, name, derive
    return path[0] in {"checks", "expect"} or (path[0] == "fields" and path[2:3] in {(name,) for name in _LISTS})


def _check_path(path: Path, key: str, node: Node) -> Iterator[Diagnostic]:
    """Check a place where a file is named: no URL, nothing outside the folder of the spec."""
    if not _names_file(path, key):
        return
    items = node.items if isinstance(node, SequenceNode) else (node,)
    for item in items:
        if not isinstance(item, ScalarNode) or not _says(item):
            continue  # what is no text at all, the structure refuses
        if is_url(item.text):
            yield diagnose("DQ207", item.span, key=key)
        elif key in _FILES:
            problem = path_problem(item.text)
            if problem:
                yield diagnose("DQ208", item.span, key=key, problem=problem)


def _names_file(path: Path, key: str) -> bool:
    """Return whether the key at a path names files, rather than being the name of a field or a source."""
    if key == "extends":
        return len(path) == 1
    if key == "files":
        return path[:1] == ("sources",) and len(path) == 3  # noqa: PLR2004 - sources, name, files
    if key == "file":
        return bool(_LISTS.intersection(path[:3]))
    return not (path[0] in {"fields", "sources"} and len(path) == 2)  # noqa: PLR2004 - the name itself


_PAIRS = {")": "(", "]": "[", "}": "{"}


def may_be_cut(node: ScalarNode) -> bool:
    """Return whether the comment behind a plain expression may have been meant as part of it.

    It may not if it begins two spaces away as `# `, and the text before it closes what it opens.
    """
    if not node.comment:
        return False
    apart = node.comment.startswith("  ") and re.match(r"\s+#(\s|$)", node.comment)
    return not apart or not _is_closed(node.text)


def _is_closed(text: str) -> bool:
    """Return whether quotes and brackets of a text are closed."""
    opened: list[str] = []
    for char in re.sub(r"'[^']*'|\"[^\"]*\"|\\.", "", text):
        if char in "'\"":
            return False
        if char in "([{":
            opened.append(char)
        elif char in _PAIRS and (not opened or opened.pop() != _PAIRS[char]):
            return False
    return not opened
