"""The first half of the kernel: clean, cast, set_null checks, early derived fields.

It concerns one record at a time and needs nothing but the plan, so every engine, scan and chunking gives the
same rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from dq.dtypes.cast import Caster, CastOptions, cast
from dq.dtypes.types import Family
from dq.plan.rows import ROW, Rows, blocked_column, fails_column, passes_column, text_column
from dq.sources.base import KIND_SUFFIX, UNKNOWN_COLUMN

if TYPE_CHECKING:
    from datetime import datetime

    from dq.plan.bound import BoundCheck, BoundField, BoundSource
    from dq.plan.plan import CompiledPlan
    from dq.sources.base import Chunk


def missing_to_null(text: pl.Expr, words: tuple[str, ...]) -> pl.Expr:
    """Return the text with the words that mean no value turned to null."""
    if not words:
        return text
    if len(words) == 1:
        return pl.when(text != words[0]).then(text)
    return pl.when(~text.is_in(list(words))).then(text)


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """How one field of one source is read: its words for no value, its steps, its cast."""

    field: BoundField
    missing: tuple[str, ...]
    caster: Caster
    refusing: tuple[BoundCheck, ...]
    type_check: BoundCheck

    def raw(self) -> pl.Expr:
        """Return the raw text, null where missing."""
        return missing_to_null(pl.col(self.field.name), self.missing)

    def upto(self, steps: int) -> pl.Expr:
        """Return the text after the first `steps` steps."""
        text = self.raw()
        for bound in self.field.steps[:steps]:
            text = bound.step.expression(text)
        return text

    def cleaned(self) -> pl.Expr:
        """Return the text after all steps, null where it became a word that means no value."""
        text = self.upto(len(self.field.steps))
        return missing_to_null(text, self.missing) if self.field.steps else text


class Entry:
    """Clean and cast for one plan; expressions are prepared once per source."""

    def __init__(self, plan: CompiledPlan, now: datetime, wanted: frozenset[str] | None = None) -> None:
        """Prepare for the fields in `wanted` (all by default); derived fields need their operands in it."""
        self.plan = plan
        self.now = now
        self.fields = tuple(f for f in plan.fields if wanted is None or f.name in wanted)
        self._entries: dict[str, tuple[FieldEntry, ...]] = {}

    def entries(self, source: BoundSource) -> tuple[FieldEntry, ...]:
        """Return how each field is read from this source."""
        if source.name not in self._entries:
            self._entries[source.name] = tuple(self._entry(f, source) for f in self.fields if f.derive is None)
        return self._entries[source.name]

    def _entry(self, field: BoundField, source: BoundSource) -> FieldEntry:
        missing = field.missing
        if missing is None:
            missing = source.missing if source.missing is not None else self.plan.missing
        options: CastOptions = replace(field.options, decimal_mark=source.decimal_mark, thousands=source.thousands)
        return FieldEntry(
            field,
            missing,
            cast(field.type, options),
            tuple(check for check in field.checks if check.kind == "clean"),
            next(check for check in field.checks if check.kind == "type"),
        )

    def enter(self, chunk: Chunk, source: BoundSource) -> Rows:
        """Return the chunk's rows with typed canonical columns and what is known about failed cells."""
        entries = self.entries(source)
        text = self._clean(chunk.cells, entries)
        changed = self._count_changes(text, entries)
        rows = Rows(self._cast(chunk, text, entries), text, changed)
        for field in self.fields:
            if any(check.on_fail == "set_null" for check in field.checks):
                self._set_null(rows, field)
        derive(rows, [field for field in self.plan.derived if not field.late and field in self.fields], self.now)
        return rows

    def _clean(self, cells: pl.DataFrame, entries: tuple[FieldEntry, ...]) -> pl.DataFrame:
        columns: list[pl.Expr] = []
        for entry in entries:
            name = entry.field.name
            columns.append(entry.cleaned().alias(name))
            if entry.field.steps:
                columns.append(entry.raw().alias(_raw_column(name)))
            for check in entry.refusing:
                step = check.step or 0
                refused = entry.field.steps[step].step.refused(entry.upto(step))
                if refused is not None:
                    columns.append(refused.fill_null(value=False).alias(fails_column(check.id)))
        return cells.lazy().select(columns).collect()

    def _count_changes(self, text: pl.DataFrame, entries: tuple[FieldEntry, ...]) -> dict[str, int]:
        """Count the cells that cleaning changed, by step.

        Only cells whose text is not what it was are looked at again, and of those each distinct text once.
        """
        changed: dict[str, int] = {}
        cleaned = [entry for entry in entries if entry.field.steps]
        if not cleaned:
            return changed
        differs = text.select(
            pl.col(e.field.name).ne_missing(pl.col(_raw_column(e.field.name))).alias(e.field.name) for e in cleaned
        )
        for entry in cleaned:
            name = entry.field.name
            if differs[name].any():
                before = text[_raw_column(name)].filter(differs[name])
                for step, count in count_steps(entry, before).items():
                    changed[step] = changed.get(step, 0) + count
        return changed

    def _cast(self, chunk: Chunk, text: pl.DataFrame, entries: tuple[FieldEntry, ...]) -> pl.DataFrame:
        cells = chunk.cells
        kinds = [name for name in cells.columns if name.endswith(KIND_SUFFIX)]
        frame = text.with_columns(cells[name] for name in kinds) if kinds else text
        columns = [pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW)]
        for entry in entries:
            name = entry.field.name
            kind = pl.col(name + KIND_SUFFIX) if name + KIND_SUFFIX in kinds else None
            columns.append(entry.caster.expression(pl.col(name), kind).alias(name))
        typed = frame.select(columns)
        if self.plan.unknown_fields != "ignore":
            typed = typed.with_columns(unknown_columns(cells))
        return typed.with_columns(self._failed(text, typed, entries))

    def _failed(self, text: pl.DataFrame, typed: pl.DataFrame, entries: tuple[FieldEntry, ...]) -> list[pl.Series]:
        """Return the columns of cells that failed to clean or to cast, where there are any."""
        columns: list[pl.Series] = []
        for entry in entries:
            name = entry.field.name
            refused = [text[fails_column(c.id)] for c in entry.refusing if fails_column(c.id) in text.columns]
            refused = [series for series in refused if series.any()]
            nulls = typed[name].null_count() - text[name].null_count()
            if not refused and nulls == 0:
                continue
            failed = text[name].is_not_null() & typed[name].is_null()
            for series in refused:
                failed = failed & ~series
                columns.append(series)
            blocked = failed
            for series in refused:
                blocked = blocked | series
            if entry.type_check.on_fail == "set_null":
                blocked = blocked & ~failed
            columns.append(failed.alias(fails_column(entry.type_check.id)))
            if blocked.any():
                columns.append(blocked.alias(blocked_column(name)))
            columns.append(self._shown(text, entry, refused))
        return columns

    @staticmethod
    def _shown(text: pl.DataFrame, entry: FieldEntry, refused: list[pl.Series]) -> pl.Series:
        """Return the text that a reason shows: the cleaned text, or where cleaning refused it, the raw one."""
        name = entry.field.name
        shown = text[name]
        for series in refused:
            shown = text[_raw_column(name)].zip_with(series, shown)
        return shown.alias(text_column(name))

    def _set_null(self, rows: Rows, field: BoundField) -> None:
        """Answer the checks that set a value to null, right after the cast, so that nothing learns from it."""
        checks = [c for c in field.checks if c.on_fail == "set_null" and c.check is not None and c.kind != "type"]
        if not checks:
            return
        columns: list[pl.Expr] = []
        for check in checks:
            where = check.where.lower(pl.col, self.now).fill_null(value=False) if check.where else pl.lit(value=True)
            passes = check.passes(pl.col, self.now)
            columns.append((~passes & where).fill_null(value=False).alias(fails_column(check.id)))
            columns.append((passes & where).fill_null(value=False).alias(passes_column(check.id)))
        failing = pl.any_horizontal(fails_column(check.id) for check in checks)
        shown = pl.col(field.name).alias(text_column(field.name) + ":value")
        rows.frame = rows.frame.with_columns(*columns, shown).with_columns(
            pl.when(~failing).then(pl.col(field.name)).alias(field.name)
        )


def unknown_columns(cells: pl.DataFrame) -> list[pl.Series]:
    """Return the column of fields that nobody declared, and where there are any, for the check of that name."""
    if UNKNOWN_COLUMN in cells.columns:
        unknown = cells[UNKNOWN_COLUMN]
    else:
        unknown = pl.Series(UNKNOWN_COLUMN, [None] * cells.height, dtype=pl.String)
    return [unknown, unknown.is_not_null().alias(fails_column("unknown_fields"))]


def derive(rows: Rows, fields: list[BoundField], now: datetime) -> None:
    """Compute derived fields, in the order given; one whose operands are blocked is blocked with them."""
    for field in fields:
        if field.derive is None:
            continue
        value = field.derive.lower(pl.col, now)
        if field.type.family is not Family.OBJECT:
            value = value.cast(field.type.polars, strict=False)
        columns = [value.alias(field.name)]
        blocked = rows.blocked(field.derive.fields)
        if blocked is not None:
            columns.append(blocked.alias(blocked_column(field.name)))
        rows.frame = rows.frame.with_columns(columns)


def count_steps(entry: FieldEntry, before: pl.Series) -> dict[str, int]:
    """Return how many of these cells each step changed; `before` holds raw texts, null where missing."""
    counts: dict[str, int] = {}
    frame = before.alias("text").to_frame().group_by("text").len().with_columns(pl.col("text").alias("now"))
    for bound in entry.field.steps:
        after = frame.select(bound.step.expression(pl.col("now")).alias("now"))["now"]
        changed = frame["len"].filter(after.ne_missing(frame["now"])).sum()
        if changed:
            counts[bound.id] = counts.get(bound.id, 0) + int(changed)
        frame = frame.with_columns(after)
    return counts


def _raw_column(field: str) -> str:
    return f"\x00raw:{field}"
