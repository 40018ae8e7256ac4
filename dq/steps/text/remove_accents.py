"""`remove_accents`: letters without their diacritics."""

# ruff: noqa: RUF001, RUF002 -- letters of several alphabets are what this file is about.

from __future__ import annotations

import polars as pl

from dq.steps.base import TEXT_STEPS, TextStep
from dq.steps.text.normalization import beyond_ascii

# The first group is put back: there the mark makes another letter of the alphabet, not an accented one.
_MARKS = (
    r"([иИуУ]\x{306}|[іІ]\x{308})"
    r"|[\x{300}-\x{36f}\x{1ab0}-\x{1aff}\x{1dc0}-\x{1dff}\x{20d0}-\x{20ff}\x{fe20}-\x{fe2f}]"
)


@TEXT_STEPS.register
class RemoveAccents(TextStep):
    """Removes combining diacritical marks and leaves the text in form NFC.

    `é` becomes `e`, `ё` becomes `е`, `ñ` becomes `n`.  Letters that are not a base with a mark stay (`ł`,
    `ø`, `ß`), and so do the Cyrillic letters й, ў and ї and the vowel signs of Indic, Arabic and Hebrew
    scripts, without which words could not be read.
    """

    kind = "remove_accents"
    title = "remove accents from letters"
    example = "remove_accents"
    example_values = (
        ("Café naïve", "Cafe naive"),
        ("e\u0301", "e"),
        ("ёлка", "елка"),
        ("Йод Ўзбек Київ", "Йод Ўзбек Київ"),
        ("łódź", "łodz"),
        ("शुक्रिया", "शुक्रिया"),
    )

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the text without accents; ASCII is left alone (see `normalization`)."""
        bare = beyond_ascii(text).str.normalize("NFD").str.replace_all(_MARKS, "$1").str.normalize("NFC")
        return pl.coalesce(bare, text)
