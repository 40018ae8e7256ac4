"""The report as one JSON object a line, for tables and log collectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from dq.report.findings import Paths
from dq.report.wording import seen


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return a line for the run, and one for each input, check, expectation, field, step and recommendation.

    Each line says its `type`, and names the run by event, version, fingerprint and `now`.
    """
    del paths
    spec = report["spec"]
    run = {"event": spec["event"], "version": spec["version"], "fingerprint": spec["fingerprint"], "now": report["now"]}
    lines = [{"type": kind, **run, **item} for kind, item in _items(report)]
    return seen(b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines))


def _items(report: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every part of a report with its type; what a part says stands below its own name where it is a value."""
    yield "run", {name: report[name] for name in ("dq", "verdict", "because", "records", "gate")}
    for kind, name in (
        ("source", "sources"), ("check", "checks"), ("expectation", "expectations"), ("step", "cleaning"),
        ("filter", "filters"), ("drift", "drift"), ("recommendation", "recommendations"),
    ):  # fmt: skip
        for item in report[name]:
            yield kind, {kind: item}
    for item in report.get("waivers", {"entries": []})["entries"]:
        yield "waiver", {"waiver": item}
    for item in report.get("baseline", {"promises": []})["promises"]:
        yield "compared", {"compared": item}
    for name, field in report["fields"].items():
        yield "field", {"field": {"name": name} | field}
    for item in report["ml"].get("checks", []):
        yield "training", {"training": item}
