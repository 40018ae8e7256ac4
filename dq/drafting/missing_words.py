"""Words that mean no value: `N/A`, `NULL`, a dash, a number that no measurement gives."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from dq.drafting.finding import Finding, number, scalar, share

if TYPE_CHECKING:
    from dq.drafting.column import Column
    from dq.drafting.fields import FieldDraft
    from dq.drafting.moments import Reading

# In lower case.  The first stand for nothing else; the second may be values where texts are short or are words.
ALWAYS = frozenset({
    "n/a", "#n/a", "#n/a n/a", "null", "(null)", "<null>", "nan", "-nan", "\\n", "nil", "#null!", "#value!", "#ref!",
    "#div/0!", "#name?", "not available", "not applicable", "н/д", "нет данных", "k.a.", "s/o", "undefined",
    "<na>", "[null]", "missing", "(blank)", "[blank]", "blank", "(empty)", "empty", "<empty>", "n.a.", "n.d.",
})  # fmt: skip
PERHAPS = frozenset(
    {"na", "nd", "none", "-", "--", "---", "—", "\u2013", ".", "..", "...", "?", "??", "x", "unknown", "tbd", "void"}
)
_SENTINELS = [-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, 999.0, 9999.0, 99999.0, 999999.0]
_MOST_WORDS = 6
_FEWEST_FIELDS = 2  # that have words in common, for the words to be those of the whole spec
_SHORT_CODE = "^[A-Z]{2}$"


def guess(column: Column) -> list[tuple[Finding, Column]]:
    """Return the words of a column that mean no value, and the column without them."""
    found = words(column)
    if not found:
        return []
    where = column.texts.is_in(found)
    count, after = column.count(where), column.without(where)
    finding = Finding("missing", _listed(found), f"{share(count, column.records)} records")
    return [(finding, after)]


def doubtful(column: Column, reading: Reading) -> list[Finding]:
    """Return numbers that look like a mark for no value, and may be values."""
    numbers = column.read(reading.type, reading.options).cast(pl.Float64)
    values = pl.DataFrame({"text": column.texts, "value": numbers, "count": column.counts["count"]}).drop_nulls()
    rest = values.filter(~pl.col("value").is_in(_SENTINELS))
    if rest.height < 10 or rest["count"].sum() < 0.5 * column.present:  # noqa: PLR2004 - too few to tell from
        return []
    low, high = float(rest["value"].min()), float(rest["value"].max())  # type: ignore[arg-type]
    room = max(high - low, 1.0)
    apart = values.filter(
        pl.col("value").is_in(_SENTINELS)
        & (pl.col("count") > 1)
        & (
            (pl.col("value") < low - room / 2)
            | (pl.col("value") > high + 2 * room)
            | ((pl.col("value") < 0) & (low >= 0))
        )
    )
    if apart.is_empty():
        return []
    count = int(apart["count"].sum())
    evidence = f"{share(count, column.records)} records, apart from all other numbers: no value?"
    return [Finding("missing", _listed(apart["text"].to_list()), evidence, sure=False)]


def words(column: Column) -> list[str]:
    """Return the texts of a column that mean no value, the frequent ones first."""
    lower = column.texts.str.strip_chars().str.to_lowercase()
    always = column.texts.filter(lower.is_in(sorted(ALWAYS)))
    perhaps = column.texts.filter(lower.is_in(sorted(PERHAPS)))
    chosen = set(always) | {word for word in perhaps if _is_none(column, word)}
    return [text for text in column.texts if text in chosen][:_MOST_WORDS]


def in_common(fields: list[FieldDraft]) -> Finding | None:
    """Return the words that mean no value in several fields and are values in none, and take them from those fields."""
    lists = Counter(finding.text for made in fields for finding in made.findings if _is_sure(finding))
    if not lists:
        return None
    text, count = min(lists.items(), key=lambda item: (-item[1], item[0]))
    having = [made for made in fields if any(_is_sure(finding) and finding.text == text for finding in made.findings)]
    absent = {word for made in having for word in made.absent}
    others = [made for made in fields if made not in having]
    if count < _FEWEST_FIELDS or any(not absent.isdisjoint(made.raw.texts) for made in others):
        return None
    cells = sum(made.raw.count(made.raw.texts.is_in(sorted(absent))) for made in having)
    for made in having:
        made.findings = [finding for finding in made.findings if not (_is_sure(finding) and finding.text == text)]
    return Finding("missing", text, f"{number(cells)} cells of {count} fields")


def _is_sure(finding: Finding) -> bool:
    """Whether a finding says for certain which words mean no value."""
    return finding.section == "missing" and finding.sure


def _is_none(column: Column, word: str) -> bool:
    """Whether a word that may be a value means none here: the others are numbers or dates, or quite unlike it."""
    others = column.without(column.texts == word)
    if not others.present:
        return word.lower() != "x"
    if others.matching(r"^[-+]?[\d.,:/ -]*\d") >= 0.9 * others.present:
        return True
    if word.lower() in {"x", "unknown", "void", "none"}:
        return False
    if word.lower() in {"na", "nd"}:
        return others.matching(_SHORT_CODE) < 0.5 * others.present
    return True


def _listed(words: list[str]) -> str:
    """Return the list for the key `missing`; an empty cell has no value whatever else has none."""
    return "[" + ", ".join(['""', *map(scalar, words)]) + "]"
