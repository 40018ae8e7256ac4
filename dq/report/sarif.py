"""SARIF 2.1.0: rules are what the spec promises, results are the promises that do not hold.

The place of a result is the line of the spec that asks, since that file is the one under review; the records that
break it are related places.
"""

from __future__ import annotations

import hashlib
import string
from typing import Any

import orjson

from dq.report.findings import Case, Paths, Place, cases, headline, worst_first
from dq.report.wording import plain

PLAIN = frozenset(string.ascii_letters + string.digits + "-._~/")
"""Characters that stand for themselves in a URI (RFC 3986), and the slash between the parts of a path."""
STANDINGS = {"new": "new", "worse": "updated", "known": "unchanged", "fixed": "absent"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return a log of one run."""
    found = cases(report, paths)
    ids = {case.id: number for number, case in enumerate(found)}
    event = report["spec"]["event"]
    run = {
        "tool": {
            "driver": {
                "name": "dq",
                "version": plain(report["dq"]),
                "rules": [_rule(case) for case in found],
            }
        },
        "automationDetails": {"id": f"{uri(event)}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "exitCode": 1 if report["verdict"] == "fail" else 0}],
        "artifacts": [_artifact(source, paths or {}) for source in report["sources"]],
        "results": [_result(case, ids[case.id], event) for case in worst_first(found)],
        "properties": {"verdict": report["verdict"], "records": report["records"], "headline": headline(report)},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(log, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _rule(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "name": case.kind,
        "shortDescription": {"text": case.expected or case.id},
        "properties": dict(case.properties),
    }


def _artifact(source: dict[str, Any], paths: Paths) -> dict[str, Any]:
    """Return an input with its sum; one in memory has none."""
    hashes = {"hashes": {"sha-256": source["sha256"]}} if source["sha256"] else {}
    return {
        "location": {"uri": uri(paths.get(source["name"], source["name"]))},
        "roles": ["analysisTarget"],
        **hashes,
    }


def _result(case: Case, rule: int, event: str) -> dict[str, Any]:
    """Return one result; its fingerprint is of what is asked, so that a result that stays is one result."""
    main = case.spec or (case.examples[0] if case.examples else None)
    related = case.examples if case.spec is not None else case.examples[1:]
    result: dict[str, Any] = {
        "ruleId": case.id,
        "ruleIndex": rule,
        "level": case.level,
        "message": {"text": case.words},
        "locations": [] if main is None else [_location(main)],
        "partialFingerprints": {"promise/v1": hashlib.sha256(f"{event}\0{case.id}".encode()).hexdigest()},
    }
    if case.verdict == "waived":
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    if case.standing is not None:
        result["baselineState"] = STANDINGS[case.standing]
    if related:
        result["relatedLocations"] = [{"id": number, **_location(place)} for number, place in enumerate(related, 1)]
    return result


def _location(place: Place) -> dict[str, Any]:
    """Return a place; where there are no lines, its words are its message."""
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri(place.path)}}
    if place.line is not None:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical} | ({"message": {"text": place.words}} if place.words else {})


def uri(path: str) -> str:
    """Return a path as a relative reference: bytes that could mean something else are escaped by their numbers."""
    return "".join(chr(byte) if chr(byte) in PLAIN else f"%{byte:02X}" for byte in path.encode())
