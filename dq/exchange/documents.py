"""Documents of other languages: JSON and YAML as plain values, and JSON written for people."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dq.errors import UsageError
from dq.spec.nodes import MappingNode, ScalarNode, SequenceNode
from dq.spec.yaml import parse_bytes

if TYPE_CHECKING:
    from dq.spec.nodes import Node

_INTEGER = re.compile(r"[-+]?[0-9]+\Z", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)


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
