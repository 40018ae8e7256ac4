"""A specification that is being made from another language: written as YAML, and linted until it is clean.

Whatever dq would refuse (a pattern with look-around, bounds that leave nothing) is taken out and listed as a loss, with
the diagnostic that says why.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dq.errors import InternalError, UsageError
from dq.exchange.base import Imported, Loss
from dq.exchange.documents import comments, flow, scalar
from dq.plan.compiler import compile_document
from dq.spec.loader import reads
from dq.spec.rules import SEMVER, name_problem

_SEMVER = re.compile(SEMVER, re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the specification that may prove impossible: its text, and where in the document it comes from."""

    text: str
    at: str


@dataclass(slots=True)
class FieldDraft:
    """One field; `path` is where it stands in a record, where that is not under its name."""

    type: str
    at: str
    path: str | None = None
    required: bool = False
    pii: bool = False
    description: str | None = None
    settings: list[str] = field(default_factory=list)
    checks: list[Entry] = field(default_factory=list)
    expect: list[Entry] = field(default_factory=list)

    def check(self, kind: str, value: Any = None, **options: Any) -> None:
        """Add a check by its kind and parameters; None for a bare name."""
        self.checks.append(Entry(entry(kind, value, options), self.at))


@dataclass(slots=True)
class SpecDraft:
    """A specification in the making; `format` is that of its source where fields stand under other names."""

    event: str
    version: str = "1.0.0"
    description: str | None = None
    owner: str | None = None
    format: str = "jsonl"
    missing: Sequence[str] | None = None
    closed: bool = False
    fields: dict[str, FieldDraft] = field(default_factory=dict)
    checks: list[Entry] = field(default_factory=list)
    expect: list[Entry] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    def lose(self, at: str, what: str) -> None:
        """List something that is not carried over."""
        self.losses.append(Loss(at, what))

    def add(self, name: str, draft: FieldDraft) -> str:
        """Add a field under its name, or under one that dq allows; return that name."""
        chosen = free_name(name, self.fields)
        if chosen != name and draft.path is None:
            draft.path = name if self.format == "csv" else escaped(name)
        self.fields[chosen] = draft
        return chosen

    def finish(self, origin: str) -> Imported:
        """Return the specification, which lints clean; `origin` names the document in a comment.

        UsageError where no field is left.
        """
        if not self.fields:
            raise UsageError(f"{origin}: it has no field that dq could hold")
        self._name()
        dropped: set[Entry] = set()
        while True:
            lines = list(self._lines(dropped))
            text = "".join(line + "\n" for line, _ in lines)
            refused = [(mistake, lines[mistake.span.line - 1][1]) for mistake in _mistakes(text)]
            if not refused:
                break
            for mistake, culprit in refused:
                if culprit is None:
                    raise InternalError(f"{origin} was read as a specification that is refused: {mistake}")
                if culprit not in dropped:
                    dropped.add(culprit)
                    self.lose(culprit.at, f"{culprit.text}: {mistake.code} {mistake.message}")
        losses = tuple(dict.fromkeys(self.losses))
        head = comments(losses, "#", f"Made by `dq import` from {origin}.", "Not carried over:")
        return Imported(head + text, losses)

    def _name(self) -> None:
        """Give the event and the version a form that dq takes."""
        named = free_name(self.event, ())
        if named != self.event:
            self.lose("name", f"the name {self.event!r} is written {named}")
            self.event = named
        if not _SEMVER.fullmatch(self.version):
            self.lose("version", f"the version {self.version!r} is no SemVer; 1.0.0 stands in its place")
            self.version = "1.0.0"

    def _lines(self, dropped: set[Entry]) -> Iterator[tuple[str, Entry | None]]:
        """Yield the lines, each with the entry that it is."""
        yield "dq: 1", None
        yield f"event: {scalar(self.event)}", None
        yield f"version: {self.version}", None
        for key, value in (("description", self.description), ("owner", self.owner)):
            if value:
                yield f"{key}: {scalar(str(value))}", None
        renamed = {name: draft.path for name, draft in self.fields.items() if draft.path is not None}
        if renamed:
            yield "sources:", None
            yield "  records:", None
            yield f"    format: {self.format}", None
            yield "    fields:", None
            yield from ((f"      {name}: {scalar(path)}", None) for name, path in renamed.items())
        if self.missing is not None:
            yield f"missing: {flow(list(self.missing))}", None
        if self.closed:
            yield "unknown_fields: quarantine", None
        yield "fields:", None
        for name, draft in self.fields.items():
            yield from _field_lines(name, draft, dropped)
        yield from _listed("checks", self.checks, "", dropped)
        yield from _listed("expect", self.expect, "", dropped)


def _field_lines(name: str, draft: FieldDraft, dropped: set[Entry]) -> Iterator[tuple[str, Entry | None]]:
    yield f"  {name}:", None
    yield f"    type: {scalar(draft.type)}", None
    if draft.description:
        yield f"    description: {scalar(str(draft.description))}", None
    if draft.required:
        yield "    required: true", None
    if draft.pii:
        yield "    pii: true", None
    yield from ((f"    {setting}", None) for setting in draft.settings)
    yield from _listed("checks", draft.checks, "    ", dropped)
    yield from _listed("expect", draft.expect, "    ", dropped)


def _listed(key: str, entries: Sequence[Entry], indent: str, dropped: set[Entry]) -> Iterator[tuple[str, Entry | None]]:
    """Yield a list of entries, one a line; nothing where none is left."""
    kept = [item for item in dict.fromkeys(entries) if item not in dropped]
    if kept:
        yield f"{indent}{key}:", None
    yield from ((f"{indent}  - {item.text}", item) for item in kept)


def _mistakes(text: str) -> list[Any]:
    """Return every diagnostic of a specification in a text."""
    document, diagnostics = reads(text)
    return diagnostics if document is None else [*diagnostics, *compile_document(document)[1]]


def escaped(name: str) -> str:
    """Return the name of a property as one step of a path in a record."""
    return re.sub(r"([.\[\]\\])", r"\\\1", name)


def free_name(name: str, taken: Mapping[str, Any] | Sequence[str]) -> str:
    """Return a name that dq allows and that is not taken, as near as can be."""
    normal = unicodedata.normalize("NFC", name)
    letters = "".join(c if f"a{c}".isidentifier() else "_" for c in normal)
    base = letters.lstrip("_")[:150] if letters.startswith("__") else letters[:150]
    base = base if base and not name_problem(base) else f"field_{base}".rstrip("_")
    chosen, number = base, 1
    while chosen in taken:
        number += 1
        chosen = f"{base}_{number}"
    return chosen


def entry(kind: str, value: Any = None, options: Mapping[str, Any] | None = None) -> str:
    """Return an entry of a list of checks: a bare name, or a name with its parameters, and options beside it."""
    if value is None and not options:
        return kind
    said = f"{kind}: {flow(value)}" if value is not None else f"{kind}: {{}}"
    beside = "".join(f", {key}: {flow(option)}" for key, option in (options or {}).items())
    return f"{{{said}{beside}}}" if beside else said
