"""Keys: the field, or the fields, that no two records share, and what to do where some do."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from dq.drafting.finding import Finding, counted, share
from dq.drafting.value_types import is_identifier

if TYPE_CHECKING:
    from dq.drafting.fields import FieldDraft

_FEWEST = 5
_NEARLY = 0.9
_KEY_WORDS = frozenset({"id", "key", "uuid", "guid", "number", "no", "nr", "index", "ref", "ид", "номер"})
_LONGEST_KEY = 10  # fields
_MOST_CANDIDATES = 8
_FEWEST_FOR_SETS = 100


def mark_unique(fields: list[FieldDraft]) -> list[FieldDraft]:
    """Add `unique` to the fields whose values identify a record; return those fields."""
    found = []
    for made in fields:
        column = made.column
        if column.records < _FEWEST or column.distinct < column.present or column.present < column.records:
            continue
        if _identifies(made):
            made.findings.append(Finding("checks", "unique", "no value twice"))
            found.append(made)
    return found


def _identifies(made: FieldDraft) -> bool:
    """Whether a field without repeated values names its record: by its name or form, or a whole number in front."""
    kind = made.reading.type.name
    if kind not in {"integer", "string"}:
        return False
    if made.has("checks", "format: uuid") or (is_identifier(made.column) and not made.is_personal):
        return True
    return made.column.position == 0 and (kind == "integer" or made.has("checks", "pattern"))


def nearly_unique(fields: list[FieldDraft], cells: pl.DataFrame) -> list[str]:
    """Return what is to be done about a field that should be a key and is repeated: the lines of `dedupe`.

    Where all records with one key are equal, they are one record; where they differ, somebody must decide.
    """
    for made in fields:
        column = made.column
        if not made.column.words or made.column.words[-1] not in _KEY_WORDS or column.present < _FEWEST:
            continue
        if not _NEARLY * column.present <= column.distinct < column.present or column.present < 0.99 * column.records:
            continue
        repeated = column.present - column.distinct
        same = cells.height - cells.n_unique()
        if same >= repeated:
            evidence = f"{share(repeated, column.records)} records repeat another in full"
            return [f"dedupe: {{key: [{made.name}]}}  # {evidence}"]
        evidence = f"{counted(repeated, 'record')} with the key of another one, and other content: which one stays?"
        return [f"# dedupe: {{key: [{made.name}], keep: last}}  # {evidence}"]
    return []


def repeated_records(fields: list[FieldDraft], cells: pl.DataFrame) -> list[str]:
    """Return what is to be done about records that are repeated in full, where no field is a key."""
    repeated = cells.height - cells.n_unique() if cells.height else 0
    if not repeated or cells.height < _FEWEST:
        return []
    evidence = f"{share(repeated, cells.height)} records repeat another in full"
    if len(fields) > _LONGEST_KEY:
        return [f"# No field is a key, and {evidence}."]
    return [f"# dedupe: {{key: [{', '.join(made.name for made in fields)}]}}  # {evidence}"]


def sets(fields: list[FieldDraft], cells: pl.DataFrame) -> list[str]:
    """Return, as a doubt, the smallest set of fields that no two records share, where no single one identifies."""
    if cells.height < _FEWEST_FOR_SETS:
        return []
    candidates = [made for made in fields if _may_take_part(made)]
    if any(made.column.distinct == cells.height for made in candidates):
        return []
    candidates.sort(key=lambda made: (not is_identifier(made.column), made.reading.type.name != "datetime"))
    names = [made.name for made in candidates[:_MOST_CANDIDATES]]
    few = cells.head(5000)
    for size in (2, 3):
        for chosen in combinations(names, size):
            if few.select(chosen).n_unique() == few.height and cells.select(chosen).n_unique() == cells.height:
                listed = ", ".join(sorted(chosen, key=[made.name for made in fields].index))
                return [f"# - unique: [{listed}]  # no two of the {cells.height:,} records share them"]
    return []


def _may_take_part(made: FieldDraft) -> bool:
    """Whether a field may be part of a key: always there, of several values, and no measurement."""
    kind = made.reading.type.name
    return (
        made.column.present == made.column.records
        and made.column.distinct > 1
        and kind in {"string", "integer", "date", "datetime"}
        and not made.has("checks", "between")
    )
