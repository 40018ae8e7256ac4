"""Recommendations: next actions, each with its evidence and, where the spec can be mended, the lines to paste."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from dq.dtypes.types import Family
from dq.report.recommend_features import unfit_features

if TYPE_CHECKING:
    from dq.plan.bound import BoundField
    from dq.plan.plan import CompiledPlan
    from dq.plan.tally import Tally

Recommendation = dict[str, Any]
WORTH = 5  # at most so many are listed, the weightiest first
_DECIMAL_COMMA = re.compile(r"-?[0-9][0-9 \u00a0.]*,[0-9]+")
_UNIT = re.compile(r"-?[0-9]+([.,][0-9]+)?\s*[^\W\d_]+\.?|-?[0-9]+([.,][0-9]+)?\s*[%$€£₽]|[$€£₽]\s*[0-9]+([.,][0-9]+)?")


def recommend(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> list[Recommendation]:
    """Return the recommendations of a run: sources that were not read, then what would free most records."""
    found = [item for rule in RULES for item in rule(plan, tally, report)]
    found.sort(key=lambda item: (not item["id"].startswith("source."), -item["evidence"]["records"], item["id"]))
    return found[:WORTH]


def _item(name: str, text: str, records: int, patch: str | None = None, **evidence: Any) -> Recommendation:
    return {"id": name, "text": text, "evidence": {"records": records, **evidence}, "patch": patch}


def _failing(report: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    for check in report["checks"]:
        if check["kind"] == kind and check["failed"]:
            yield check


def unaccepted_values(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[Recommendation]:
    """Name values that a closed set refuses: new members, or spellings that a map can turn into members."""
    del tally
    for check in _failing(report, "accepted_values"):
        values = _values(check)
        if not values or plan.by_name[check["field"]].pii:
            continue
        lines = "".join(f"        {_yaml(value)}: …   # which of the accepted values is it?\n" for value in values)
        patch = f"fields:\n  {check['field']}:\n    clean:\n    - map:\n{lines}"
        verb, them = ("is", "it") if check["failed"] == 1 else ("are", "them")
        text = f"{_count(check, values)} {verb} not accepted: map {them} to an accepted value, or accept {them}"
        yield _item(f"map.{check['id']}", text, check["failed"], patch, values=values)


def unreadable_values(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[Recommendation]:
    """Name cells that could not be read as their type: a format, a mark or a word for no value is missing."""
    del tally
    for check in _failing(report, "type"):
        field = plan.by_name[check["field"]]
        values = _values(check)
        missing = list(plan.missing if field.missing is None else field.missing)
        advice, patch = _reading(field, values, missing)
        text = f"{_count(check, values)} cannot be read as {field.type}: {advice}"
        yield _item(f"type.{check['id']}", text, check["failed"], patch, values=values)


def _reading(field: BoundField, values: list[str], missing: list[str]) -> tuple[str, str | None]:
    """Return what would make such values readable, and the lines to paste where they are certain enough."""
    if values and not any(character.isdigit() for value in values for character in value):
        words = ", ".join(_yaml(word) for word in [*missing, *values])
        patch = f"fields:\n  {field.name}:\n    missing: [{words}]\n"
        if field.type.family is not Family.BOOLEAN:
            return "if that means no value, say so in `missing`", patch
    if field.type.family is Family.BOOLEAN:
        return "declare them in `words`", None
    if field.type.family in {Family.DATE, Family.DATETIME, Family.TIME}:
        return "add their format to `formats`", None
    if values and all(_DECIMAL_COMMA.fullmatch(value) for value in values):
        return "if the comma is the decimal mark, declare `decimal` in the source", None
    if values and all(_UNIT.fullmatch(value) for value in values):
        return "cut the unit off with a `replace` step", None
    return "clean them, or mend them where they come from", None


def _values(check: dict[str, Any]) -> list[str]:
    """Return the distinct values of the examples; there are none for `pii` fields."""
    return list(dict.fromkeys(str(e["value"]) for e in check["examples"] if e["value"] is not None))


def _count(check: dict[str, Any], values: list[str]) -> str:
    """Return how many values of which field failed, with some of them."""
    all_of_them = len(values) == check["failed"] <= 3  # noqa: PLR2004 - as many as are shown
    shown = f" ({'' if all_of_them else 'for example '}{', '.join(values[:3])})" if values else ""
    return f"{_several(check['failed'], 'value')} of {check['field']}{shown}"


def _several(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


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
        yield _item(f"read.{code}", f"{_several(count, 'record')} could not be read ({code}): {hint}", count)


def refused_sources(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[Recommendation]:
    """Name sources that were refused as a whole."""
    del plan, report
    for source in tally.refused_sources:
        code, message = source.account.refused or ("", "")
        yield _item(f"source.{source.name}", f"{source.name} was not read at all: {message}", 0, code=code)


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


def skipped_blocks(plan: CompiledPlan, tally: Tally, report: dict[str, Any]) -> Iterator[Recommendation]:
    """Name blocks that were too large for their records to be compared."""
    del report
    matching = tally.matching
    if plan.dedupe is None or plan.dedupe.match is None or matching is None or not matching.blocks_skipped:
        return
    most = plan.dedupe.match.max_block
    text = (
        f"{_several(matching.blocks_skipped, 'block')} of more than {most:,} records not compared, with "
        f"{_several(matching.records_skipped, 'record')} in them: add a field to the blocks, or raise max_block"
    )
    yield _item("match.blocks", text, matching.records_skipped)


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
    unaccepted_values,
    unreadable_values,
    repeated_keys,
    skipped_blocks,
    always_missing,
    unknown_fields,
    unfit_features,
)


RANKS = {"fail": 0, "not_evaluated": 1, "tolerated": 2, "warn": 3, "pass": 4}


def worst_checks(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the checks that found faults, worst first: what failed the gate, what refused, what only warned.

    A check that was only blocked is not among them: its cells could not be read, which the check of their type
    says already.
    """
    failing = [check for check in report["checks"] if check["failed"]]
    return sorted(failing, key=_badness)


def _badness(check: dict[str, Any]) -> tuple[int, bool, int, str]:
    return RANKS[check["verdict"]], check["severity"] == "warning", -check["failed"], check["id"]
