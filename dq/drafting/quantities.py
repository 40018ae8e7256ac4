"""Numbers that are not written as plain numbers: with a unit, a percent sign, a currency, marks between thousands."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.drafting.column import Column
from dq.drafting.finding import Finding, literal, scalar, share, shown
from dq.drafting.steps import step

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = r"^-?\d+(?:\.\d+)?$"
_PLAIN_COMMA = r"^-?\d+(?:,\d+)?$"
_NUMERAL = r"[-+]?\d[\d.,\u00a0 ']*"
_PERCENT = rf"^{_NUMERAL}\s*%$"
_UNIT = rf"^{_NUMERAL}\s*([\p{{L}}°µ\"" + "\u2032\u2033" + r"][\p{L}\d°µ./ -]*)$"
_MONEY = rf"^(?:[$€£¥₽₴₸]\s?{_NUMERAL}|-[$€£¥₽₴₸]\s?{_NUMERAL}|{_NUMERAL}\s?[$€£¥₽₴₸])$"
_EXPONENT = r"^[eE][-+]?\d"
_MOST = 0.9  # of the values must be read by a step that a draft proposes
_LONGEST_UNIT = 30
_FORMS = (
    # pattern of the values, decimal mark, mark between thousands
    (r"^[-+]?\d{1,3}(?:,\d{3})+\.\d+$|^[-+]?\d{1,3}(?:,\d{3}){2,}$", ".", ","),
    (r"^[-+]?\d{1,3}(?:\.\d{3})+,\d+$|^[-+]?\d{1,3}(?:\.\d{3}){2,}$", ",", "."),
    (r"^[-+]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:,\d+)?$", ",", " "),
    (r"^[-+]?\d{1,3}(?:'\d{3})+(?:\.\d+)?$", ".", "'"),
    (r"^[-+]?\d+,\d+$", ",", None),
    (r"^\+\d+(?:\.\d+)?$|^-?\.\d+$", ".", None),
)

# An amount of money has no three decimal places: marks before groups of three digits are between thousands.
_FORMS_OF_MONEY = (
    (r"^-?[1-9]\d{0,2}(?:,\d{3})+$", ".", ","),
    (r"^-?[1-9]\d{0,2}(?:\.\d{3})+$", ",", "."),
)

Change = tuple[Finding, Column]


def guess(column: Column) -> list[Change]:
    """Return the step that makes plain numbers of a column's texts, and the column after it; none for other texts."""
    if not column.present or not column.is_text or column.matching(PLAIN) == column.present:
        return []
    if column.matching(r"^[-+]?[$€£¥₽₴₸]?\s?\.?\d") < _MOST * column.present:
        return []
    for found in (_percent, _unit, _money, _marks):
        changes = found(column)
        if changes:
            return changes
    return []


def _percent(column: Column) -> list[Change]:
    """Return `percent`, or the removal of a sign that means nothing beside numbers as large without one."""
    signed, plain = column.matching(_PERCENT), column.matching(PLAIN)
    if not signed or signed + plain < _MOST * column.present:
        return []
    if plain and _median(column, _PERCENT) < 20 * _median(column, PLAIN):
        evidence = f"{share(signed, column.present)} values end in %, and are no larger than those without"
        return _proposed(column, "replace", {"pattern": " *%$", "with": ""}, evidence)
    evidence = f"{share(signed, column.present)} values end in %; becomes a share: 5% is 0.05"
    marks = {"decimal": ","} if column.matching(r"\d,\d{1,2}\s*%$") else {}
    return _proposed(column, "percent", marks, evidence)


def _median(column: Column, pattern: str) -> float:
    """Return the median size of the numbers in the cells that match a pattern."""
    cells = column.counts.filter(pl.col("text").str.contains(pattern))
    sizes = cells.select(
        pl.col("text").str.extract(r"(\d+(?:[.,]\d+)?)").str.replace(",", ".").cast(pl.Float64, strict=False)
        .repeat_by("count").list.explode(empty_as_null=False, keep_nulls=False)
    ).to_series()  # fmt: skip
    return float(sizes.median() or 0.0)  # type: ignore[arg-type]


def _unit(column: Column) -> list[Change]:
    """Return `quantity` for units that dq knows, or the removal of a word that stands behind every number."""
    tails = column.counts.with_columns(tail=pl.col("text").str.extract(_UNIT, 1)).drop_nulls("tail")
    tails = tails.filter(~pl.col("tail").str.contains(_EXPONENT))
    united, plain = int(tails["count"].sum()), column.matching(PLAIN)
    if 2 * united < column.present or united + plain < _MOST * column.present:
        return []
    weights: Counter[str] = Counter()
    for tail, count in tails.select("tail", "count").iter_rows():
        weights[tail.strip()] += count
    return _known_unit(column, weights) or _behind_numbers(column, weights, plain)


def _known_unit(column: Column, weights: Counter[str]) -> list[Change]:
    """Return `quantity` in the most frequent unit that dq knows; words behind it are disregarded if there are any."""
    usual = weights.most_common(1)[0][0]
    evidence = f"{share(weights.total(), column.present)} values have a unit, {shown(usual)} mostly"
    marks = {"decimal": ","} if column.matching(r"^[-+]?\d+,\d{1,2}\D") else {}
    for unit in _candidates(weights):
        for after in ({}, {"after": "ignore"}):
            changes = _proposed(column, "quantity", {"unit": unit} | marks | after, evidence)
            if changes and (after or changes[0][1].matching(PLAIN) == column.present):
                return changes
    return []


def _behind_numbers(column: Column, weights: Counter[str], plain: int) -> list[Change]:
    """Return the removal of the one word that stands behind numbers, such as patients."""
    word, count = min(weights.items(), key=lambda item: (-item[1], item[0]))
    if len(word) > _LONGEST_UNIT or any(map(str.isdigit, word)) or count < _MOST * (column.present - plain):
        return []
    pattern = f" *{literal(word)}$"
    evidence = f"{share(count, column.present)} values are a number and this word"
    return _proposed(column, "replace", {"pattern": pattern, "with": ""}, evidence)


def _candidates(weights: Counter[str]) -> Iterator[str]:
    """Yield the units that may be declared: the frequent words behind numbers, without points, in lower case too."""
    tried: set[str] = set()
    for word, _count in sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:3]:
        bare = word.strip(". ")
        for unit in (bare, bare.lower(), bare.lower().split(" ")[0].strip(".")):
            if unit and unit not in tried:
                tried.add(unit)
                yield unit


def _money(column: Column) -> list[Change]:
    """Return the removal of a sign of currency, and what the marks of the numbers then need."""
    signed = column.matching(_MONEY)
    if not signed or 2 * signed < column.present:
        return []
    signs = [sign for sign in "$€£¥₽₴₸" if column.texts.str.contains(sign, literal=True).any()]
    if len(signs) > 1:
        return []
    pattern = f"[{signs[0]}\\u00a0 ]" if signs[0] != "$" else "[$ ]"
    evidence = f"{share(signed, column.present)} values have this sign of currency"
    first = _proposed(column, "replace", {"pattern": pattern, "with": ""}, evidence, check=False)
    after = first[0][1]
    plain = after.matching(PLAIN) >= _MOST * after.present and not after.matching(_FORMS_OF_MONEY[1][0])
    more = [] if plain else _marks(after, (*_FORMS_OF_MONEY, *_FORMS))
    last = more[-1][1] if more else after
    return [*first, *more] if last.matching(PLAIN) >= _MOST * column.present else []


def _marks(column: Column, forms: tuple[tuple[str, str, str | None], ...] = _FORMS) -> list[Change]:
    """Return `number` with the marks by which all values can be read."""
    for pattern, decimal, thousands in forms:
        count = column.matching(pattern)
        plain = column.matching(PLAIN if decimal == "." else _PLAIN_COMMA)
        if not count or count + plain < _MOST * column.present:
            continue
        params = {"decimal": decimal} if decimal != "." else {}
        params |= {"thousands": thousands} if thousands else {}
        evidence = f"{share(count, column.present)} values are written so"
        changes = _proposed(column, "number", params, evidence)
        if changes:
            return changes
    return []


def _proposed(column: Column, kind: str, params: dict[str, Any], evidence: str, *, check: bool = True) -> list[Change]:
    """Return a step with these parameters if, `check`, it makes plain numbers of nearly all values."""
    cleaner = step(kind, params)
    if cleaner is None:
        return []
    after = column.cleaned(cleaner)
    refused = cleaner.refused(pl.col("text"))
    lost = 0 if refused is None else column.count(column.counts.select(refused.alias("refused")).to_series())
    if check and min(after.matching(PLAIN), column.present - lost) < _MOST * column.present:
        return []
    return [(Finding("clean", _text(kind, params), evidence), after)]


def _text(kind: str, params: dict[str, Any]) -> str:
    """Return a step as YAML of one line."""
    if not params:
        return kind
    return f"{kind}: {{" + ", ".join(f"{name}: {scalar(value)}" for name, value in params.items()) + "}"
