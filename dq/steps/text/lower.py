"""`lower`: lower case."""

from __future__ import annotations

import polars as pl

from dq.steps.base import TEXT_STEPS, TextStep


@TEXT_STEPS.register
class Lower(TextStep):
    """Maps to lower case by Unicode's full, locale-independent mapping, as Python's `str.lower` does.

    A capital sigma at the end of a word becomes the final sigma, `İ` becomes `i` with a combining dot, and
    the Turkish dotless i is not known: case has no language here.
    """

    kind = "lower"
    aliases = ("lowercase",)
    title = "map to lower case"
    example = "lower"
    example_values = (("ABC-Ж1", "abc-ж1"), ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("İ", "i\u0307"), ("Straße", "straße"))

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the text in lower case."""
        return text.str.to_lowercase()
