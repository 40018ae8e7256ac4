"""Codes: texts that all have one shape, such as three capitals, or a letter and five digits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from dq.drafting.column import longest
from dq.drafting.finding import Finding, literal, scalar, share

if TYPE_CHECKING:
    from dq.drafting.column import Column

_FEWEST_RECORDS = 20
_FEWEST_VALUES = 5
_LONGEST = 64
_ENOUGH = 0.95
_ALL = 0.995  # of the values must be of one of two shapes, where one does not suffice
_MOST_RUNS = 9
_CLASSES = {"A": "[A-Z]", "a": "[a-z]", "9": "[0-9]"}
_HEXADECIMAL = r"^[0-9a-f]+$"


def guess(column: Column) -> list[Finding]:
    """Return the pattern of a column of codes; none for words, names and sentences."""
    if column.present < _FEWEST_RECORDS or column.distinct < _FEWEST_VALUES:
        return []
    if longest(column.texts) > _LONGEST:
        return []
    pattern = _hexadecimal(column) or _of_runs(column) or _of_one_alphabet(column)
    if pattern is None:
        return []
    found = column.matching(pattern)
    return [Finding("checks", f"pattern: {scalar(pattern)}", f"{share(found, column.present)} values match")]


def _hexadecimal(column: Column) -> str | None:
    """Return the pattern of hexadecimal numbers of one length, such as sums."""
    lengths = column.texts.str.len_chars()
    length = int(lengths[0])
    fits = (lengths == length) & column.texts.str.contains(_HEXADECIMAL)
    letters = column.texts.str.contains("[a-f]") & column.texts.str.contains("[0-9]")
    if length < 8 or column.count(fits) < _ENOUGH * column.present or not column.count(fits & letters):  # noqa: PLR2004
        return None
    return None if column.matching("^[0-9]+$") > column.present // 2 else f"^[0-9a-f]{{{length}}}$"


def _of_runs(column: Column) -> str | None:
    """Return the pattern of texts that are runs of letters, digits and marks, in one order or in one of two."""
    masks = column.counts.with_columns(mask=_mask(pl.col("text")))
    shapes = masks.with_columns(
        shape=pl.col("mask").str.replace_all("A+", "A").str.replace_all("a+", "a").str.replace_all("9+", "9")
    )
    sums = shapes.group_by("shape").agg(pl.col("count").sum()).sort(["count", "shape"], descending=[True, False])
    counts = sums["count"].to_list()
    two = len(counts) > 1 and counts[0] < _ALL * column.present <= counts[0] + counts[1]
    if not two and counts[0] < _ENOUGH * column.present:
        return None
    chosen = sums["shape"].to_list()[: 2 if two else 1]
    if not all(len(shape) <= _MOST_RUNS and _is_code(shape) for shape in chosen):
        return None
    parts = [_pattern(shapes.filter(pl.col("shape") == shape)) for shape in chosen]
    if parts[0] in {"[a-z]+", "[A-Z]+", "[A-Z][a-z]+"}:
        return None
    return f"^{parts[0]}$" if not two else f"^(?:{'|'.join(parts)})$"


def _pattern(rows: pl.DataFrame) -> str:
    """Return the pattern of texts that are the same runs in the same order, by their masks."""
    runs = [re.findall("A+|a+|9+|.", mask, re.DOTALL) for mask in rows["mask"]]
    texts = [_cut(text, run) for text, run in zip(rows["text"], runs, strict=True)]
    return "".join(_part(list(of_run)) for of_run in zip(*texts, strict=True))


def _mask(text: pl.Expr) -> pl.Expr:
    """Return texts with every capital as A, every small letter as a, every digit as 9."""
    return text.str.replace_all("[A-Z]", "A").str.replace_all("[a-z]", "a").str.replace_all("[0-9]", "9")


def _is_code(shape: str) -> bool:
    """Whether a shape is that of a code: with a digit or a capital in front, of ASCII, without blanks."""
    bare = shape.isascii() and shape.isprintable() and " " not in shape
    return bare and ("9" in shape or shape.startswith("A")) and not re.fullmatch(r"A?a(?:[-.'_/,]A?a)*", shape)


def _cut(text: str, runs: list[str]) -> list[str]:
    """Return a text cut as its mask is."""
    parts, start = [], 0
    for run in runs:
        parts.append(text[start : start + len(run)])
        start += len(run)
    return parts


def _part(texts: list[str]) -> str:
    """Return the pattern of one run: the text itself where it is always the same, else its class and its lengths."""
    if len(set(texts)) == 1:
        return literal(texts[0])
    kind = "[0-9]" if texts[0].isdigit() else "[A-Z]" if texts[0].isupper() else "[a-z]"
    lengths = {len(text) for text in texts}
    if lengths == {1}:
        return kind
    return f"{kind}{{{lengths.pop()}}}" if len(lengths) == 1 else f"{kind}+"


def _of_one_alphabet(column: Column) -> str | None:
    """Return the pattern of texts of capitals and digits, all about as long, behind what all begin with."""
    texts = column.texts
    fits = texts.str.contains("^[A-Z0-9]+$")
    if column.count(fits) < _ENOUGH * column.present or not column.matching("[0-9]"):
        return None
    kept = texts.filter(fits)
    if column.matching("[0-9]") < column.present // 2 and kept.str.len_chars().n_unique() > 1:
        return None
    shortest = min(kept.str.len_chars().to_list())
    prefix = _prefix(str(kept.min()), str(kept.max()))
    low, high = shortest - len(prefix), longest(kept) - len(prefix)
    if low < 1 or high > 4 * low + 4:
        return None
    return f"^{prefix}[A-Z0-9]{{{low}}}$" if low == high else f"^{prefix}[A-Z0-9]{{{low},{high}}}$"


def _prefix(first: str, last: str) -> str:
    """Return what two texts, and all between them in order, begin with."""
    for at, (one, other) in enumerate(zip(first, last, strict=False)):
        if one != other:
            return first[:at]
    return min(first, last, key=len)
