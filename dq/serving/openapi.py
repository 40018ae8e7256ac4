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
    "400": "The head of the request cannot be read, or there is no body.",
    "401": "The bearer token is missing or wrong.",
    "405": "Events are posted.",
    "408": "The body did not come in time.",
    "413": "The body is too large.",
    "415": "The body is neither JSON nor lines of JSON.",
    "429": "Too many requests wait already; try again.",
    "503": "The server is about to stop; try again elsewhere.",
}
_STATUS = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"enum": ["alive", "ready", "stopping"]}},
}
_ANYTHING_ELSE = {"description": "Anything else is judged, too: it is refused, with the reasons."}


def _question(name: str, summary: str, answers: dict[str, str], kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a path that answers about the server itself."""
    content = {"content": {kind: {"schema": schema}}}
    responses = {status: {"description": text, **content} for status, text in answers.items()}
    return {"get": {"operationId": name, "summary": summary, "responses": responses}}


_ABOUT = {
    "/healthz": _question("health", "Whether the process lives.", {"200": "It does."}, JSON, _STATUS),
    "/readyz": _question(
        "readiness", "Whether events are judged.", {"200": "They are.", "503": "It stops."}, JSON, _STATUS
    ),
    "/metrics": _question(
        "metrics", "What was done so far.", {"200": "OpenMetrics."}, "application/openmetrics-text", {"type": "string"}
    ),
}


def openapi(plans: Iterable[CompiledPlan], *, with_token: bool) -> dict[str, Any]:
    """Return the description of a server for these plans."""
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "dq serve", "version": VERSION, "description": "Events, judged by their specifications."},
        "paths": {path_of(plan): {"post": _operation(plan)} for plan in plans} | _ABOUT,
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
            "content": {
                JSON: {"schema": {"anyOf": [_inner(raw_schema(plan)), _ANYTHING_ELSE]}},
                LINES: {"schema": {"description": "A line of JSON for each event."}},
            },
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
