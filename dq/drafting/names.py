"""Names: of the event from its file, of fields from columns and paths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from dq.sources.paths import Path
from dq.spec.rules import name_problem

_LONGEST = 100
_SEPARATORS = re.compile(r"\W+")
_DATE_BEHIND = re.compile(r"[\W_]*\d{4}([\W_]?\d{1,2}){0,2}[\W_]*$")


def event_name(stem: str) -> str:
    """Return the name of an event from that of its file: `Orders-2026-01` gives `orders`."""
    return as_name(_DATE_BEHIND.sub("", stem) or stem, "record")


def as_name(text: str, otherwise: str) -> str:
    """Return a text as a name of the language: what it is already, or its words joined by underscores."""
    if name_problem(text) is None and len(text) <= _LONGEST:
        return text
    words = _SEPARATORS.sub("_", unicodedata.normalize("NFKC", text)).strip("_").lower()[:_LONGEST]
    if words[:1].isdigit():
        words = f"{otherwise}_{words}"
    return words if words and name_problem(words) is None else otherwise


def of_columns(columns: Sequence[str]) -> dict[str, str]:
    """Return a name for each column, in order: name to column."""
    return _distinct((as_name(column, "column"), column) for column in columns)


def of_paths(paths: Sequence[Path]) -> dict[str, str]:
    """Return a name for each path, in order: name to path as text.

    A name has the keys of the whole path, without the key that all nested ones begin with.
    """
    nested = {path.parts[0] for path in paths if len(path.parts) > 1}
    wrapper = nested.pop() if len(nested) == 1 and len(paths) > 1 else None
    named = []
    for path in paths:
        parts = path.parts[1:] if len(path.parts) > 1 and path.parts[0] == wrapper else path.parts
        named.append((as_name("_".join(map(str, parts)), "field"), str(path)))
    return _distinct(named)


def _distinct(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the pairs as a dictionary; a name that is taken gets a number."""
    found: dict[str, str] = {}
    for base, path in named:
        name, copy = base, 1
        while name in found:
            copy += 1
            name = f"{base}_{copy}"
        found[name] = path
    return found
