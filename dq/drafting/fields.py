"""One field of a draft: every guess about one column, in the order in which a run treats its values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dq.drafting import (
    accepted,
    codes,
    missing_words,
    moments,
    notations,
    personal,
    presence,
    quantities,
    ranges,
    spellings,
    value_types,
)
from dq.dtypes.cast import CastOptions
from dq.dtypes.types import NUMBER, CellKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from dq.drafting.column import Column
    from dq.drafting.finding import Finding
    from dq.drafting.moments import Reading

    TextGuess = Callable[[Column], list[tuple[Finding, Column]]]

_OF_TEXT: tuple[TextGuess, ...] = (spellings.edges, missing_words.guess)
_NESTED = (int(CellKind.ARRAY), int(CellKind.OBJECT))  # what no text can be
_PLAIN = ("quantity", "percent", "number")  # steps that write numbers with a point, whatever they read
_OF_WORDS: tuple[TextGuess, ...] = (spellings.inside, notations.capitals, notations.domain, spellings.case)


@dataclass
class FieldDraft:
    """What is said of one field.

    `column` is what cleaning leaves of it, `raw` what the source has, `absent` the texts that mean no value.
    """

    raw: Column
    column: Column
    reading: Reading
    absent: tuple[str, ...] = ()
    findings: list[Finding] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the field."""
        return self.raw.name

    @property
    def is_personal(self) -> bool:
        """Whether its values may not be shown."""
        return any(finding.section == "pii" and finding.sure for finding in self.findings)

    def has(self, section: str, start: str = "") -> bool:
        """Whether something sure is said in a section, in words that begin so."""
        return any(f.section == section and f.sure and f.text.startswith(start) for f in self.findings)

    def revise(self, finding: Finding, other: Finding) -> None:
        """Put another finding in the place of one."""
        self.findings[self.findings.index(finding)] = other


def draft(column: Column, marks: CastOptions) -> FieldDraft:
    """Return the draft of one column, seen by itself."""
    raw = column
    findings: list[Finding] = []
    for guess in _OF_TEXT:
        column = _apply(guess, column, findings)
    if column.readable(NUMBER, marks) < column.present and moments.guess(column) is None:
        column = _apply(quantities.guess, column, findings)
        if any(finding.text.startswith(_PLAIN) for finding in findings):
            marks = CastOptions()
    reading = value_types.guess(column, marks)
    if reading.type.name == "string":
        for guess in _OF_WORDS:
            column = _apply(guess, column, findings)
    findings = [*reading.findings, *findings, *presence.guess(column)]
    made = FieldDraft(raw, column, reading, tuple(missing_words.words(raw)), findings)
    made.findings += personal.guess(column)
    made.findings += _checks(made)
    if made.is_personal:
        made.findings = [_without_values(finding) for finding in made.findings if _may_be_shown(finding)]
    return made


def _apply(guess: TextGuess, column: Column, findings: list[Finding]) -> Column:
    """Write down what a guess finds, and return the column as it leaves it."""
    for finding, after in guess(column):
        findings.append(finding)
        column = after
    return column


def _checks(made: FieldDraft) -> list[Finding]:
    """Return what is asked of the values of a field; the first guess that knows them decides."""
    column, reading = made.column, made.reading
    if reading.type.name == "string":
        column = column.without(column.counts["kind"].is_in(_NESTED))
    is_text = reading.type.name == "string" and column.present > 0
    found = notations.guess(column) if is_text else []
    found = found or accepted.guess(column, reading)
    if not found and is_text:
        found = codes.guess(column)
    if not found:
        found = ranges.guess(column, reading)
    if reading.type.name in {"integer", "number"} or reading.type.name.startswith("decimal"):
        found = [*found, *missing_words.doubtful(column, reading)]
    return found


def _may_be_shown(finding: Finding) -> bool:
    """Whether a line of a field with personal data shows no value: lists of values are left out."""
    return not finding.text.startswith(("accepted_values", "map", "{vocabulary", "between"))


def _without_values(finding: Finding) -> Finding:
    """Return a finding of personal data; shares stay, and what could quote a value goes."""
    return replace(finding, evidence=finding.evidence.split("; ")[0]) if '"' in finding.evidence else finding
