"""Unicode normalization, shared by the steps that need it."""

from __future__ import annotations

from typing import Literal

import polars as pl


def beyond_ascii(text: pl.Expr) -> pl.Expr:
    """Return the text where it has a character beyond ASCII, and null elsewhere."""
    return pl.when(text.str.len_bytes() != text.str.len_chars()).then(text)


def normalize(text: pl.Expr, form: Literal["NFC", "NFKC"]) -> pl.Expr:
    """Return the text in a normalization form of Unicode Standard Annex 15; null stays null.

    ASCII is in every form already, and Polars has no shortcut for it, so only the other rows are handed
    over (measured on a million ASCII identifiers: 12 ms instead of 580 ms).
    """
    return pl.coalesce(beyond_ascii(text).str.normalize(form), text)
