"""`title`: a capital at the start of every word."""

# ruff: noqa: RUF001 -- letters of several alphabets are what this file is about.

from __future__ import annotations

import polars as pl

from dq.steps.base import TEXT_STEPS, TextStep

# Polars' own `to_titlecase` begins a new word after a digit (`3Rd`), an apostrophe (`Don'T`) and, worse, after
# a combining mark, so that the result would depend on how an accent happens to be encoded.
_CONTRACTION = r"(?:['\x{2019}](?:s|t|m|d|re|ve|ll)\b)?"
_WORD_OR_GAP = rf"(?i)[\p{{L}}\p{{M}}\p{{N}}]+{_CONTRACTION}|[^\p{{L}}\p{{M}}\p{{N}}]+"


@TEXT_STEPS.register
class Title(TextStep):
    """Writes every word with a capital first letter and the rest in lower case.

    A word is a run of letters, their marks and digits, with an English contraction if one follows: `Don't`,
    but `O'Neil`; anything else ends it: `Anna-Maria`.
    """

    kind = "title"
    title = "write every word with a capital first letter"
    example = "title"
    example_values = (
        ("anna-MARIA o'neil", "Anna-Maria O'Neil"),
        ("иван ПЕТРОВ", "Иван Петров"),
        ("I DON’T KNOW", "I Don’t Know"),
        ("3RD place", "3rd Place"),
        ("e\u0301te\u0301", "E\u0301te\u0301"),
        ("", ""),
    )

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the text in title case."""
        word = pl.element()
        capitalized = word.str.head(1).str.to_titlecase() + word.str.tail(-1)
        return text.str.to_lowercase().str.extract_all(_WORD_OR_GAP).list.eval(capitalized).list.join("")
