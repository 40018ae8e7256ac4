"""Well-known notations: e-mail addresses, links, UUIDs, addresses of machines, countries, states, currencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from dq.checks.formats import NOTATIONS
from dq.drafting.finding import Finding, share
from dq.drafting.steps import step
from dq.patterns import compile_pattern

if TYPE_CHECKING:
    from dq.drafting.column import Column

_ENOUGH = 0.95
_FEW = 20  # different values that a list may hold
_TRIED = ("uuid", "email", "url", "ipv4", "ipv6", "mac", "sha256")
_NAMED = {"semver": {"version", "semver"}, "uri": {"uri"}}
_LINK = r"^https?://"
# kind of step: words of the name, parameters to try, fewest different values
_DOMAINS: tuple[tuple[str, frozenset[str], tuple[dict[str, Any], ...], int], ...] = (
    ("country", frozenset({"country", "nation", "nationality", "страна", "land", "pays", "pais"}),
     ({"format": "alpha_2"}, {"format": "alpha_3"}, {"format": "name"}), 2),
    ("us_state", frozenset({"state", "province", "st"}), ({}, {"format": "name"}), 5),
    ("currency", frozenset({"currency", "curr", "ccy", "валюта"}), ({},), 1),
    ("language", frozenset({"language", "lang", "locale", "язык"}), ({},), 2),
    ("phone", frozenset({"phone", "tel", "telephone", "mobile", "cell", "fax", "телефон"}), ({},), 2),
)  # fmt: skip


def guess(column: Column) -> list[Finding]:
    """Return the lines of a column of texts that are in a notation; none for others."""
    if not column.present:
        return []
    for name in (*_TRIED, *(name for name, words in _NAMED.items() if column.named(words))):
        found = matching(column, name)
        if found >= _ENOUGH * column.present:
            return [Finding("checks", f"format: {name}", f"{share(found, column.present)} values have this form")]
    return []


def capitals(column: Column) -> list[tuple[Finding, Column]]:
    """Return `lower` for notations in which letter case means nothing, and which are written in both."""
    written = column.count(column.texts != column.texts.str.to_lowercase())
    cleaner = step("lower")
    if cleaner is None or not 0 < written < column.present:
        return []
    if max(matching(column, name) for name in ("email", "uuid")) < _ENOUGH * column.present:
        return []
    return [
        (Finding("clean", "lower", f"{share(written, column.present)} values have capitals"), column.cleaned(cleaner))
    ]


def matching(column: Column, name: str) -> int:
    """Return how many cells are in a notation of the check `format`."""
    where = pl.Series([True] * len(column.texts), dtype=pl.Boolean)
    for source in NOTATIONS[name].patterns:
        where &= column.texts.str.contains(compile_pattern(source).polars)
    longest = NOTATIONS[name].max_length
    if longest is not None:
        where &= column.texts.str.len_chars() <= longest
    return column.count(where)


def domain(column: Column) -> list[tuple[Finding, Column]]:
    """Return the step of a domain that a column's name speaks of, where it reads the values.

    Of few different values, all of them in one form, a list says more.
    """
    for kind, words, forms, fewest in _DOMAINS:
        if not column.named(words) or column.distinct < fewest:
            continue
        for params in forms:
            read, changed = _read(column, kind, params)
            cleaner = step(kind, params)
            if cleaner is None or read < _ENOUGH * column.present or not (changed or column.distinct > _FEW):
                continue
            inner = ", ".join(f"{key}: {value}" for key, value in params.items())
            evidence = f"{share(read, column.present)} values are read"
            evidence += f", {share(changed, column.present)} are in another form" if changed else ""
            text = f"{kind}: {{{inner}}}" if inner else kind
            return [(Finding("clean", text, evidence), column.cleaned(cleaner))]
    return []


def _read(column: Column, kind: str, params: dict[str, Any]) -> tuple[int, int]:
    """Return how many cells a domain reads, and how many of them it changes; none where it is not installed."""
    cleaner = step(kind, {**params, "otherwise": "blank"})
    if cleaner is None:
        return 0, 0
    after = column.counts.select(cleaner.expression(pl.col("text")).alias("text")).to_series()
    return column.count(after.is_not_null()), column.count(after != column.texts)
