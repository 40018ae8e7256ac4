"""Documents of other languages: JSON and YAML as plain values, and both written for people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dq.errors import UsageError
from dq.spec.nodes import MappingNode, ScalarNode, SequenceNode
from dq.spec.yaml import parse_bytes

if TYPE_CHECKING:
    from dq.exchange.base import Loss
    from dq.spec.nodes import Node

_INTEGER = re.compile(r"[-+]?[0-9]+\Z", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.()-]*\Z", re.ASCII)
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def to_json(value: Any) -> str:
    """Return JSON with two blanks of indent, as people write it, and a line end."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def parse(data: bytes, name: str) -> Any:
    """Return a JSON or YAML document as plain values.  UsageError, naming the file, if it is neither.

    YAML is read by the rules of specifications: version 1.2, without anchors, tags and duplicate keys.
    """
    try:
        return json.loads(data)
    except ValueError:
        if data.lstrip()[:1] in {b"{", b"["}:
            raise UsageError(f"{name}: this is no JSON") from None
    reading = parse_bytes(data, name)
    if reading.root is None or reading.diagnostics:
        problems = "; ".join(str(diagnostic) for diagnostic in reading.diagnostics)
        raise UsageError(f"{name}: it cannot be read as YAML: {problems}")
    return plain(reading.root)


def plain(node: Node) -> Any:
    """Return a node as plain values, scalars by the core schema of YAML 1.2."""
    if isinstance(node, MappingNode):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    return _scalar(node)


def _scalar(node: ScalarNode) -> Any:
    """Return a scalar: text if it is quoted, else what the core schema makes of it."""
    if not node.plain:
        return node.text
    if node.text in {"", "~", "null", "Null", "NULL"}:
        return None
    if node.text in {"true", "True", "TRUE", "false", "False", "FALSE"}:
        return node.text.lower() == "true"
    if _INTEGER.match(node.text):
        return int(node.text)
    return float(node.text) if _FLOAT.match(node.text) else node.text


def to_yaml(value: Any, indent: str = "") -> str:
    """Return YAML in block style; lists of scalars in flow style.  It means the same in YAML 1.1 and 1.2."""
    lines: list[str] = []
    for key, item in value.items():
        if isinstance(item, Mapping) and item:
            lines.append(f"{indent}{scalar(key)}:\n{to_yaml(item, indent + '  ')}")
        elif isinstance(item, list) and any(isinstance(one, Mapping) for one in item):
            entries = (to_yaml(one, indent + "    ").removeprefix(indent + "    ") for one in item)
            lines.append(f"{indent}{scalar(key)}:\n" + "".join(f"{indent}  - {text}" for text in entries))
        else:
            lines.append(f"{indent}{scalar(key)}: {flow(item)}\n")
    return "".join(lines)


def flow(value: Any) -> str:
    """Return a value in YAML's flow style; texts in quotes unless nothing could be taken amiss."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """Return a scalar as YAML, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        text = json.dumps(value)  # YAML 1.1 knows a number with an exponent by its point
        return text.replace("e", ".0e") if isinstance(value, float) and "e" in text and "." not in text else text
    if _PLAIN.match(value) and value.lower() not in _WORDS:
        return value
    escaped = (c if c.isprintable() and c not in '"\\' else _escaped(c) for c in value)
    return f'"{"".join(escaped)}"'


def _escaped(character: str) -> str:
    """Return the escape of a character in a text in double quotes."""
    code = ord(character)
    return f"\\{character}" if character in '"\\' else f"\\u{code:04x}" if code < 2**16 else f"\\U{code:08x}"


def comments(losses: Sequence[Loss], mark: str, head: str, heading: str) -> str:
    """Return the first lines of a text: what it is, and what is lost, as comments behind `mark`."""
    said = [head, *([heading] if losses else []), *(f"* {loss}" for loss in losses)]
    return "".join(f"{mark} {''.join(c if c.isprintable() else ' ' for c in line)}\n" for line in said)
