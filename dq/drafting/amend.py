"""A new version of a spec, with the edits that a report recommends: each is tried, and kept if the spec stays sound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dq.checks import CHECKS
from dq.plan.compiler import lint_text
from dq.report.evidence import facts
from dq.spec.editing import EditError, edited
from dq.spec.edits import Edit, text_with_notes


@dataclass(frozen=True, slots=True)
class Refusal:
    """A recommendation that could not be brought into the spec, and why."""

    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Amended:
    """The text with every edit that it took: the ids of those recommendations, and the others with what was wrong."""

    text: str
    applied: tuple[str, ...]
    refused: tuple[Refusal, ...]


def amend(text: str, path: Path, recommendations: Iterable[Mapping[str, Any]]) -> Amended:
    """Return the text of a spec with what is recommended; `path` is where it stands, for what it refers to.

    A recommendation is taken whole or not at all, and refused where the spec would have a mistake that it does not
    have without it.
    """
    known = {diagnostic.message for diagnostic in lint_text(text, path.name, path.parent)}
    applied: list[str] = []
    refused: list[Refusal] = []
    for item in recommendations:
        if not item["edits"]:
            continue
        try:
            candidate = _with_edits(text, [Edit.from_json(edit) for edit in item["edits"]])
        except EditError as error:
            refused.append(Refusal(item["id"], str(error)))
            continue
        mistakes = [d for d in lint_text(candidate, path.name, path.parent) if d.message not in known]
        if mistakes:
            refused.append(Refusal(item["id"], f"{mistakes[0].code} {mistakes[0].message}"))
            continue
        text = candidate
        applied.append(item["id"])
    return Amended(text, tuple(applied), tuple(refused))


def _with_edits(text: str, edits: Sequence[Edit]) -> str:
    for edit in edits:
        text = edited(text, edit, _spellings)
    return text


def _spellings(kind: str) -> Sequence[str]:
    """Return every name of a kind of check, which a spec may use."""
    found = CHECKS.find(kind)
    return (kind,) if found is None else (found.kind, *found.aliases)


def with_version(text: str, version: str) -> str:
    """Return the text with another version."""
    return edited(text, Edit("set", ("version",), version))


def patch_of(recommendations: Sequence[Mapping[str, Any]]) -> str:
    """Return everything that is recommended as YAML to paste, each below its action and its evidence as comments."""
    mending = [item for item in recommendations if item["edits"]]
    noted = [
        (Edit.from_json(edit), notes(item) if number == 0 else ())
        for item in mending
        for number, edit in enumerate(item["edits"])
    ]
    others = [item for item in recommendations if not item["edits"]]
    lines = [f"# {line}" for item in others for line in notes(item)]
    lead = ["# What no line of the spec mends:", *lines] if lines else []
    return text_with_notes(noted) + "".join(f"{line}\n" for line in lead)


def notes(item: Mapping[str, Any]) -> list[str]:
    """Return what a recommendation says and what it rests on, each on one line."""
    said = facts(item["evidence"])
    return [_line(item["text"]), _line(f"({item['id']}{'; ' if said else ''}{said})")]


def _line(text: str) -> str:
    """Return text without anything that could end a comment."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
