"""What a guess finds: one line of a draft, with what speaks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Section = Literal["type", "pii", "required", "missing", "formats", "words", "clean", "repair", "outliers", "checks"]

_PLAIN = re.compile(r"[^\W\d_](?:[\w /+.%-]*[\w+.%-])?")
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_SHORT = 60  # characters of a value that are shown in a comment


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement about a field.

    `text` is YAML of one line: the value of the section's key, or an entry of its list.  `evidence` says in words
    and numbers what speaks for it.  What is not `sure` is written as a comment, for a person to decide.
    """

    section: Section
    text: str
    evidence: str
    sure: bool = True


def scalar(text: str) -> str:
    """Return a text as a YAML scalar of one line, in quotes wherever somebody could read it as anything else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    """Return a character as it stands inside double quotes in YAML."""
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def sequence(texts: list[str]) -> str:
    """Return texts as a YAML list of one line."""
    return "[" + ", ".join(scalar(text) for text in texts) + "]"


def literal(text: str) -> str:
    """Return a text as a pattern of dq's dialect that matches it and nothing else."""
    return re.sub(r"[.^$*+?()\[\]{}|\\]", r"\\\g<0>", text)


def shown(text: str) -> str:
    """Return a value as a comment shows it: on one line, and not too long."""
    return scalar(text if len(text) <= _SHORT else text[: _SHORT - 1] + "…")


def number(count: int) -> str:
    """Return a count as people write it: 336,776."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 value`, `2 values`."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def share(part: int, whole: int) -> str:
    """Return a part of a whole: `2,405 of 2,410 (99.8%)`.  A share that is not all is never said to be 100%."""
    if part == whole:
        return f"all {number(whole)}"
    return f"{number(part)} of {number(whole)} ({percent(part, whole)})"


def percent(part: int, whole: int) -> str:
    """Return a share in percent with one decimal; what is neither nothing nor all is not written so."""
    tenths = round(part * 1000 / whole) if whole else 0
    if part and not tenths:
        return "<0.1%"
    if part < whole and tenths >= 1000:  # noqa: PLR2004 - tenths of a percent
        return ">99.9%"
    return f"{tenths / 10:g}%"
