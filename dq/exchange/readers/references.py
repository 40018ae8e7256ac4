"""References within a JSON Schema: what a property is once they are followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REF = "$ref"


@dataclass(frozen=True, slots=True)
class Settled:
    """A schema without references and without null: whether it takes null, and the references that led to it."""

    schema: Any
    nullable: bool
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class References:
    """The document that references point into."""

    document: dict[str, Any]

    def settled(self, schema: Any, chain: tuple[str, ...] = ()) -> Settled:
        """Follow what a schema refers to, also beside null or alone in `allOf`.

        A reference out of the document, to nothing, or to one of the chain it came by stays as it is.
        """
        nullable = False
        while isinstance(schema, dict):
            schema, null = without_null(_alone(schema))
            nullable |= null
            reference = schema.get(REF)
            found = None if reference in chain else self._found(reference)
            if found is None:
                break
            chain = (*chain, str(reference))
            schema = found | {key: value for key, value in schema.items() if key != REF}
        return Settled(schema, nullable, chain)

    def _found(self, reference: Any) -> dict[str, Any] | None:
        """Return the schema that a reference names, or None where it is not in the document."""
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return None
        found: Any = self.document
        for part in reference[2:].split("/"):
            found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else None


def _alone(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with the only part of its `allOf` in its place, where that is a reference."""
    parts = schema.get("allOf")
    if isinstance(parts, list) and len(parts) == 1 and isinstance(parts[0], dict) and set(parts[0]) == {REF}:
        return parts[0] | {key: value for key, value in schema.items() if key != "allOf"}
    return schema


def without_null(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return what a schema says beside null, and whether it takes null."""
    kinds = schema.get("type")
    if isinstance(kinds, list) and "null" in kinds:
        others = [kind for kind in kinds if kind != "null"]
        return schema | {"type": others[0] if len(others) == 1 else others}, True
    for key in ("anyOf", "oneOf"):
        choices = schema.get(key)
        if isinstance(choices, list) and {"type": "null"} in choices:
            others = [choice for choice in choices if choice != {"type": "null"}]
            rest = {other: value for other, value in schema.items() if other != key}
            if len(others) == 1 and isinstance(others[0], dict) and not set(others[0]) & set(rest):
                return rest | others[0], True
    return schema, isinstance(schema.get("enum"), list) and None in schema["enum"]
