"""The first half of the kernel: clean, cast, set_null checks, early derived fields and lookups.

It concerns one record at a time and needs nothing but the plan, so every engine, scan and chunking gives the
same rows.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from dq.dtypes.cast import Caster, CastOptions, cast
from dq.dtypes.types import CellKind
from dq.plan.changes import CellChange
from dq.plan.cleaning import Cleaning, FieldText
from dq.plan.rows import ROW, Rows, blocked_column, fails_column, passes_column, stops_column, text_column
from dq.plan.supply import compute
from dq.sources.base import KIND_SUFFIX, UNKNOWN_COLUMN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dq.expressions import Typed
    from dq.plan.bound import BoundCheck, BoundField, BoundSource
    from dq.plan.plan import CompiledPlan
    from dq.sources.base import Chunk


@dataclass(frozen=True, slots=True)
class FieldEntry(FieldText):
    """How one field of one source is read: how its text is cleaned, and its cast.

    `answered` says that the answer of its cast is kept (`BoundField.filled_or_emptied`).
    """

    caster: Caster
    type_check: BoundCheck
    answered: bool

    def value(self, text: pl.DataFrame, kind: pl.Series | None) -> pl.Series:
        """Return the typed value of the cleaned text; `kind` says what the cells were before they were text."""
        cells = text.get_column(self.field.name)
        if kind is not None and self.field.steps:
            scalar = (kind == CellKind.NUMBER) | (kind == CellKind.BOOLEAN) | (kind == CellKind.TEMPORAL)
            changed = cells.ne_missing(text[self.raw_name])
            kind = kind.zip_with(~(changed & scalar), pl.Series([CellKind.TEXT], dtype=pl.UInt8))
        value = self.caster.values(cells, kind)
        for check in self.refusing:
            refused = text[fails_column(check.id)]
            value = value.zip_with(~refused, value.clear(len(value))) if refused.any() else value
        return value


@dataclass(frozen=True, slots=True)
class Prepared:
    """How the fields of one source are read, none of which depends on a moment."""

    entries: tuple[FieldEntry, ...]
    cleaning: Cleaning


class Entry:
    """Clean and cast for one plan; expressions are prepared once per source."""

    def __init__(
        self, plan: CompiledPlan, now: datetime, wanted: frozenset[str] | None = None, *, noted: bool = True
    ) -> None:
        """Prepare for the fields in `wanted` (all by default); derived fields need their operands in it.

        `noted` says whether it is noted which cells cleaning changes.
        """
        self.plan = plan
        self.now = now
        self.noted = noted
        self.fields = tuple(f for f in plan.fields if wanted is None or f.name in wanted)
        self._prepared: dict[str, Prepared] = {}

    def at(self, now: datetime) -> Entry:
        """Return the entry of another moment, which shares what is prepared."""
        other = copy(self)
        other.now = now
        return other

    def prepared(self, source: BoundSource) -> Prepared:
        """Return how each field is read from this source."""
        if source.name not in self._prepared:
            entries = tuple(self._entry(f, source) for f in self.fields if f.is_read)
            self._prepared[source.name] = Prepared(entries, Cleaning.of(entries, noted=self.noted))
        return self._prepared[source.name]

    def _entry(self, field: BoundField, source: BoundSource) -> FieldEntry:
        missing = field.missing
        if missing is None:
            missing = source.missing if source.missing is not None else self.plan.missing
        options: CastOptions = replace(field.options, decimal_mark=source.decimal_mark, thousands=source.thousands)
        if any(bound.step.plain_numbers for bound in field.steps):
            options = replace(field.options, decimal_mark=".", thousands=None)  # the marks were read by the step
        return FieldEntry(
            field,
            missing,
            tuple(check for check in field.checks if check.kind == "clean"),
            cast(field.type, options),
            next(check for check in field.checks if check.kind == "type"),
            field.filled_or_emptied,
        )

    def enter(self, chunk: Chunk, source: BoundSource) -> Rows:
        """Return the chunk's rows with typed canonical columns and what is known about failed cells."""
        prepared = self.prepared(source)
        entries = prepared.entries
        text, changes = prepared.cleaning.run(chunk.cells, len(chunk.record))
        rows = Rows(self._cast(chunk, text, prepared), text, changes)
        rows.changes.extend(_emptied(rows, entries))
        self._set_null(rows, [entry.field for entry in entries])
        for field in self.plan.derived:
            if not field.late and field in self.fields:
                compute(rows, [field], self.now)
                if not field.is_read:
                    self._set_null(rows, [field])
        return rows

    def _cast(self, chunk: Chunk, text: pl.DataFrame, prepared: Prepared) -> pl.DataFrame:
        """Return the typed columns, with what is known of the cells that failed."""
        kinds = {name: chunk.cells.get_column(name) for name in chunk.cells.columns if name.endswith(KIND_SUFFIX)}
        values = (entry.value(text, kinds.get(entry.field.name + KIND_SUFFIX)) for entry in prepared.entries)
        typed = list(values)
        unknown = unknown_columns(chunk) if self.plan.unknown_fields != "ignore" else []
        return pl.DataFrame([text[ROW], *typed, *unknown, *self._failed(text, typed, prepared.entries)])

    def _failed(self, text: pl.DataFrame, typed: list[pl.Series], entries: tuple[FieldEntry, ...]) -> list[pl.Series]:
        """Return the columns of cells that failed to clean or to cast, where there are any.

        A cell is blocked if cleaning refused it, or if its cast failed and that refuses the row; where the row
        stays, the cell is null like any other.
        """
        columns: list[pl.Series] = []
        for entry, value in zip(entries, typed, strict=True):
            field, cells = entry.field, text.get_column(entry.field.name)
            if entry.answered:
                columns.append(value.is_not_null().alias(passes_column(entry.type_check.id)))
            for check in entry.refusing:
                columns.extend(text[named(check.id)] for named in (fails_column, passes_column, stops_column))
            if value.null_count() == cells.null_count():
                continue
            failed = cells.is_not_null() & value.is_null()
            refused = pl.repeat(value=False, n=text.height, eager=True)
            for check in entry.refusing:
                refused = refused | text[fails_column(check.id)]
            cast_failed = failed & ~refused
            columns.append(cast_failed.alias(fails_column(entry.type_check.id)))
            columns.append(refused.alias(stops_column(entry.type_check.id)))
            blocked = failed if entry.type_check.refuses else refused
            if blocked.any():
                columns.append(blocked.alias(blocked_column(field.name)))
            columns.append(cells.alias(text_column(field.name)))
        return columns

    def _set_null(self, rows: Rows, fields: list[BoundField]) -> None:
        """Answer the checks that set a value to null, right after the cast, so that nothing learns from it.

        All of them see the values as they were cast; then the failing ones are taken away.
        """
        columns: list[pl.Expr] = []
        emptying: list[tuple[str, str]] = []
        for field in fields:
            checks = [c for c in field.checks if c.on_fail == "set_null" and c.check is not None and c.kind != "type"]
            if not checks:
                continue
            columns.append(pl.col(field.name).alias(text_column(field.name) + ":value"))
            for check in checks:
                columns.extend(self._early_answers(rows, check))
                emptying.append((check.id, field.name))
        if columns:
            rows.frame = rows.frame.with_columns(columns)
        for check_id, name in emptying:
            failing = rows.frame[fails_column(check_id)]
            if failing.any():
                rows.change(check_id, name, rows.frame.select(pl.when(~pl.lit(failing)).then(pl.col(name)))[name])

    def _early_answers(self, rows: Rows, check: BoundCheck) -> list[pl.Expr]:
        """Return the columns of rows that fail a check, pass it, and cannot be asked it."""
        asked = pl.lit(value=True) if check.where is None else where_true(rows, check.where, self.now)
        blocked = rows.blocked(check.reads)
        passes = check.passes(pl.col, self.now)
        columns = []
        if blocked is not None:
            columns.append((asked & blocked).alias(stops_column(check.id)))
            asked = asked & ~blocked
        columns.append((~passes & asked).fill_null(value=False).alias(fails_column(check.id)))
        columns.append((passes & asked).fill_null(value=False).alias(passes_column(check.id)))
        return columns


def where_true(rows: Rows, where: Typed, now: datetime) -> pl.Expr:
    """Return where a condition is true; one that reads a blocked cell is not known to be."""
    true = where.lower(pl.col, now).fill_null(value=False)
    blocked = rows.blocked(where.fields)
    return true if blocked is None else true & ~blocked


def unknown_columns(chunk: Chunk) -> list[pl.Series]:
    """Return the column of fields that nobody declared, and where there are any, for the check of that name."""
    if UNKNOWN_COLUMN in chunk.cells.columns and chunk.cells.height == len(chunk.record):
        unknown = chunk.cells[UNKNOWN_COLUMN]
    else:
        unknown = pl.Series(UNKNOWN_COLUMN, [None] * len(chunk.record), dtype=pl.String)
    return [unknown, unknown.is_not_null().alias(fails_column("unknown_fields"))]


def _emptied(rows: Rows, entries: tuple[FieldEntry, ...]) -> Iterator[CellChange]:
    """Yield the texts that could not be cast, by field, where the row stays: their cells are null from here on."""
    for entry in entries:
        name, failed = entry.field.name, fails_column(entry.type_check.id)
        if not entry.type_check.refuses and rows.has(failed):
            before = rows.text[name]
            nothing = pl.Series(name, [None], dtype=pl.String).new_from_index(0, len(before))
            yield CellChange(entry.type_check.id, name, "text", rows.frame[ROW], rows.frame[failed], before, nothing)
