"""`collapse_whitespace`: every run of white space becomes one space."""

from __future__ import annotations

import polars as pl

from dq.steps.base import TEXT_STEPS, TextStep


@TEXT_STEPS.register
class CollapseWhitespace(TextStep):
    """Replaces every run of white space (Unicode White_Space: see `dq.steps.text`) by one space.

    A run at an end becomes one space too: put `strip` beside it where the ends matter.
    """

    kind = "collapse_whitespace"
    title = "replace every run of white space by one space"
    example = "collapse_whitespace"
    example_values = (
        ("a \t\r\n b", "a b"),
        ("a\u00a0b", "a b"),
        ("a\u200b b", "a\u200b b"),
        ("  a  ", " a "),
        ("", ""),
    )

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the text with one space for every run of white space."""
        return text.str.replace_all(r"\s+", " ")
