"""The OpenAPI description of a server, made from the specifications that it judges by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dq.plan.lower.jsonschema import canonical_schema, raw_schema
from dq.version import VERSION

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan

JSON, LINES = "application/json", "application/x-ndjson"
_NULLABLE_TEXT = {"type": ["string", "null"]}
_REASON = {
    "type": "object",
    "required": ["check", "code", "field", "value", "message", "severity"],
    "properties": {
        "check": {"type": "string"},
        "code": {"type": "string"},
        "field": _NULLABLE_TEXT,
        "value": {},
        "message": {"type": "string"},
        "severity": {"enum": ["warning", "error"]},
    },
}
_PROBLEM = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string", "description": "What is wrong, in a sentence."}},
}
_PROBLEMS = {
    "400": "The head of the request cannot be read.",
    "401": "The bearer token is missing or wrong.",
    "408": "The body did not come in time.",
    "413": "The body is too large.",
    "415": "The body is neither JSON nor lines of JSON.",
    "429": "Too many requests wait already; try again.",
    "503": "The server is about to stop; try again elsewhere.",
}


def openapi(plans: Iterable[CompiledPlan], *, with_token: bool) -> dict[str, Any]:
    """Return the description of a server for these plans."""
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "dq serve", "version": VERSION, "description": "Events, judged by their specifications."},
        "paths": {path_of(plan): {"post": _operation(plan)} for plan in plans},
        "components": {"schemas": {"Reason": _REASON, "Problem": _PROBLEM}},
    }
    if with_token:
        described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        described["security"] = [{"token": []}]
    return described


def path_of(plan: CompiledPlan) -> str:
    """Return the path of the endpoint of a plan."""
    return f"/v1/events/{plan.event}/{plan.version}"


def _operation(plan: CompiledPlan) -> dict[str, Any]:
    """Return what can be posted to the endpoint of a plan, and what is answered."""
    verdict = {
        "type": "object",
        "required": ["door", "record", "reasons"],
        "properties": {
            "door": {"enum": ["accepted", "quarantined", "filtered"]},
            "record": {"anyOf": [_inner(canonical_schema(plan)), {"type": "null"}]},
            "reasons": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
        },
    }
    problem = {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    return {
        "operationId": f"{plan.event}_{plan.version}".replace(".", "_"),
        "summary": plan.title or f"Judge events {plan.event} {plan.version}.",
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": _inner(raw_schema(plan))}, LINES: {"schema": {"type": "string"}}},
        },
        "responses": {
            "200": {
                "description": "What became of the event, or a line of it for each line of the body.",
                "content": {JSON: {"schema": verdict}, LINES: {"schema": {"type": "string"}}},
            },
            **{status: {"description": text, **problem} for status, text in _PROBLEMS.items()},
        },
    }


def _inner(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema as it stands inside another document."""
    return {key: value for key, value in schema.items() if key not in {"$schema", "$id"}}
