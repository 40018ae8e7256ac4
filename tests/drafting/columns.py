"""Columns for tests: a name, and the texts of its records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from dq.drafting import fields
from dq.drafting.column import Column, columns
from dq.dtypes.cast import CastOptions


def column(name: str, texts: Iterable[str | None]) -> Column:
    """Return the column of a CSV file."""
    return columns(pl.DataFrame({name: pl.Series(list(texts), dtype=pl.String)}), {name: name})[0]


def many(name: str, texts: Sequence[str], times: int = 25) -> Column:
    """Return a column in which each of these texts stands that many times."""
    return column(name, [text for text in texts for _ in range(times)])


def said(made: Column, marks: CastOptions | None = None) -> dict[str, list[str]]:
    """Return what is said of a column, by section; doubtful lines begin with a question mark."""
    found: dict[str, list[str]] = {}
    for finding in fields.draft(made, marks or CastOptions()).findings:
        found.setdefault(finding.section, []).append(("" if finding.sure else "? ") + finding.text)
    return found
