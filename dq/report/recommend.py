"""Recommendations: next actions, each with its evidence and, where the spec can be mended, the lines to paste."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan
    from dq.plan.tally import Tally

Recommendation = dict[str, Any]
WORTH = 5  # at most so many are listed, the weightiest first


def recommend(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> list[Recommendation]:
    """Return the recommendations of a run, the one that would free most records first."""
    found = [item for rule in RULES for item in rule(plan, tally, report)]
    found.sort(key=lambda item: (-item["evidence"]["records"], item["id"]))
    return found[:WORTH]


def _item(name: str, text: str, records: int, patch: str | None = None, **evidence: Any) -> Recommendation:
    return {"id": name, "text": text, "evidence": {"records": records, **evidence}, "patch": patch}


def _failing(report: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    for check in report["checks"]:
        if check["kind"] == kind and check["failed"]:
            yield check


def unmapped_spellings(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[Recommendation]:
    """Name values that a closed set refuses: a map can turn spellings into members."""
    del tally
    for check in _failing(report, "accepted_values"):
        values = list(dict.fromkeys(str(e["value"]) for e in check["examples"] if e["value"] is not None))
        if not values or plan.by_name[check["field"]].pii:
            continue
        lines = "".join(f"        {_yaml(value)}: …   # which of the accepted values is it?\n" for value in values)
        patch = f"fields:\n  {check['field']}:\n    clean:\n    - map:\n{lines}"
        text = f"{check['failed']:,} values of {check['field']} are not accepted, for example {', '.join(values)}: map them"
        yield _item(f"map.{check['id']}", text, check["failed"], patch, values=values)


def unreadable_values(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[Recommendation]:
    """Name cells that could not be read as their type: a format, a mark or a word for no value is missing."""
    del tally
    for check in _failing(report, "type"):
        field = plan.by_name[check["field"]]
        values = list(dict.fromkeys(str(e["value"]) for e in check["examples"] if e["value"] is not None))
        shown = f", for example {', '.join(values)}" if values else ""
        advice = "declare their format" if field.type.family in {"date", "datetime", "time"} else "clean them"
        missing = list(plan.missing if field.missing is None else field.missing)
        patch = None
        if len(values) == 1:
            words = ", ".join(_yaml(word) for word in [*missing, *values])
            patch = f"fields:\n  {field.name}:\n    missing: [{words}]\n"
            advice = "if that means no value, say so"
        text = f"{check['failed']:,} values of {field.name} are not {check['expected']}{shown}: {advice}"
        yield _item(f"type.{check['id']}", text, check["failed"], patch, values=values)


def unreadable_records(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[Recommendation]:
    """Name records that could not be framed: the dialect of the source, or its producer."""
    del plan, report
    advice = {
        "unreadable.ragged": "the delimiter or a missing quote is the usual cause",
        "unreadable.bare_quote": "if quotes are ordinary characters there, declare bare_quotes: data",
        "unreadable.suspect_quote": "if text really spans lines there, declare multiline: trust",
        "unreadable.quote": "a quote was opened and never closed",
        "unreadable.encoding": "declare the source's encoding",
    }
    for code in sorted(tally.unreadable):
        hint = advice.get(code, "look at their raw text in quarantine.jsonl")
        count = tally.unreadable[code]
        noun = "record" if count == 1 else "records"
        yield _item(f"read.{code}", f"{count:,} {noun} could not be read ({code}): {hint}", count)


def refused_sources(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[Recommendation]:
    """Name sources that were refused as a whole."""
    del plan, report
    for source in tally.refused_sources:
        code, message = source.account.refused or ("", "")
        yield _item(f"source.{source.name}", f"{source.name} was not read at all: {message}", 10**12, code=code)


def repeated_keys(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[Recommendation]:
    """Name a key that is not unique, in a spec that does not deduplicate."""
    del tally
    if plan.dedupe is not None:
        return
    for check in _failing(report, "unique"):
        keys = next(c.keys for c in plan.checks if c.id == check["id"])
        patch = f"dedupe:\n  key: [{', '.join(keys)}]\n  keep: last\n"
        text = f"{check['failed']:,} rows share their {', '.join(keys)} with another row: keep one of each"
        yield _item(f"dedupe.{check['id']}", text, check["failed"], patch)


def always_missing(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[Recommendation]:
    """Name a field that no record has."""
    del plan
    for name, profile in report["fields"].items():
        if tally.entered and profile["before"] is not None and tally.missing[name] == tally.entered:
            yield _item(f"missing.{name}", f"{name} has no value in any record: is its path or its header right?", 0)


def unknown_fields(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[Recommendation]:
    """Name fields that arrived and are not declared."""
    del plan, report
    for source in tally.sources:
        names = sorted(source.account.unknown)
        if names:
            shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")  # noqa: PLR2004
            noun = "a field" if len(names) == 1 else f"{len(names)} fields"
            text = f"{source.name} brings {noun} that the spec does not name: {shown}"
            yield _item(f"unknown.{source.name}", text, 0, fields=names)


def _yaml(value: str) -> str:
    """Return a text as a double-quoted YAML scalar."""
    return json.dumps(value, ensure_ascii=False)


RULES: tuple[Callable[[CompiledPlan, Tally, dict[str, Any]], Iterator[Recommendation]], ...] = (
    refused_sources,
    unreadable_records,
    unmapped_spellings,
    unreadable_values,
    repeated_keys,
    always_missing,
    unknown_fields,
)


def worst_checks(report: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """Return the checks that failed most rows, worst first."""
    failing = [check for check in report["checks"] if check["failed"] or check["blocked"]]
    return sorted(failing, key=lambda check: (-(check["failed"] + check["blocked"]), check["id"]))[:count]
