"""`strip`: white space off both ends."""

from __future__ import annotations

import polars as pl

from dq.steps.base import TEXT_STEPS, TextStep


@TEXT_STEPS.register
class Strip(TextStep):
    """Removes leading and trailing white space (Unicode White_Space: see `dq.steps.text`)."""

    kind = "strip"
    aliases = ("trim",)
    title = "remove white space from both ends"
    example = "strip"
    example_values = (
        ("  a b ", "a b"),
        ("\u00a0a\u3000", "a"),
        ("\u200ba", "\u200ba"),
        ("\ufeffa", "\ufeffa"),
        (" ", ""),
    )

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the text without white space at either end."""
        return text.str.strip_chars()
