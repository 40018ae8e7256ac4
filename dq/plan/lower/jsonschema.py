"""The plan as JSON Schema 2020-12: of the canonical row, and, one-sided, of a raw record.

The canonical schema agrees exactly with dq on canonical rows for every check that JSON Schema can say; the
ids of the others stand in `x-dq-unsaid`.  The raw schema is for producers: it never refuses what dq would
accept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.dtypes.jsontype import json_type
from dq.dtypes.types import Family
from dq.plan.lower.pandera import gated, is_required
from dq.steps.mask import HASH_PATTERN, REDACTED

if TYPE_CHECKING:
    from dq.plan.bound import BoundCheck, BoundField
    from dq.plan.plan import CompiledPlan

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def canonical_schema(plan: CompiledPlan) -> dict[str, Any]:
    """Return the schema of an accepted row as it is written to JSON Lines: the fields of the output, in its order."""
    fields = [plan.by_name[name] for name in plan.output_fields if plan.by_name[name].mask != "drop"]
    unsaid: list[str] = [check.id for check in plan.checks if gated(check) and check.field is None]
    unsaid += [check.id for check in plan.checks if check.keys]
    properties = {bound.name: _canonical_property(bound, unsaid) for bound in fields}
    schema = _head(plan, "canonical")
    schema |= {"properties": properties, "required": [bound.name for bound in fields]}
    if plan.unknown_fields == "keep":
        properties["unknown_fields"] = {"type": ["object", "null"]}
    schema["additionalProperties"] = False
    if unsaid:
        schema["x-dq-unsaid"] = sorted(unsaid)
    return schema


def raw_schema(plan: CompiledPlan, source: str | None = None) -> dict[str, Any]:
    """Return a schema that a producer can hold a record to before it is sent; `source` names the shape."""
    paths = dict(plan.source(source).dialect.fields) if source is not None else {}
    properties: dict[str, Any] = {}
    required: list[str] = []
    for bound in plan.fields:
        path = paths.get(bound.name, bound.name)
        if not bound.is_read or "." in path or "[" in path:
            continue
        properties[path] = _raw_property(plan, bound)
        if is_required(bound) and not bound.filled:
            required.append(path)
    return _head(plan, "raw") | {"properties": properties, "required": required}


def _head(plan: CompiledPlan, kind: str) -> dict[str, Any]:
    head: dict[str, Any] = {"$schema": DRAFT, "title": f"{plan.event} {plan.version} ({kind})", "type": "object"}
    if plan.title:
        head["description"] = plan.title
    return head


def _masked_property(bound: BoundField) -> dict[str, Any]:
    """Return what is written of a masked field."""
    schema: dict[str, Any] = {"type": "string"}
    schema |= {"pattern": HASH_PATTERN} if bound.mask == "hash" else {"const": REDACTED}
    return schema if is_required(bound) else {"anyOf": [schema, {"type": "null"}]}


def _canonical_property(bound: BoundField, unsaid: list[str]) -> dict[str, Any]:
    if bound.mask is not None:
        return _masked_property(bound)
    said: list[dict[str, Any]] = []
    for check in bound.checks:
        if not gated(check) or check.kind == "required":
            continue
        fragment = _fragment(check)
        if fragment is None:
            unsaid.append(check.id)
        elif fragment:
            said.append(fragment)
    schema = json_type(bound.type)
    if said:
        schema = {"allOf": [schema, *said]}
    if not is_required(bound):
        schema = {"anyOf": [schema, {"type": "null"}]}
    if bound.description:
        schema["description"] = bound.description
    return schema


def _fragment(check: BoundCheck) -> dict[str, Any] | None:
    if check.where is not None or check.check is None:
        return None
    return check.check.json_schema()


def _raw_property(plan: CompiledPlan, bound: BoundField) -> dict[str, Any]:
    """Return what every acceptable raw value satisfies: hardly more than its JSON type where cleaning may mend it."""
    family = bound.type.family
    kinds = ["string", "number", "boolean"]
    if family is Family.LIST:
        kinds = ["string", "array"]
    elif family is Family.OBJECT:
        kinds = ["string", "object"]
    schema: dict[str, Any] = {"type": kinds if is_required(bound) and not bound.filled else [*kinds, "null"]}
    if family is Family.TEXT and not bound.steps and not plan.sources:
        said = [f for check in bound.checks if gated(check) and check.kind != "required" and (f := _fragment(check))]
        words = list(plan.missing if bound.missing is None else bound.missing)
        if said:
            schema["anyOf"] = [{"allOf": said}, {"enum": [*words, None]}, {"type": ["number", "boolean"]}]
    if bound.description:
        schema["description"] = bound.description
    return schema
