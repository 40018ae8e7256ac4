"""Small sets of values: a column that says one of a few words, again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dq.drafting.column import longest
from dq.drafting.finding import Finding, counted, number, percent, scalar, share
from dq.drafting.likeness import may_be_misspelling
from dq.drafting.value_types import is_identifier

if TYPE_CHECKING:
    from dq.drafting.column import Column
    from dq.drafting.moments import Reading

MOST_VALUES = 20
_LONGEST = 60
_FEWEST_RECORDS = 20
_REPEATED = 5  # how often a value of a closed set occurs on average, at least
_RARER = 10  # how many times as rare a text must be as the word of which it is a misspelling
_RARER_THAN_SHORT = 50
_SHORT_WORD = 3
_UNSEEN = 0.005  # the chance, by the values that were seen once, that the next record brings a new one
_KIND_WORDS = frozenset({
    "type", "status", "state", "class", "kind", "level", "flag", "category", "group", "gender", "sex", "rate", "mode",
    "vendor", "marker", "grade", "rating", "rank", "priority", "severity", "tier", "method", "channel", "pclass",
    "survived", "outcome", "target", "label",
})  # fmt: skip
_OF_CALENDARS = frozenset({"year", "yr", "month", "day", "week", "hour", "minute", "quarter", "age"})
_MOST_NUMBERS = 12
_SHORT_LIST = 40  # characters up to which the words of a vocabulary are listed twice
_SHORT_WORDS = 8


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The values of a small set, the frequent ones first, and the texts that look like misspellings of them."""

    values: tuple[str, ...]
    misspelt: tuple[str, ...]
    misspelt_cells: int


def guess(column: Column, reading: Reading) -> list[Finding]:
    """Return the check, and the repair of misspellings, of a column that draws from a small set."""
    if reading.type.name == "string":
        return _of_texts(column)
    return _of_integers(column) if reading.type.name == "integer" else []


def vocabulary(column: Column) -> Vocabulary | None:
    """Return the small set that a column of texts draws from, or None."""
    if column.present < _FEWEST_RECORDS or longest(column.texts.head(200)) > 4 * _LONGEST:
        return None
    if column.distinct > MOST_VALUES * 20:
        return None
    rows = list(column.counts.select("text", "count").iter_rows())
    values: list[str] = []
    misspelt: list[str] = []
    lost = 0
    for text, count in rows:
        if any(_is_misspelling(text, count, value, seen) for value, seen in rows[: len(values)]):
            misspelt.append(text)
            lost += count
        else:
            values.append(text)
        if len(values) > MOST_VALUES:
            return None
    kept = {text: count for text, count in rows if text not in set(misspelt)}
    once = sum(count == 1 for count in kept.values())
    total = sum(kept.values())
    if max(map(len, values)) > _LONGEST or total < _REPEATED * len(values) or once > _UNSEEN * total:
        return None
    return Vocabulary(tuple(values), tuple(misspelt), lost)


def _is_misspelling(text: str, count: int, value: str, seen: int) -> bool:
    """Whether a rare text is a misspelling of a frequent one: much rarer, and nearly the same letters.

    Codes in capitals each stand for themselves, and short words are near to many others.
    """
    rarer = _RARER_THAN_SHORT if len(value) <= _SHORT_WORD else _RARER
    return not value.isupper() and count * rarer <= seen and may_be_misspelling(text, value)


def _of_texts(column: Column) -> list[Finding]:
    """Return the lines for a column of texts."""
    found = vocabulary(column)
    if found is None or (len(found.values) < 2 and not found.misspelt):  # noqa: PLR2004 - a constant tells of no others
        return []
    listed = "[" + ", ".join(map(scalar, found.values)) + "]"
    rarest = column.count(column.texts == found.values[-1])
    evidence = f"{counted(len(found.values), 'value')}, the rarest in {counted(rarest, 'record')}"
    lines = []
    if found.misspelt:
        words = f"{share(found.misspelt_cells, column.present)} values look like misspellings of these"
        source = listed if len(listed) <= _SHORT_LIST else "learnt"
        distance = "1" if max(map(len, found.values)) <= _SHORT_WORDS else "20%"
        text = f"{{vocabulary: {source}, max_distance: {distance}}}"
        lines.append(Finding("repair", text, words))
    return [*lines, Finding("checks", f"accepted_values: {listed}", evidence)]


def _of_integers(column: Column) -> list[Finding]:
    """Return the check for a column of integers that are names of kinds, and no measurements."""
    if column.named(_OF_CALENDARS):
        return []
    most = _MOST_NUMBERS if column.named(_KIND_WORDS) else 10 if is_identifier(column) else 3
    if set(column.texts) == {"0", "1"} and column.present >= _FEWEST_RECORDS:
        return [Finding("checks", "accepted_values: [0, 1]", "the only two numbers")]
    once = column.count(column.counts["count"] == 1)
    if not 2 <= column.distinct <= most or column.present < 20 * column.distinct or once > _UNSEEN * column.present:  # noqa: PLR2004
        return []
    rare = int(column.counts["count"].min() or 0)  # type: ignore[arg-type]
    evidence = (
        f"{number(column.distinct)} different numbers, the rarest in {percent(rare, column.present)} of the records"
    )
    numbers = column.texts.cast(pl.Int64, strict=False)
    if numbers.null_count():
        return []
    values = [str(value) for value in numbers.unique().sort()]
    if not (column.named(_KIND_WORDS) or is_identifier(column)) and int(values[-1]) - int(values[0]) > _MOST_NUMBERS:
        return []
    return [Finding("checks", f"accepted_values: [{', '.join(values)}]", evidence)]
