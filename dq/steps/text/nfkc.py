"""`nfkc`: Unicode's composed compatibility form."""

# ruff: noqa: RUF001 -- letters of several alphabets are what this file is about.

from __future__ import annotations

import polars as pl

from dq.steps.base import TEXT_STEPS, TextStep
from dq.steps.text.normalization import normalize, normalize_many


@TEXT_STEPS.register
class Nfkc(TextStep):
    """Writes look-alikes with plain characters: normalization form KC of Unicode Standard Annex 15.

    Full-width letters, ligatures, superscripts and the no-break space become their plain equals.  This loses
    what the look carried (`x²` becomes `x2`).
    """

    kind = "nfkc"
    title = "normalize to Unicode form NFKC"
    example = "nfkc"
    example_values = (("Ａ１", "A1"), ("ﬁ", "fi"), ("x²", "x2"), ("a\u00a0b", "a b"), ("e\u0301", "é"))

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the text in form NFKC."""
        return normalize(text, "NFKC")

    def expression_of_many(self, text: pl.Expr) -> pl.Expr:
        """Return the same, with the marks that many texts share composed first."""
        return normalize_many(text, "NFKC")
