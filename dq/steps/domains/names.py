"""Names that people write in many ways, and tables that find what they name."""

# ruff: noqa: RUF001 -- letters of several alphabets are what this file is about.

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_APOSTROPHES = frozenset(".'’‘ʼ`´")


def fold(name: str) -> str:
    """Return a name without what does not tell names apart: letter case, accents, punctuation, white space.

    Points and apostrophes vanish (`U.K.`, `Côte d'Ivoire`), other punctuation separates words, `&` is `and`.
    Signs, control characters and invisible marks stay, so that a name which holds one is found in no table.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold()).translate(_LETTERS)
    return " ".join("".join(_folded(char) for char in plain).split())


def _folded(char: str) -> str:
    if char.isalnum():
        return char
    if char in _APOSTROPHES:
        return ""
    if char == "&":
        return " and "
    category = unicodedata.category(char)
    if category == "Mn":
        return ""
    return " " if category[0] in "PZ" or char in "\t\n\r" else char


def find(table: dict[str, str], text: str) -> str | None:
    """Return what a name means, with or without a leading `the`."""
    key = fold(text)
    return table.get(key) or table.get(key.removeprefix("the ")) or None


def name_table(*levels: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return a table from folded names to what they mean.

    Each level is pairs of a name and its meaning.  An earlier level decides over a later one; within a level a name
    with two meanings means nothing (it maps to the empty text), because to choose would be to guess.
    """
    table: dict[str, str] = {}
    for level in levels:
        found: dict[str, str] = {}
        for name, meaning in level:
            key = fold(name).removeprefix("the ")
            found[key] = meaning if found.get(key, meaning) == meaning else ""
        for key, meaning in found.items():
            table.setdefault(key, meaning)
    table.pop("", None)
    return table
