"""OpenLineage: the run as two events, START and COMPLETE, one JSON object a line, with the data-quality facets.

The versions of the facets are those of the standard's specification 2-0-2.  The id of the run is made of what it
read and by which plan and `now`, so that the same run has the same id wherever it is told.
"""

from __future__ import annotations

import uuid
from typing import Any

import orjson

from dq.report.findings import Paths
from dq.report.wording import plain, seen

SPEC = "https://openlineage.io/spec"
EVENT = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACETS = {
    "dataQualityMetrics": "1-0-3/DataQualityMetricsInputDatasetFacet",
    "dataQualityAssertions": "1-1-0/DataQualityAssertionsDatasetFacet",
    "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
    "schema": "1-2-0/SchemaDatasetFacet",
}
NAMESPACE = "dq"
TEXT = 300


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return both events.  The run ends with FAIL where the batch failed its gate, since it published nothing."""
    known, spec = paths or {}, report["spec"]
    producer = f"urn:dq:{_urn(report['dq'])}"
    inputs = [_input(source, report, known, producer) for source in report["sources"]]
    common = {
        "eventTime": report["now"],
        "producer": producer,
        "schemaURL": EVENT,
        "run": {"runId": _run_id(report), "facets": {}},
        "job": {"namespace": NAMESPACE, "name": plain(spec["event"], TEXT), "facets": {}},
    }
    ended = "FAIL" if report["verdict"] == "fail" else "COMPLETE"
    events = [
        {"eventType": "START", **common, "inputs": [_named(each) for each in inputs], "outputs": []},
        {"eventType": ended, **common, "inputs": inputs, "outputs": [_output(report, producer)]},
    ]
    return seen(b"".join(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE) for event in events))


def _run_id(report: dict[str, Any]) -> str:
    """Return a UUID (version 5) of the plan, `now` and what was read."""
    read = [[source["name"], source["sha256"]] for source in report["sources"]]
    name = orjson.dumps([report["spec"]["fingerprint"], report["now"], read]).decode()
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def _urn(text: str) -> str:
    """Return a version as the last part of a URN."""
    return "".join(c if c.isascii() and (c.isalnum() or c in ".-+") else "-" for c in text) or "-"


def _facet(name: str, producer: str, **values: Any) -> dict[str, Any]:
    """Return a facet under the name by which the standard knows it."""
    path = FACETS[name]
    schema = f"{SPEC}/facets/{path}.json#/$defs/{path.partition('/')[2]}"
    return {name: {"_producer": producer, "_schemaURL": schema, **values}}


def _named(dataset: dict[str, Any]) -> dict[str, Any]:
    return {"namespace": dataset["namespace"], "name": dataset["name"]}


def _input(source: dict[str, Any], report: dict[str, Any], known: Paths, producer: str) -> dict[str, Any]:
    """Return one input.

    The promises are of the whole batch, and stand with each of its inputs; what is known of columns does so only
    where there is one.
    """
    alone = len(report["sources"]) == 1
    columns = {plain(name, TEXT): _column(f["before"]) for name, f in report["fields"].items() if f["before"]}
    name = plain(known.get(source["name"], source["name"]), TEXT)
    metrics = {"rowCount": source["records"], "bytes": source["bytes"], "columnMetrics": columns if alone else {}}
    facets = _facet("dataQualityMetrics", producer, **metrics)
    facets |= _facet("dataQualityAssertions", producer, assertions=_assertions(report))
    return {"namespace": "file", "name": name, "facets": {}, "inputFacets": facets}


def _output(report: dict[str, Any], producer: str) -> dict[str, Any]:
    """Return the accepted rows as a dataset of the event's name, with its fields and how many rows it has."""
    fields = [
        {"name": plain(name, TEXT), "type": plain(field["type"], TEXT)} for name, field in report["fields"].items()
    ]
    return {
        "namespace": NAMESPACE,
        "name": plain(report["spec"]["event"], TEXT),
        "facets": _facet("schema", producer, fields=fields),
        "outputFacets": _facet("outputStatistics", producer, rowCount=report["records"]["accepted"]),
    }


def _column(profile: dict[str, Any]) -> dict[str, int]:
    """Return what is counted of a column before it was cleaned."""
    present = profile["rows"] - profile["missing"]
    return {"nullCount": profile["missing"], "count": present, "distinctCount": profile["distinct"]}


def _assertions(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every promise that was judged: whether it found anything, whatever the gate makes of it."""
    promises = [*report["checks"], *report["expectations"], *report["ml"].get("checks", [])]
    return [_assertion(item) for item in promises if item["verdict"] != "not_evaluated"]


def _assertion(item: dict[str, Any]) -> dict[str, Any]:
    found = item["failed"] + item["blocked"] if "failed" in item else item["verdict"] != "pass"
    column = {"column": plain(item["field"], TEXT)} if item.get("field") else {}
    return {
        "assertion": plain(item["kind"], TEXT),
        "success": not found,
        "name": plain(item["id"], TEXT),
        "severity": "warn" if item["severity"] == "warning" else "error",
        "description": plain(item["expected"], TEXT),
        **column,
    }
