"""Spellings that are one value: white space around it, letter case, blanks inside."""

from __future__ import annotations

from collections import Counter

import polars as pl

from dq.drafting.column import Column
from dq.drafting.finding import Finding, counted, number, scalar, share
from dq.drafting.steps import step

_EDGES = r"^\s|\s$"
_INSIDE = r"\S\s{2,}\S|\S[\t\n\r\u00a0]\S"
_MOST_MAPPED = 12
_MOST_KNOWN = 50  # different texts that a person may oversee
_ABBREVIATION = 3  # letters
_MOST_TEXTS = 50_000  # distinct ones, above which a column is no vocabulary


def edges(column: Column) -> list[tuple[Finding, Column]]:
    """Return `strip` where values have white space around them."""
    return _applied(column, "strip", column.texts.str.contains(_EDGES), "have white space at an end")


def inside(column: Column) -> list[tuple[Finding, Column]]:
    """Return `collapse_whitespace` where it makes one value of several."""
    runs = column.texts.str.contains(_INSIDE)
    if not runs.any():
        return []
    cleaner = step("collapse_whitespace")
    if cleaner is None or column.cleaned(cleaner).distinct == column.distinct:
        return []
    return _applied(column, "collapse_whitespace", runs, "have runs of white space; without them spellings are one")


def case(column: Column) -> list[tuple[Finding, Column]]:
    """Return the step by which spellings that differ in letter case become one value."""
    if column.distinct > _MOST_TEXTS:
        return []
    groups = _groups(column)
    if groups.is_empty():
        return []
    pairs = _mapped(groups, _styles(column, groups))
    merged = column.count(column.texts.is_in(list(pairs)))
    evidence = f"{counted(groups.height, 'value')} in several spellings, {share(merged, column.present)} cells"
    kind = _common_case(column)
    if kind is not None:
        cleaner = step(kind)
        return [] if cleaner is None else [(Finding("clean", kind, evidence), column.cleaned(cleaner))]
    if len(pairs) > _MOST_MAPPED or column.distinct > max(_MOST_KNOWN, column.present // 5):
        return (
            []
            if 100 * merged < column.present
            else [(Finding("clean", "lower", f"{evidence}; loses the capitals of all others", sure=False), column)]
        )
    text = "map: {" + ", ".join(f"{scalar(old)}: {scalar(new)}" for old, new in pairs.items()) + "}"
    return [(Finding("clean", text, evidence), column.replaced(pairs))]


def _applied(column: Column, kind: str, where: pl.Series, what: str) -> list[tuple[Finding, Column]]:
    """Return a step without parameters, where it changes any cell."""
    count, cleaner = column.count(where), step(kind)
    if not count or cleaner is None:
        return []
    return [(Finding("clean", kind, f"{share(count, column.present)} values {what}"), column.cleaned(cleaner))]


def _groups(column: Column) -> pl.DataFrame:
    """Return the values that have several spellings by letter case.

    `texts` has all spellings, the most frequent first.
    """
    return (
        column.counts.with_columns(folded=pl.col("text").str.to_lowercase())
        .group_by("folded", maintain_order=True)
        .agg(pl.col("text").alias("texts"))
        .filter(pl.col("texts").list.len() > 1)
    )


def _common_case(column: Column) -> str | None:
    """Return `upper` or `lower` where nearly all cells are written so, else None."""
    letters = column.texts.str.contains(r"\p{L}")
    total = column.count(letters)
    for kind, plain in (("upper", column.texts.str.to_uppercase()), ("lower", column.texts.str.to_lowercase())):
        if column.count(letters & (plain == column.texts)) >= 0.9 * total:
            return kind
    return None


def _styles(column: Column, groups: pl.DataFrame) -> list[str]:
    """Return the styles of the values that have one spelling, the usual one first: how a person writes this column."""
    several = set(groups["folded"])
    counts = Counter(_style(text) for text in column.texts if text.lower() not in several)
    return [style for style, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _style(text: str) -> str:
    """Return how the letters of a text are written: upper, lower, title, or mixed."""
    if text.isupper():
        return "upper"
    if text.islower():
        return "lower"
    return "title" if text[:1].isupper() and text[1:].islower() else "mixed"


def _mapped(groups: pl.DataFrame, styles: list[str]) -> dict[str, str]:
    """Return each other spelling of a value with the one that is kept.

    It is the one in the style of the rest of the column; where the rest tells nothing, capitals for what is as short as
    an abbreviation, and else the most frequent spelling.
    """
    pairs: dict[str, str] = {}
    for texts in groups["texts"].to_list():
        wanted = styles or (["upper"] if len(texts[0]) <= _ABBREVIATION else [])
        by_style = {_style(text): text for text in reversed(texts)}
        kept = next((by_style[style] for style in wanted if style in by_style), texts[0])
        pairs |= {text: kept for text in texts if text != kept}
    return pairs


def told(column: Column) -> str:
    """Say how many values a column of texts has."""
    return f"{number(column.distinct)} different texts"
