"""The published schema of `report.json`, format 1: JSON Schema 2020-12, with a description for each key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

SCHEMA = Path(__file__).with_name("report.schema.json")


def load_schema() -> dict[str, Any]:
    """Return the JSON Schema that every `report.json` of format 1 obeys.  It refers to nothing outside itself."""
    schema: dict[str, Any] = orjson.loads(SCHEMA.read_bytes())
    return schema
