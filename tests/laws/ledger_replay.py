"""Input and ledger give the output: the entries applied to the raw cells, with nothing but casts and derivations.

What a run did is done again by other means: no step runs, every change comes from the ledger, and each entry must
find what it says was there before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

import dq
from dq.dtypes.cast import CastOptions, cast
from dq.dtypes.render import text_of
from dq.dtypes.types import CellKind
from dq.engines.base import Settings
from dq.engines.doors import output_frame
from dq.engines.inputs import Input
from dq.engines.ledger import derived_key, hashed
from dq.plan.bound import BoundField
from dq.plan.entry import FieldEntry
from dq.plan.plan import CompiledPlan, Kernel
from dq.sources.base import KIND_SUFFIX, UNKNOWN_COLUMN
from dq.steps.lookup import VALUE

SCALARS = (CellKind.NUMBER, CellKind.BOOLEAN, CellKind.TEMPORAL)


def check_law(
    plan: dq.Plan, inputs: list[Input], result: dq.Result, settings: Settings, key: bytes | None = None
) -> None:
    """Hold a run with a ledger to the law, and the report to the number of its entries."""
    assert result.index is not None
    assert result.ledger is not None
    counted = {(one["field"], one["step"]): one["accepted"] for one in result.report["cleaning"] if one["accepted"]}
    found = result.ledger.group_by("field", "step").len().rows()
    assert {(field, step): count for field, step, count in found} == counted
    assert result.index["row"].to_list() == list(range(result.accepted.height))
    parts = [result.accepted.clear()]
    for item in inputs:
        index = result.index.filter(pl.col("source") == item.name)
        if index.height:
            first, last = index["row"][0], index["row"][-1]
            accepted = result.accepted.slice(first, last - first + 1)
            ledger = result.ledger.filter(pl.col("source") == item.name).with_columns(pl.col("row") - first)
            parts.append(Replay(plan.compiled, item, settings, ledger, key).rows(index, accepted))
    assert pl.concat(parts).equals(result.accepted)


class Replay:
    """The replay of one input."""

    def __init__(
        self, plan: CompiledPlan, item: Input, settings: Settings, ledger: pl.DataFrame, key: bytes | None
    ) -> None:
        self.plan, self.item, self.settings = plan, item, settings
        self.key = None if key is None else derived_key(key)
        self.entries: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for entry in ledger.to_dicts():
            assert entry["before"] != entry["after"] or entry["hidden"], entry
            self.entries.setdefault((entry["field"], entry["stage"]), []).append(entry)

    def rows(self, index: pl.DataFrame, accepted: pl.DataFrame) -> pl.DataFrame:
        """Return the accepted rows of the input."""
        cells = self.raw(index["record"])
        frame = pl.DataFrame({"row": range(index.height)})
        entries = Kernel(self.plan, self.settings.now)._entry.prepared(self.item.source).entries
        for entry in entries:
            field = entry.field
            frame = frame.with_columns(self.value(entry, cells) if not field.pii else given(accepted, field))
        early = {c.id for f in self.plan.fields for c in f.checks if c.on_fail == "set_null"}
        early |= {f"{f.name}.{step}" for f in self.plan.fields if not f.late for step in ("lookup", "merge")}
        for entry in entries:
            frame = self.change(frame, entry.field, early, inside=True)
        for field in self.plan.derived:
            if not field.late and not field.is_read:
                frame = self.change(self.derive(frame, field), field, early, inside=True)
        for field in self.plan.fields:
            if not field.late and field.indicates is None:
                frame = self.change(frame, field, early, inside=False)
        for field in self.plan.fields:
            if field.indicates is not None:
                frame = frame.with_columns(self.indicator(field, frame["row"]))
        for field in self.plan.derived:
            if field.late and not field.is_read:
                frame = self.change(self.derive(frame, field), field, early, inside=False)
        self.check_hidden(accepted)
        if UNKNOWN_COLUMN in cells.columns and self.plan.unknown_fields == "keep":
            frame = frame.with_columns(cells[UNKNOWN_COLUMN])
        return output_frame(self.plan, frame)

    def raw(self, records: pl.Series) -> pl.DataFrame:
        """Return the framed cells of these records."""
        wanted = records.implode()
        found = []
        for chunk in self.item.open(self.settings, None, None).chunks():
            mask = pl.Series(chunk.record, dtype=pl.Int64).is_in(wanted)
            found.append(chunk.cells.filter(mask))
        return pl.concat(found, how="diagonal") if found else pl.DataFrame()

    def value(self, entry: FieldEntry, cells: pl.DataFrame) -> pl.Series:
        """Return a field's values as they were cast from the texts that cleaning left."""
        name, missing = entry.field.name, set(entry.missing)
        raw = [None if text in missing else text for text in cells[name]]
        texts = list(raw)
        for change in self.entries.get((name, "text"), ()):
            row = change["row"]
            if texts[row] in missing:
                texts[row] = None
            assert texts[row] == change["before"], change
            texts[row] = change["after"]
        texts = [None if text in missing else text for text in texts]
        frame = pl.DataFrame({name: texts}, schema={name: pl.String})
        kind = None
        if name + KIND_SUFFIX in cells.columns:
            known = cells[name + KIND_SUFFIX].fill_null(0).to_list()
            kinds = [
                int(CellKind.TEXT) if was != now and how in SCALARS else how
                for was, now, how in zip(raw, texts, known, strict=True)
            ]
            frame = frame.with_columns(pl.Series("kind", kinds, dtype=pl.UInt8))
            kind = pl.col("kind")
        return frame.select(entry.caster.expression(pl.col(name), kind).alias(name))[name]

    def derive(self, frame: pl.DataFrame, field: BoundField) -> pl.DataFrame:
        if field.lookup is not None:
            return frame.with_columns(looked_up(frame, field))
        assert field.derive is not None
        value = field.derive.lower(pl.col, self.settings.now).cast(field.type.polars, strict=False)
        return frame.with_columns(value.alias(field.name))

    def change(self, frame: pl.DataFrame, field: BoundField, steps: Iterable[str], *, inside: bool) -> pl.DataFrame:
        """Apply the changes of one field's values, by these steps or by the others."""
        changes = self.entries.get((field.name, "value"), ())
        wanted = [change for change in changes if (change["step"] in steps) == inside]
        if not wanted or field.pii:
            return frame
        texts = frame.select(text_of(field.type, pl.col(field.name)).alias("text"))["text"].to_list()
        for change in wanted:
            assert texts[change["row"]] == change["before"], change
            texts[change["row"]] = change["after"]
        column = pl.DataFrame({field.name: texts}, schema={field.name: pl.String})
        return frame.with_columns(column.select(cast(field.type, CastOptions()).expression(pl.col(field.name), None)))

    def indicator(self, field: BoundField, rows: pl.Series) -> pl.Series:
        """Return where the steps that have this indicator filled a missing value."""
        of = self.plan.by_name[str(field.indicates)]
        steps = {fit.id for fit in of.fits if fit.indicator == field.name}
        steps |= {of.constant_id} if of.impute_indicator == field.name else set()
        entries = [change for change in self.entries.get((of.name, "value"), ()) if change["step"] in steps]
        filled = {change["row"] for change in entries if change["before"] is None}
        return rows.is_in(sorted(filled)).alias(field.name)

    def check_hidden(self, accepted: pl.DataFrame) -> None:
        """Values of `pii` fields cannot be replayed: their hashes must hold together from entry to entry."""
        for field in self.plan.fields:
            changes = [e for stage in ("text", "value") for e in self.entries.get((field.name, stage), ())]
            assert all(change["hidden"] == field.pii for change in changes)
            if not field.pii:
                continue
            if self.key is None:
                assert all(change["before"] is None and change["after"] is None for change in changes)
                continue
            last: dict[tuple[int, str], str | None] = {}
            for change in changes:
                place = (change["row"], change["stage"])
                assert last.get(place, change["before"]) == change["before"] != change["after"]
                last[place] = change["after"]
            if field.name not in accepted.columns or field.mask is not None:
                continue  # what is written in the place of a masked value says nothing of it
            texts = accepted.select(text_of(field.type, pl.col(field.name)).alias("text"))["text"]
            expected = hashed(texts, self.key)
            for (row, stage), after in last.items():
                if stage == "value" or ((row, "value") not in last and field.type.name == "string"):
                    assert after == expected[row]


def looked_up(frame: pl.DataFrame, field: BoundField) -> pl.Series:
    """Return what the table says of the keys, row by row."""
    assert field.lookup is not None
    names = [*field.lookup.keys]
    table = {tuple(row[name] for name in names): row[VALUE] for row in field.lookup.table.to_dicts()}
    default = field.lookup.default_value
    values = [table.get(key, None if None in key else default) for key in frame.select(names).rows()]
    return pl.Series(field.name, values, dtype=field.type.polars)


def given(accepted: pl.DataFrame, field: BoundField) -> pl.Series:
    """Return the accepted values of a `pii` field; nulls where the output does not have them."""
    if field.name in accepted.columns:
        return accepted[field.name]
    return pl.repeat(None, accepted.height, dtype=field.type.polars, eager=True).alias(field.name)
