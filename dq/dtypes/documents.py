"""JSON documents within a cell: read without losing a digit or a duplicate key, written in canonical form.

Canonical form: the keys in their order, no white space, numbers by their own digits, text with as few escapes
as RFC 8259 allows.  Duplicate keys, NaN, lone surrogates and nesting over 64 are refused.
"""

from __future__ import annotations

from typing import Any

import jiter
import orjson

from dq.dtypes.types import CellKind

MAX_DEPTH = 64


def parse(text: str) -> Any:
    """Return the value with its numbers as literals (`jiter.LosslessFloat`); ValueError if it is not JSON."""
    return jiter.from_json(
        text.encode(), allow_inf_nan=False, catch_duplicate_keys=True, float_mode="lossless-float", cache_mode="none"
    )


def write(value: Any, depth: int = 1) -> str:  # noqa: PLR0911 - one case a line
    """Return the canonical text of a parsed value; ValueError where it is nested too deeply."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return orjson.dumps(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, (dict, list)):
        return bytes(value).decode()
    if depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, list):
        return "[" + ",".join(write(item, depth + 1) for item in value) + "]"
    pairs = (f"{orjson.dumps(key).decode()}:{write(item, depth + 1)}" for key, item in value.items())
    return "{" + ",".join(pairs) + "}"


def cell(value: Any) -> tuple[str | None, CellKind]:
    """Return a parsed value as the text of a cell and its kind; JSON's null is no text."""
    match value:
        case None:
            return None, CellKind.TEXT
        case str():
            return value, CellKind.TEXT
        case bool():
            return write(value), CellKind.BOOLEAN
        case list():
            return write(value), CellKind.ARRAY
        case dict():
            return write(value), CellKind.OBJECT
        case _:
            return write(value), CellKind.NUMBER


def canonical_object(text: str) -> str | None:
    """Return the canonical text of a JSON object, None if the text is not one."""
    try:
        value = parse(text)
        return write(value) if isinstance(value, dict) else None
    except ValueError:
        return None


def elements(text: str) -> list[tuple[str | None, CellKind]] | None:
    """Return the elements of a JSON array as cells, None if the text is not one."""
    try:
        value = parse(text)
        return [cell(item) for item in value] if isinstance(value, list) else None
    except ValueError:
        return None
