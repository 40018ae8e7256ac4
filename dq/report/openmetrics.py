"""OpenMetrics text, for a text-file collector or a push gateway: what a run counted, as gauges.

A run is over when it is told, so nothing is a counter.  Labels are ids and names of the spec, never values of the
data.  The text is that of OpenMetrics 1.0: a family's samples stand together, and the last line is `# EOF`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from dq.report.findings import Paths
from dq.report.wording import plain

VERDICTS = ("pass", "warn", "fail")
DOORS = ("accepted", "quarantined", "deduplicated", "filtered")
LABEL = 400
"""A label is cut to so many characters."""
Sample = tuple[dict[str, Any], float]


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return the families of a report; each of its samples names the event."""
    del paths
    event, records, spec = report["spec"]["event"], report["records"], report["spec"]
    about = {"version": spec["version"], "fingerprint": spec["fingerprint"], "dq": report["dq"]}
    verdicts = [({"dq_verdict": name}, report["verdict"] == name) for name in VERDICTS]
    families = [
        _family("dq_run", "info", "Which plan judged the batch.", event, [(about, 1)], "_info"),
        _family("dq_verdict", "stateset", "Whether the batch passed its gate.", event, verdicts),
        _family("dq_now_seconds", "gauge", "What `now` meant, in Unix time.", event, [({}, _seconds(report["now"]))]),
        _family("dq_records_read", "gauge", "Records that were read.", event, [({}, records["read"])]),
        _family("dq_records", "gauge", "Records by door.", event, [({"door": door}, records[door]) for door in DOORS]),
        _family("dq_unreadable", "gauge", "Records not framed or parsed.", event, [({}, records["unreadable"])]),
        *(_family(name, "gauge", words, event, samples) for name, words, samples in _promises(report)),
    ]
    return ("\n".join([line for family in families for line in family] + ["# EOF"]) + "\n").encode()


def _promises(report: dict[str, Any]) -> Iterator[tuple[str, str, list[Sample]]]:
    """Yield the families of checks, expectations, waivers and drift: name, help and samples."""
    checks = report["checks"]
    for name, words in (("failed", "Rows that failed a check."), ("blocked", "Rows a check could not be asked of.")):
        yield f"dq_check_{name}", words, [(_of_check(check), check[name]) for check in checks]
    yield "dq_check_evaluated", "Rows that a check answered.", [(_of_check(c), c["evaluated"]) for c in checks]
    promised = [*checks, *report["expectations"], *report["ml"].get("checks", [])]
    broken = [({"promise": item["id"]}, item["verdict"] == "fail") for item in promised]
    yield "dq_promise_broken", "Whether a promise fails the gate.", broken
    waivers = report.get("waivers", {"entries": []})["entries"]
    states: list[Sample] = [({"promise": entry["check"], "state": entry["state"]}, 1) for entry in waivers]
    yield "dq_waiver", "A waiver, by its state: used, idle or expired.", states
    drift = [
        ({"expectation": item["id"], "field": item["field"], "measure": name}, measure["value"])
        for item in report["drift"]
        for name, measure in item["measures"].items()
        if measure["value"] is not None
    ]
    yield "dq_drift", "Distance from the reference of the state; of chi_square the p-value.", drift


def _of_check(check: dict[str, Any]) -> dict[str, Any]:
    return {"check": check["id"], "field": check["field"] or "", "severity": check["severity"]}


def _family(name: str, kind: str, words: str, event: str, samples: Iterable[Sample], suffix: str = "") -> Iterator[str]:
    """Yield the lines of one family; of two samples with the same labels the first counts."""
    lines: dict[str, str] = {}
    for labels, value in samples:
        said = ",".join(f'{key}="{_label(text)}"' for key, text in {"event": event, **labels}.items())
        lines.setdefault(said, f"{name}{suffix}{{{said}}} {_number(value)}")
    if lines:
        yield f"# TYPE {name} {kind}"
        yield f"# HELP {name} {words}"
        yield from lines.values()


def _label(text: Any) -> str:
    """Return the value of a label; nothing in it can end the label or the line."""
    return plain(text, LABEL).replace("\\", "\\\\").replace('"', '\\"')


def _number(value: float) -> str:
    """Return a number, a whole one without a point; truth is 1 and 0."""
    return str(int(value)) if value == int(value) else repr(float(value))


def _seconds(now: str) -> float:
    return datetime.fromisoformat(now).timestamp()
