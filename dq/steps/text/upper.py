"""`upper`: upper case."""

# ruff: noqa: RUF001 -- letters of several alphabets are what this file is about.

from __future__ import annotations

import polars as pl

from dq.steps.base import TEXT_STEPS, TextStep


@TEXT_STEPS.register
class Upper(TextStep):
    """Maps to upper case by Unicode's full, locale-independent mapping, as Python's `str.upper` does.

    One character may become several: `ß` becomes `SS`.
    """

    kind = "upper"
    aliases = ("uppercase",)
    title = "map to upper case"
    example = "upper"
    example_values = (("abc-ж1", "ABC-Ж1"), ("straße", "STRASSE"), ("ı", "I"), ("\u0390", "\u0399\u0308\u0301"))

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the text in upper case."""
        return text.str.to_uppercase()
