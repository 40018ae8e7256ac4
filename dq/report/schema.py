"""The published schema of `report.json`, format 1: JSON Schema 2020-12, with a description for each key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from dq.errors import UsageError

SCHEMA = Path(__file__).with_name("report.schema.json")


def load_schema() -> dict[str, Any]:
    """Return the JSON Schema that every `report.json` of format 1 obeys.  It refers to nothing outside itself."""
    schema: dict[str, Any] = orjson.loads(SCHEMA.read_bytes())
    return schema


def parse(data: bytes, name: str) -> dict[str, Any]:
    """Return the values of a `report.json`, held to the schema; `name` says in an error which file it was.

    UsageError for what is no report of this version, with the place of the first difference and no value.
    """
    from jsonschema_rs import Draft202012Validator

    try:
        report = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{name} is not a report of dq: it is not JSON") from error
    wrong = next(Draft202012Validator(load_schema()).iter_errors(report), None)
    if wrong is not None:
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in wrong.instance_path)
        raise UsageError(f"{name} is not a report of this version of dq: look at {place.lstrip('.') or 'its whole'}")
    values: dict[str, Any] = report
    return values
