"""Which known word a text is a spelling of."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dq.plan.bound import BoundCheck, BoundField

ALIKE = 0.8
"""The least likeness, as `difflib` measures it, of a spelling and what is meant."""
APART = 0.1
"""How much more alike it must be to that than to any other."""
MANY = 1000
"""Of more words, only those with the same letters are found: the time that it takes has a bound."""
SHORTEST = 4
"""Shorter words are compared by their letters alone: one letter more or less makes another word of them."""


class Spellings:
    """Some words, each of which may be spelt in other ways: letter case, accents, white space, marks, slips."""

    def __init__(self, known: Mapping[str, str]) -> None:
        """Keep known spellings with what they mean, by their letters and digits."""
        self._known = known
        self._meant: dict[str, set[str]] = {}
        for word, meant in known.items():
            self._meant.setdefault(letters(word), set()).add(meant)

    def meant(self, text: str) -> str | None:
        """Return what a text is a spelling of, or None where nothing or more than one thing could be meant."""
        bare = letters(text)
        if not bare or text in self._known:
            return None
        if bare in self._meant:
            return _only(self._meant[bare])
        return None if len(bare) < SHORTEST or len(self._meant) > MANY else self._nearest(bare)

    def _nearest(self, bare: str) -> str | None:
        """Return what the most alike word means, where that is alike enough and apart from all others."""
        likeness: dict[str, float] = {}
        matcher = difflib.SequenceMatcher(None, autojunk=False)
        matcher.set_seq2(bare)
        for word, meant in self._meant.items():
            alike = _alike(matcher, word) if _digits(word) == _digits(bare) else 0.0
            for one in meant if alike else ():
                likeness[one] = max(likeness.get(one, 0.0), alike)
        ranked = sorted(likeness.items(), key=lambda item: (-item[1], item[0]))
        if not ranked or ranked[0][1] < ALIKE or (len(ranked) > 1 and ranked[0][1] - ranked[1][1] < APART):
            return None
        return ranked[0][0]


def _only(meant: set[str]) -> str | None:
    """Return the only member of a set, or None where there are more."""
    return next(iter(meant)) if len(meant) == 1 else None


def known_words(field: BoundField, check: BoundCheck) -> dict[str, str]:
    """Return what the field accepts, and the keys of its maps that become such values."""
    accepted = {str(value): str(value) for value in check.check.values}  # type: ignore[union-attr]
    tables = [bound.step.params.table for bound in field.steps if bound.step.kind == "map"]
    mapped = {key: target.text for table in tables for key, target in table.items() if target.text in accepted}
    return mapped | accepted


def letters(text: str) -> str:
    """Return the letters and digits of a text, without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if c.isalnum())


def _digits(text: str) -> str:
    """Return the digits of a text: with others it is another number, and no slip."""
    return "".join(filter(str.isdigit, text))


def _alike(matcher: difflib.SequenceMatcher[str], word: str) -> float:
    """Return how alike a word is to the matcher's, from 0 to 1; 0 where that is less than could ever matter."""
    least = ALIKE - APART
    if len(word) < SHORTEST:
        return 0.0
    matcher.set_seq1(word)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    return matcher.ratio()
