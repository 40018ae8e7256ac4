"""Fields of one record that stand in an order: what ends does not end before it begins."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from dq.drafting.finding import share
from dq.dtypes.cast import cast
from dq.sources.base import KIND_SUFFIX

if TYPE_CHECKING:
    from dq.drafting.fields import FieldDraft

_FEWEST = 50
_MOST_FIELDS = 8
_MOST_LINES = 4
_NEARLY = 0.99
RESERVED = frozenset({"or", "and", "not", "in", "between", "is", "null", "true", "false"})  # words of expressions
_BOUNDS = (("low", "high"), ("min", "max"), ("minimum", "maximum"), ("lower", "upper"))


def guess(fields: list[FieldDraft], cells: pl.DataFrame) -> list[str]:
    """Return the assertions that one field is not before, or below, another one, as lines of `checks`.

    Asked are dates and moments, and numbers whose names are a pair such as low and high.  What nearly all records keep
    is a doubt.
    """
    plain = [made for made in fields if _is_plain(made)]
    moments = [made for made in plain if made.reading.type.name in {"date", "datetime"}][:_MOST_FIELDS]
    pairs = [(a, b) for a, b in combinations(moments, 2) if a.reading.type == b.reading.type]
    pairs += _bounds([made for made in plain if made.has("checks", "between")])
    lines = []
    for one, other in pairs:
        lines += _ordered(one, other, cells)
    return lines[:_MOST_LINES]


def _is_plain(made: FieldDraft) -> bool:
    """Whether a field's name can stand in an expression as it is, and its values need no cleaning but `strip`."""
    cleaned = any(f.section == "clean" and f.text != "strip" for f in made.findings)
    return not cleaned and made.name.lower() not in RESERVED


def _bounds(numbers: list[FieldDraft]) -> list[tuple[FieldDraft, FieldDraft]]:
    """Return the fields whose names differ in one word, by which one is the lower bound and the other the upper."""
    by_words = {made.column.words: made for made in numbers}
    pairs = []
    for words, made in by_words.items():
        for low, high in _BOUNDS:
            other = by_words.get(tuple(high if word == low else word for word in words))
            if low in words and other is not None:
                pairs.append((made, other))
    return pairs


def _ordered(one: FieldDraft, other: FieldDraft, cells: pl.DataFrame) -> list[str]:
    """Return the assertion about two fields, in the direction that the records have; none where they have none."""
    values = pl.DataFrame([_values(one, cells), _values(other, cells)])
    both = values.drop_nulls()
    if both.height < _FEWEST or 2 * both.height < values.height:
        return []
    first, last = both.columns
    for early, late in ((first, last), (last, first)):
        kept = int((both[early] <= both[late]).sum())
        if kept >= _NEARLY * both.height and 2 * int((both[early] < both[late]).sum()) > both.height:
            where = f", where: {first} is not null and {last} is not null" if both.height < values.height else ""
            sign = "" if kept == both.height else "# "
            below = "before" if one.reading.type.name in {"date", "datetime"} else "below"
            name = f"{late}_not_{below}_{early}"
            return [f"{sign}- {{id: {name}, assert: {late} >= {early}{where}}}  # {share(kept, both.height)} keep it"]
    return []


def _values(made: FieldDraft, cells: pl.DataFrame) -> pl.Series:
    """Return the values of a field in every record of the sample, null where there is none or none that can be read."""
    kind = made.name + KIND_SUFFIX
    text = pl.col(made.name).str.strip_chars()
    caster = cast(made.reading.type, made.reading.options)
    value = caster.expression(text, pl.col(kind) if kind in cells.columns else None)
    return cells.select(value.alias(made.name)).to_series()
