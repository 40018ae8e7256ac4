"""Functional dependencies: fields that determine another one, mostly, so that the rest may be mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dq.drafting.finding import Finding, counted, share
from dq.drafting.likeness import may_be_misspelling
from dq.drafting.value_types import is_identifier

if TYPE_CHECKING:
    from dq.drafting.fields import FieldDraft

_MOST_ROWS = 20_000
_MOST_FIELDS = 30
_FEWEST_RECORDS = 100
_SMALLEST_GROUP = 3
_FEWEST_KEYS = 5  # values of a key
_AGREE = 0.9
_GAIN = 0.8  # by how much knowing the key must beat guessing the most frequent value, at least
_MOST_KEYS = 3
_DOUBTFUL = 0.98  # of the records must agree for a doubt to be worth a line
_FEWEST_DOUBTFUL = 500
_MOST_GAPS = 0.1  # more gaps than that have a reason of their own


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a key says of a field: in `rows` of groups, `agree` have the value of most; `fillable` have none.

    `alike` is the share of the others whose value looks like a misspelling of that of most.
    """

    key: str
    rows: int
    agree: int
    fillable: int
    alike: float

    @property
    def share(self) -> float:
        """The share of rows that agree."""
        return self.agree / self.rows


def add_repairs(fields: list[FieldDraft], cells: pl.DataFrame) -> None:
    """Add `repair: agree` to the fields that others determine, and which disagree in a few records."""
    if cells.height < _FEWEST_RECORDS:
        return
    table = _texts(fields, cells)
    keys = [made for made in fields if made.name in table.columns and _may_determine(made, table)][:_MOST_FIELDS]
    for made in fields[: 2 * _MOST_FIELDS]:
        if made.name in table.columns and _may_depend(made, table):
            found = [_dependency(table, key.name, made.name) for key in keys if key is not made]
            made.findings += _lines(made, [each for each in found if each is not None])


def _texts(fields: list[FieldDraft], cells: pl.DataFrame) -> pl.DataFrame:
    """Return the texts of the first rows of the fields, null where missing."""
    few = cells.head(_MOST_ROWS)
    return few.select(
        pl.when(~pl.col(made.name).str.strip_chars().is_in(["", *made.absent])).then(pl.col(made.name)).alias(made.name)
        for made in fields
        if made.column.present
    )


def _may_determine(made: FieldDraft, table: pl.DataFrame) -> bool:
    """Whether a field may be a key of others: it names things, each in several records."""
    distinct = table[made.name].n_unique()
    names = made.reading.type.name in {"string", "integer", "date"} and not made.has("checks", "between")
    several = _FEWEST_KEYS <= distinct <= table.height // _SMALLEST_GROUP
    return names and several and table[made.name].null_count() < table.height // 5


def _may_depend(made: FieldDraft, table: pl.DataFrame) -> bool:
    """Whether a field may be determined by another one: it has several values, each in several records."""
    distinct = table[made.name].n_unique()
    return "url" not in made.column.words and 2 <= distinct <= table.height // 2 and made.reading.type.name != "object"  # noqa: PLR2004


def _dependency(table: pl.DataFrame, key: str, name: str) -> Dependency | None:
    """Return what a key says of a field, or None where it says too little, or everything."""
    pairs = table.select(key=pl.col(key), value=pl.col(name)).drop_nulls("key")
    sums = (
        pairs.drop_nulls().group_by("key", "value").len().sort(["key", "len", "value"], descending=[False, True, False])
    )
    groups = sums.group_by("key", maintain_order=True).agg(
        pl.col("value").first().alias("most"), pl.col("len").first().alias("agree"), pl.col("len").sum().alias("rows")
    )
    groups = groups.filter(pl.col("rows") >= _SMALLEST_GROUP)
    rows, agree = int(groups["rows"].sum()), int(groups["agree"].sum())
    if 2 * rows < pairs.height or agree < _AGREE * rows:
        return None
    usual = max(sums.group_by("value").agg(pl.col("len").sum())["len"].to_list(), default=0)
    guessed = usual / int(sums["len"].sum())
    if guessed >= 1 or (agree / rows - guessed) / (1 - guessed) < _GAIN:
        return None
    others = sums.join(groups.select("key", "most"), on="key", maintain_order="left").filter(
        pl.col("value") != pl.col("most")
    )
    fillable = pairs.filter(pl.col("value").is_null() & pl.col("key").is_in(groups["key"].implode())).height
    return Dependency(key, rows, agree, fillable, _alike(others)) if agree < rows or fillable else None


def _alike(others: pl.DataFrame) -> float:
    """Return the share of values, of at most 200, that are nearly the value of most."""
    pairs = list(others.select("value", "most").head(200).iter_rows())
    return sum(may_be_misspelling(one, two) or _goes_on(one, two) for one, two in pairs) / len(pairs) if pairs else 1.0


def _goes_on(text: str, word: str) -> bool:
    """Whether a text is another one with more words behind it, as `Portland OR` is Portland."""
    return text.startswith(f"{word} ") or word.startswith(f"{text} ")


def _lines(made: FieldDraft, found: list[Dependency]) -> list[Finding]:
    """Return the repair by the keys that determine a field best; a doubt where the others are no misspellings."""
    found.sort(key=lambda each: (-round(each.share, 2), -each.rows))
    sure = [each for each in found if each.alike >= 0.6 and made.reading.type.name == "string"]  # noqa: PLR2004
    worth = made.reading.type.name == "string" and not is_identifier(made.column)
    doubtful = [each for each in found[:1] if worth and each.share >= _DOUBTFUL and each.rows >= _FEWEST_DOUBTFUL]
    chosen = sure[:_MOST_KEYS] or doubtful
    if not chosen:
        return []
    best = chosen[0]
    by = f"[{best.key}]" if len(chosen) == 1 else "[" + ", ".join(f"[{each.key}]" for each in chosen) + "]"
    fillable = best.fillable if best.fillable <= _MOST_GAPS * best.rows else 0
    if not fillable and best.agree == best.rows:
        return []
    fill = ", fill: true" if fillable else ""
    evidence = f"{share(best.agree, best.rows)} agree by {best.key}"
    evidence += f"; {counted(fillable, 'gap')} can be filled" if fillable else ""
    return [Finding("repair", f"{{agree: {{by: {by}{fill}}}}}", evidence, sure=bool(sure))]
