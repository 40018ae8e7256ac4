"""A comparison for people (text, Markdown) and for programs (JSON)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.comparison.change import Effect, Part
from dq.sampling.raw import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dq.comparison.change import Change, Witness
    from dq.comparison.compare import Comparison

FORMAT = 1
_PARTS: tuple[Part, ...] = ("major", "minor", "patch")
_WORDS = {
    Effect.NARROWS: "accepts less",
    Effect.VALUES: "changes values",
    Effect.SHAPE: "changes what is read",
    Effect.TIGHTENS: "fails more batches",
    Effect.FORM: "reads files otherwise",
    Effect.TRAINING: "changes what is trained on",
    Effect.WIDENS: "accepts more",
    Effect.EXTENDS: "adds",
    Effect.LOOSENS: "passes more batches",
    Effect.TELLS: "tells more or less",
}


def as_values(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON values."""
    return {
        "format": FORMAT,
        "old": {"event": comparison.old.event, "version": comparison.old.version},
        "new": {"event": comparison.new.event, "version": comparison.new.version},
        **comparison.verdict(),
        "changes": [_change(change) for change in comparison.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    """Return one change as JSON values."""
    return {
        "where": change.where,
        "what": change.what,
        "old": change.old,
        "new": change.new,
        "effects": sorted(map(str, change.effects)),
        "part": change.part,
        "witnesses": {
            str(effect): {"records": [dict(record) for record in shown.records], "old": shown.old, "new": shown.new}
            for effect, shown in sorted((change.witnesses or {}).items())
        },
    }


def as_json(comparison: Comparison, more: dict[str, Any]) -> str:
    """Return a comparison as the text of a JSON document."""
    return json_text({**as_values(comparison), **more}, indented=True)


def as_text(comparison: Comparison) -> Iterator[str]:
    """Yield the lines of a comparison for people: the changes by the part that they force, then the judgement."""
    old, new = comparison.old, comparison.new
    yield f"{old.event} {old.version} -> {new.event} {new.version}"
    for part in _PARTS:
        for change in (each for each in comparison.changes if each.part == part):
            yield ""
            yield f"{part}  {change.where}: {change.what} ({effects_in_words(change)})"
            yield from (f"  {sign} {said}" for sign, said in (("-", change.old), ("+", change.new)) if said is not None)
            for shown in (change.witnesses or {}).values():
                yield from _witness(shown)
    yield ""
    yield from judgement(comparison)


def _witness(shown: Witness) -> Iterator[str]:
    yield from (f"  e.g. {json_text(dict(record))}" for record in shown.records)
    yield f"       was {shown.old}, is {shown.new}"


def effects_in_words(change: Change) -> str:
    """Say what a change does."""
    return ", ".join(_WORDS[effect] for effect in Effect if effect in change.effects)


def judgement(comparison: Comparison) -> Iterator[str]:
    """Yield the lines that judge the changes together."""
    if not comparison.changes:
        yield "no change of meaning"
        if not comparison.says_so:
            yield f"the version goes back, from {comparison.old.version} to {comparison.new.version}"
        return
    verdict = comparison.verdict()
    yield f"compatibility: {verdict['compatibility']}"
    yield f"producers:     {verdict['producers']}"
    yield f"consumers:     {verdict['consumers']}"
    enough = "says so" if comparison.says_so else f"does not say so: {verdict['needed']} or later is needed"
    yield f"version:       a {verdict['part']} change, and {comparison.new.version} {enough}"


def as_markdown(comparison: Comparison) -> Iterator[str]:
    """Yield the lines of a comparison in Markdown, for a comment on a merge request."""
    old, new = comparison.old, comparison.new
    yield f"### {old.event} {old.version} → {new.event} {new.version}"
    yield ""
    if comparison.changes:
        yield "| part | where | change | effect | was | is |"
        yield "| --- | --- | --- | --- | --- | --- |"
        for change in sorted(comparison.changes, key=lambda each: _PARTS.index(each.part)):
            cells = (change.part, f"`{change.where}`", change.what, effects_in_words(change), change.old, change.new)
            yield f"| {' | '.join(map(_cell, cells))} |"
        yield ""
        yield from _in_markdown(comparison.changes)
    yield from (f"* {line}" for line in judgement(comparison))


def _cell(said: str | None) -> str:
    return "" if said is None else said.replace("|", "\\|").replace("\n", " ")


def _in_markdown(changes: Iterable[Change]) -> Iterator[str]:
    """Yield the witnesses."""
    for change in changes:
        for shown in (change.witnesses or {}).values():
            yield f"`{change.where}`, {change.what}: was {shown.old}, is {shown.new}"
            yield ""
            yield "```json"
            yield from (json_text(dict(record)) for record in shown.records)
            yield "```"
            yield ""
