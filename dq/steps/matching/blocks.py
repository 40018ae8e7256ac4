"""Blocks: only records that agree in a block are compared, since comparing all with all grows with the square.

A block is made of parts, each a field, its first characters or its sound; a record without a value in one part is
in no block of that kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

_CODES = {
    letter: digit
    for digit, letters in enumerate(("BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"), start=1)
    for letter in letters
}
_SOUND_LENGTH = 4

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BlockPart:
    """A part of a block: a field, its first characters where `first` is given, or its sound."""

    field: str
    first: int | None = None
    soundex: bool = False

    def identity(self) -> Any:
        """Return the part as JSON values, for fingerprints and the report."""
        if self.soundex:
            return {"field": self.field, "soundex": True}
        return self.field if self.first is None else {"field": self.field, "first": self.first}

    def codes(self, texts: pl.Series) -> Codes:
        """Return a number for each value, -1 where there is none; `texts` are canonical texts."""
        if self.first is not None:
            texts = texts.str.slice(0, self.first)
        if self.soundex:
            distinct = texts.drop_nulls().unique()
            sounds = pl.Series([soundex(text) for text in distinct], dtype=pl.String)
            texts = texts.replace_strict(distinct, sounds, default=None, return_dtype=pl.String)
        return dense(texts)


def dense(values: pl.Series) -> Codes:
    """Return the rank of each value among the distinct ones, from 0; -1 for null."""
    return values.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1


def block_codes(parts: tuple[BlockPart, ...], texts: pl.DataFrame) -> Codes:
    """Return a number for each row, the same where all parts agree; -1 where one has no value."""
    numbers = np.zeros(texts.height, dtype=np.int64)
    for part in parts:
        own = part.codes(texts[part.field])
        missing = (own < 0) | (numbers < 0)
        both = numbers * (own.max(initial=0) + 1) + own
        _, numbers = np.unique(both, return_inverse=True)
        numbers = np.where(missing, -1, numbers)
    return numbers


def soundex(text: str) -> str | None:
    """Return the American Soundex of a text (Russell 1918, the rules of the National Archives); None without letters.

    Letters with the same code count once, also with H or W between them; other characters than A to Z are left out.
    """
    letters = [letter for letter in text.upper() if "A" <= letter <= "Z"]
    if not letters:
        return None
    digits: list[str] = []
    last = _CODES.get(letters[0])
    for letter in letters[1:]:
        code = _CODES.get(letter)
        if code is not None and code != last:
            digits.append(str(code))
        if letter not in "HW":
            last = code
    return (letters[0] + "".join(digits)).ljust(_SOUND_LENGTH, "0")[:_SOUND_LENGTH]
