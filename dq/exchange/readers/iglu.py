"""Snowplow Iglu: self-describing JSON Schemas."""

from __future__ import annotations

from typing import Any

from dq.errors import UsageError
from dq.exchange.base import READERS, Imported, Reader
from dq.exchange.draft import SpecDraft
from dq.exchange.readers.jsonschema import read_object


@READERS.register
class IgluReader(Reader):
    """Reads the schema by what it says of itself: the name is the event, and SchemaVer 1-0-2 is version 1.0.2."""

    kind = "iglu"
    title = "Snowplow Iglu, a self-describing JSON Schema"

    def recognizes(self, document: Any) -> bool:
        """Whether the document describes itself."""
        described = document.get("self") if isinstance(document, dict) else None
        return isinstance(described, dict) and {"vendor", "name", "version"} <= set(described)

    def read(self, document: Any, name: str) -> Imported:
        """Return the specification."""
        if not self.recognizes(document) or not isinstance(document.get("properties"), dict):
            raise UsageError(f"{name}: this is no self-describing schema of an object with properties")
        described = document["self"]
        draft = SpecDraft(str(described["name"]), str(described["version"]).replace("-", "."))
        draft.owner = str(described["vendor"])
        return read_object(document, draft).finish(name)
