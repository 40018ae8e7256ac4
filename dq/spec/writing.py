"""Values written as YAML that the loader reads back as the same texts: lines to paste, and edits of a spec.

A value is what JSON has: a text, a number, a truth value, a list or a mapping.  Texts stand plainly where nobody could
take them for anything else, and in double quotes with escapes everywhere else.
"""

from __future__ import annotations

import json
import re
from typing import Any

INDENT = 2
_PLAIN = re.compile(r"[^\W\d][\w.…/+-]*( [\w.…/+-]+)*|[0-9]+\.[0-9]+\.[0-9]+")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ASTRAL = 0xFFFF


def scalar(value: Any) -> str:
    """Return a text, a number or a truth value as one YAML scalar on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if _PLAIN.fullmatch(value) and value.isprintable() and value.lower() not in _WORDS:
        return value
    return "".join(c if c.isprintable() else _escape(c) for c in json.dumps(value, ensure_ascii=False))


def _escape(character: str) -> str:
    """Return the escape of a character that an editor does not show."""
    code = ord(character)
    return f"\\U{code:08x}" if code > _ASTRAL else f"\\u{code:04x}"


def flow(value: Any) -> str:
    """Return any value on one line, in brackets and braces."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


def entry(key: str, value: Any, indent: int) -> list[str]:
    """Return the lines of `key: value` in a mapping that is indented by so many spaces."""
    lead = " " * indent + scalar(key) + ":"
    if isinstance(value, dict) and value:
        return [lead, *block(value, indent + INDENT)]
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return [lead, *block(value, indent + INDENT)]
    return [f"{lead} {flow(value)}"]


def block(value: Any, indent: int) -> list[str]:
    """Return the lines of a mapping or a list, each entry on lines of its own."""
    if isinstance(value, dict):
        return [line for key, item in value.items() for line in entry(key, item, indent)]
    return [line for item in value for line in element(item, indent)]


def element(item: Any, indent: int) -> list[str]:
    """Return the lines of one item of a list whose dashes are indented by so many spaces."""
    dash = " " * indent + "- "
    if not isinstance(item, dict) or not item:
        return [dash + flow(item)]
    lines = block(item, indent + INDENT)
    return [dash + lines[0].lstrip(" "), *lines[1:]]
