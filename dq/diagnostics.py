"""Diagnostics: mistakes in a specification, as data.

A diagnostic is a code, a place and the values that its message speaks of.  Messages, titles and
explanations stand in one table (`dq.catalog`), from which `dq explain CODE` and the reference page are
made.  Diagnostics are never about data: a fault in the data is a reason (`dq.outcome`).
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    """How bad a mistake is.  An error refuses the spec; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a spec file: 1-based line and column of its first character, and of the one after its last."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        """Return `file:line:column`, the form that editors and terminals make a link of."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Code:
    """One row of the catalogue.

    `template` is the one-line message with `{names}` to fill; `explanation` is what `dq explain` prints:
    why this is refused and what to write instead, with a short YAML example.
    """

    code: str
    title: str
    template: str
    explanation: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake.  `suggestion` is the word that was probably meant, or None."""

    code: str
    message: str
    span: Span
    suggestion: str | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Return `file:line:column: CODE message`, with the suggestion where there is one."""
        hint = f" ({self.hint})" if self.suggestion else ""
        return f"{self.span}: {self.code} {self.message}{hint}"

    @property
    def hint(self) -> str:
        """What was probably meant, as a question; empty without a suggestion.  What has quotes of its own gets none."""
        if not self.suggestion:
            return ""
        plain = self.suggestion[0].isalpha() and "'" not in self.suggestion and '"' not in self.suggestion
        return f"did you mean '{self.suggestion}'?" if plain else f"did you mean `{self.suggestion}`?"


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that is nearest to `word`, or None where none is near.

    Nearness is that of `difflib` over lower-cased words, cut at 0.6; the first of equals wins.
    """
    lowered: dict[str, str] = {}
    for candidate in candidates:
        lowered.setdefault(candidate.lower(), candidate)
    near = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[near[0]] if near else None
