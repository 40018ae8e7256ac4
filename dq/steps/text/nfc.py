"""`nfc`: Unicode's composed form."""

from __future__ import annotations

import polars as pl

from dq.steps.base import TEXT_STEPS, TextStep
from dq.steps.text.normalization import normalize, normalize_many


@TEXT_STEPS.register
class Nfc(TextStep):
    """Writes equal text with equal characters: normalization form C of Unicode Standard Annex 15."""

    kind = "nfc"
    title = "normalize to Unicode form NFC"
    example = "nfc"
    example_values = (("e\u0301", "é"), ("\u212b", "Å"), ("ﬁ", "ﬁ"), ("и\u0306", "й"))

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the text in form NFC."""
        return normalize(text, "NFC")

    def expression_of_many(self, text: pl.Expr) -> pl.Expr:
        """Return the same, with the marks that many texts share composed first."""
        return normalize_many(text, "NFC")
