"""The quality report: from the plan and the tally to plain JSON values, the same bytes for the same run.

Nothing in it depends on a host, a path or a clock but `now`.  Values of `pii` fields and of unknown fields are
not in it.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import orjson

from dq.outcome import READABLE
from dq.plan.merging import merge_step
from dq.report.recommendations import recommend
from dq.report.terms import PLAIN_TERMS, Terms
from dq.report.terms import describe as terms_of
from dq.report.training import describe
from dq.report.verdict import Judged, is_strict, judge, readable, share
from dq.report.wording import seen
from dq.version import VERSION

if TYPE_CHECKING:
    from collections import Counter
    from datetime import datetime

    from dq.diagnostics import Span
    from dq.outcome import Counts
    from dq.plan.bound import BoundCheck
    from dq.plan.merging import merge_step
    from dq.plan.plan import CompiledPlan
from dq.plan.tally import Conflict, Example, SourceTally, Tally

FORMAT = 1


def build(
    plan: CompiledPlan,
    tally: Tally,
    now: datetime,
    terms: Terms = PLAIN_TERMS,
    state: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the report as JSON values, in the order in which it is written."""
    judged = judge(plan, tally, terms)
    report: dict[str, Any] = {
        "dq": VERSION,
        "format": FORMAT,
        "spec": {"event": plan.event, "version": plan.version, "fingerprint": plan.fingerprint},
        "now": now.isoformat().replace("+00:00", "Z"),
        "state": state,
        "verdict": judged.verdict,
        "because": judged.because,
        "records": _records(tally),
        "gate": _gate(plan, terms),
        "sources": [_source(source) for source in tally.sources],
        "checks": _checks(plan, tally, judged),
        "expectations": _expectations(plan, judged),
        "fields": _fields(plan, tally),
        "cleaning": _cleaning(plan, tally),
        "filters": [{"id": f.id, "filtered": tally.filtered[f.id]} for f in plan.filters],
        "dedupe": _dedupe(plan, tally),
        "drift": _drift(plan, judged),
        "ml": describe(plan, tally, judged.training),
    }
    if tally.earlier:
        report["against"] = [dict(zip(("name", "sha256", "rows"), one, strict=True)) for one in tally.earlier]
    report |= terms_of(terms, judged)
    report["recommendations"] = recommend(plan, tally, report)
    return report


def dump(report: dict[str, Any]) -> bytes:
    """Return the bytes of `report.json`: indented by two, one line end at the end, every character one that is seen."""
    return seen(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _gate(plan: CompiledPlan, terms: Terms) -> dict[str, Any]:
    """Return the gate as it was applied: a flag tightens it and never loosens it."""
    gate = plan.gate
    return {
        "quarantined": None if gate.quarantined is None else float(gate.quarantined),
        "fail_on": "warning" if is_strict(plan, terms) else "error",
        **({"profile": gate.profile} if gate.profile is not None else {}),
    }


def _records(tally: Tally) -> dict[str, int]:
    doors = {door: tally.doors[door] for door in ("accepted", "quarantined", "deduplicated", "filtered")}
    return {"read": tally.read, **doors, "unreadable": sum(tally.unreadable.values())}


def _source(source: SourceTally) -> dict[str, Any]:
    account = source.account
    return {
        "name": source.name,
        "sha256": account.sha256,
        "bytes": account.bytes,
        "records": account.records,
        "unreadable": account.unreadable,
        "recovered": account.recovered,
        "blank": account.blank,
        "doors": _counter(source.doors),
        "refused": None if account.refused is None else dict(zip(("code", "message"), account.refused, strict=True)),
        "absent": list(account.absent),
        "unknown_fields": dict(sorted(account.unknown.items())),
        "dialect": source.dialect,
    }


def _counter(counter: Counter[str]) -> dict[str, int]:
    return {str(name): counter[name] for name in sorted(counter)}


def _checks(plan: CompiledPlan, tally: Tally, judged: Judged) -> list[dict[str, Any]]:
    codes = _counter(tally.unreadable)
    first: dict[str, Any] = {
        "id": READABLE,
        "field": None,
        "kind": READABLE,
        "dimension": "conformity",
        "severity": "error",
        "on_fail": "quarantine",
        "expected": "a record that can be framed and parsed",
        **_counts(readable(tally)),
        "mostly": None,
        "verdict": judged.checks[READABLE],
        "codes": codes,
        "examples": [_example(e) | {"code": code} for code in codes for e in tally.unreadable_examples[code]][:5],
    }
    return [first, *(_check(check, tally, judged) for check in plan.checks)]


def _check(check: BoundCheck, tally: Tally, judged: Judged) -> dict[str, Any]:
    return {
        "id": check.id,
        "field": check.field,
        "kind": check.kind,
        "dimension": check.dimension,
        "severity": check.severity,
        "on_fail": check.on_fail,
        "expected": check.expected,
        **_counts(tally.checks[check.id]),
        "mostly": None if check.mostly is None else float(check.mostly),
        "verdict": judged.checks[check.id],
        **place(check.span),
        "examples": [_example(example) for example in tally.examples.get(check.id, [])],
    }


def place(span: Span) -> dict[str, Any]:
    """Return where in a spec something is asked for: the file's name without its folder, and the line."""
    return {"file": PurePath(span.file).name, "line": span.line}


def _counts(counts: Counts) -> dict[str, Any]:
    reached = share(counts)
    return {
        "evaluated": counts.evaluated,
        "passed": counts.passed,
        "failed": counts.failed,
        "skipped": counts.skipped,
        "blocked": counts.blocked,
        "share": None if reached is None else float(reached),
    }


def _example(example: Example) -> dict[str, Any]:
    return {"source": example.source, "record": example.record, "line": example.line, "value": shorten(example.value)}


def shorten(value: Any, limit: int = 200, items: int | None = 20) -> Any:
    """Return a value as a report shows it: long text is cut, and says so, and lists end after some items."""
    if isinstance(value, str) and len(value) > limit:
        return value[:limit] + "…"
    if isinstance(value, dict):
        return {key: shorten(item, limit, items) for key, item in value.items()}
    if isinstance(value, list):
        return [shorten(item, limit, items) for item in value[:items]]
    return value


def _expectations(plan: CompiledPlan, judged: Judged) -> list[dict[str, Any]]:
    listed = []
    for bound in plan.expectations:
        verdict, result = judged.expectations[bound.id]
        listed.append(
            {
                "id": bound.id,
                "field": bound.field,
                "kind": bound.expectation.kind,
                "severity": bound.severity,
                "expected": result.expected,
                "observed": None if bound.hides else result.observed,
                "verdict": verdict,
                **({} if result.note is None else {"note": result.note}),
                **place(bound.span),
            }
        )
    return listed


def _drift(plan: CompiledPlan, judged: Judged) -> list[dict[str, Any]]:
    """Return every comparison with a reference profile of the state."""
    listed = []
    for bound in plan.expectations:
        verdict, result = judged.expectations[bound.id]
        if result.details is not None:
            about = {"id": bound.id, "field": bound.field, "verdict": verdict}
            listed.append(about | {key: shorten(value, items=None) for key, value in result.details.items()})
    return listed


def _fields(plan: CompiledPlan, tally: Tally) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for bound in plan.fields:
        before, after = tally.before.get(bound.name), tally.after.get(bound.name)
        fields[bound.name] = {
            "type": str(bound.type),
            "required": bound.required,
            "pii": bound.pii,
            "derived": not bound.is_read,
            "before": before.as_report(pii=bound.pii) if before is not None else None,
            "after": after.as_report(pii=bound.pii) if after is not None else None,
        }
    return fields


def _cleaning(plan: CompiledPlan, tally: Tally) -> list[dict[str, Any]]:
    """Return every step that may change a value, in order, with the number of cells that it changed."""
    listed = []
    for bound in plan.fields:
        steps = [step.id for step in bound.steps]
        steps += [check.id for check in bound.checks if check.empties]
        steps += [f"{bound.name}.lookup"] if bound.lookup is not None and bound.lookup.fill else []
        merges = plan.dedupe is not None and plan.dedupe.keep == "merge" and bound.is_read
        steps += [merge_step(bound.name)] if merges else []
        steps += [fit.id for fit in bound.fits]
        steps += [bound.constant_id] if bound.impute is not None else []
        for step in steps:
            changed, accepted = tally.changed[step], tally.changed_accepted[step]
            listed.append({"step": step, "field": bound.name, "changed": changed, "accepted": accepted})
    return listed


def _dedupe(plan: CompiledPlan, tally: Tally) -> dict[str, Any] | None:
    if plan.dedupe is None:
        return None
    return plan.dedupe.identity() | {
        "deduplicated": tally.doors["deduplicated"],
        "duplicates": _duplicates(plan, tally),
        **({"near": asdict(tally.matching)} if tally.matching is not None else {}),
        "keys_without_accepted_record": tally.keys_lost,
    }


def _duplicates(plan: CompiledPlan, tally: Tally) -> dict[str, Any]:
    """Return which duplicates said the same once more, and in what the others differed."""
    counted = tally.duplicates
    earlier = {"earlier": counted.earlier} if tally.earlier else {}
    return earlier | {
        "natural": counted.natural,
        "conflicting": counted.conflicting,
        "keys_conflicting": counted.keys_conflicting,
        "differs": {bound.name: counted.differs[bound.name] for bound in plan.fields if counted.differs[bound.name]},
        "examples": [_conflict(example) for example in counted.examples],
    }


def _conflict(example: Conflict) -> dict[str, Any]:
    return {
        "source": example.lost[0],
        "record": example.lost[1],
        "lost_to": {"source": example.kept[0], "record": example.kept[1]},
        "differs": {
            name: None if values is None else {"lost": shorten(values[0]), "kept": shorten(values[1])}
            for name, values in example.values.items()
        },
    }
