"""The text of a draft: YAML as a person would write it, behind each line what speaks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dq.drafting.fields import FieldDraft
    from dq.drafting.finding import Finding

_ORDER = ("type", "pii", "required", "missing", "formats", "words", "clean", "repair", "outliers", "checks")
_LISTS = frozenset({"clean", "checks", "repair"})
_WIDTH = 120
_COMMENT = 46  # the column at which comments begin, where the line is not longer
_FLOW = 76
_ITEM = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^,"])+,?')


@dataclass
class Page:
    """Lines of text, and which finding of which field stands on each."""

    lines: list[str] = field(default_factory=list)
    places: dict[int, tuple[str, Finding | None]] = field(default_factory=dict)

    def add(self, text: str, comment: str = "", *, at: tuple[str, Finding | None] | None = None) -> None:
        """Add a line with a comment behind it; a list that is too long for one line goes on in the next."""
        if at is not None:
            self.places[len(self.lines) + 1] = at
        *first, last = _wrapped(text)
        self.lines += [*first, f"{last.ljust(_COMMENT)}  # {comment}" if comment else last]

    def text(self) -> str:
        """Return the whole text."""
        return "\n".join(self.lines) + "\n"


def _wrapped(text: str) -> list[str]:
    """Return a line, cut behind commas into several where it is too long; a comment stays a comment."""
    if len(text) <= _WIDTH:
        return [text]
    indent = text[: len(text) - len(text.lstrip(" "))]
    more = indent + ("#       " if text.lstrip().startswith("#") else "    ")
    lines = [""]
    for piece in _ITEM.findall(text):
        if len(lines[-1]) + len(piece) > _WIDTH and piece.startswith(" ") and lines[-1].strip():
            lines.append(more + piece.lstrip())
        else:
            lines[-1] += piece
    return lines


def write_field(page: Page, made: FieldDraft, presence: str, *, block: bool = False) -> None:
    """Write one field: on one line where it is short and sure, else one line for each statement."""
    findings = sorted(made.findings, key=lambda finding: _ORDER.index(finding.section))
    flow = None if block else _flow(findings)
    if flow is not None:
        said = dict.fromkeys(filter(None, [presence, *(finding.evidence for finding in findings)]))
        line, comment = f"  {made.name}: {{{flow}}}", "; ".join(said)
        if max(len(line), _COMMENT) + len(comment) + 4 <= _WIDTH:
            page.add(line, comment, at=(made.name, None))
            return
    page.add(f"  {made.name}:", at=(made.name, None))
    for section in _ORDER:
        inside = [finding for finding in findings if finding.section == section]
        if section in _LISTS:
            _write_list(page, made.name, section, inside)
        else:
            for finding in inside:
                evidence = "; ".join(filter(None, [presence if section == "type" else "", finding.evidence]))
                value = finding.text
                page.add(f"    {_mark(finding)}{section}: {value}", evidence, at=(made.name, finding))


def _mark(finding: Finding) -> str:
    """Return what makes a comment of a line that is not sure."""
    return "" if finding.sure else "# "


def _flow(findings: list[Finding]) -> str | None:
    """Return the statements as a mapping of one line, or None where they are many, long or doubtful."""
    parts: list[str] = []
    for section in _ORDER:
        inside = [finding for finding in findings if finding.section == section]
        if any(not finding.sure for finding in inside) or (len(inside) > 1 and section not in _LISTS):
            return None
        if not inside:
            continue
        if section in {"repair", "words", "missing", "outliers"}:
            return None
        texts = [_inner(finding.text) for finding in inside]
        parts.append(f"{section}: [{', '.join(texts)}]" if section in _LISTS else f"{section}: {texts[0]}")
    flow = ", ".join(parts)
    return flow if len(flow) <= _FLOW else None


def _inner(text: str) -> str:
    """Return a statement as it stands inside of brackets."""
    if text.startswith("decimal("):
        return f'"{text}"'
    return f"{{{text}}}" if ": " in text and text[0] not in '[{"' else text


def _write_list(page: Page, name: str, section: str, inside: list[Finding]) -> None:
    """Write the entries of a list, the key as a comment where all of them are doubtful."""
    if not inside:
        return
    sure = any(finding.sure for finding in inside)
    if section == "repair" and len(inside) == 1:
        page.add(f"    {_mark(inside[0])}repair: {inside[0].text}", inside[0].evidence, at=(name, inside[0]))
        return
    before = "      " if sure else "    #   "
    page.add(f"    {section}:" if sure else f"    # {section}:")
    for finding in inside:
        page.add(f"{before}{_mark(finding) if sure else ''}- {finding.text}", finding.evidence, at=(name, finding))
