"""Cleaning: the texts of a chunk, step by step.

All fields take their first step in one round, their second in the next, and so on.  What a step makes is a column, so
that it is computed once, whoever reads it: the next step, the refusals, other fields, the counts of what was changed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from dq.plan.beside import cleaning_order
from dq.plan.changes import TextChange
from dq.plan.rows import FEW_ROWS, ROW, ask, fails_column, passes_column, stops_column
from dq.steps.base import beside_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dq.outcome import Change
    from dq.plan.bound import BoundCheck, BoundField


def missing_to_null(columns: Sequence[pl.Series], words: tuple[str, ...]) -> list[pl.Series]:
    """Return texts, columns of one length, with the words that mean no value turned to null.

    All columns are asked in one, and most have no such word: a question costs a lone event as much as its answer does.
    """
    if not words or not columns:
        return list(columns)
    together = pl.concat(columns)
    found = together == words[0] if len(words) == 1 else together.is_in(list(words))
    if not found.any():
        return list(columns)
    return [_emptied(each, found.slice(at * len(each), len(each))) for at, each in enumerate(columns)]


def _emptied(text: pl.Series, where: pl.Series) -> pl.Series:
    """Return a column with null in some places."""
    return text.zip_with(~where, pl.Series([None], dtype=pl.String)) if where.any() else text


@dataclass(frozen=True, slots=True)
class FieldText:
    """How the text of one field of one source is cleaned: its words for no value, its steps, the checks that refuse."""

    field: BoundField
    missing: tuple[str, ...]
    refusing: tuple[BoundCheck, ...]

    @property
    def raw_name(self) -> str:
        """The column of the raw text, null where missing, of a field that has steps."""
        return f"\x00raw:{self.field.name}"

    @property
    def first_name(self) -> str:
        """The column of the text before all steps."""
        return self._name(0)

    def _name(self, steps: int) -> str:
        """Return the column of the text after the first `steps` steps."""
        if not self.field.steps:
            return self.field.name
        return f"\x00stage:{steps}:{self.field.name}" if steps else self.raw_name

    def step(self, number: int, *, many: bool) -> Iterator[pl.Expr]:
        """Yield the text after the step of this number (from 0), and where that step refuses it, if it can.

        Only the first refusal of a cell counts.  `many` says that there are thousands of rows.
        """
        step, before = self.field.steps[number].step, pl.col(self._name(number))
        yield (step.expression_of_many if many else step.expression)(before).alias(self._name(number + 1))
        for place, check in enumerate(self.refusing):
            refused = step.refused(before) if (check.step or 0) == number else None
            if refused is not None:
                yield (refused.fill_null(value=False) & ~self._refused(place)).alias(fails_column(check.id))

    def _refused(self, count: int) -> pl.Expr:
        """Return where one of the first `count` steps that refuse has refused the text."""
        earlier = [pl.col(fails_column(check.id)) for check in self.refusing[:count]]
        return pl.any_horizontal(earlier) if earlier else pl.lit(value=False)

    @property
    def last_name(self) -> str:
        """The column of the text after all steps."""
        return self._name(len(self.field.steps))

    def judged(self) -> Iterator[pl.Expr]:
        """Yield, for each refusing step, where it passed and where it was not reached, and the text that is kept.

        A refused cell keeps its raw text, which is what its reason shows; it never becomes a value.
        """
        if self.refusing:
            text, refused = pl.col(self.field.name), self._refused(len(self.refusing))
            yield pl.when(refused).then(pl.col(self.raw_name)).otherwise(text).alias(self.field.name)
        for place, check in enumerate(self.refusing):
            given = pl.col(self._name(check.step or 0)).is_not_null()
            yield (given & ~self._refused(place + 1)).alias(passes_column(check.id))
            yield self._refused(place).alias(stops_column(check.id))

    def told(self) -> pl.Expr:
        """Return the text that the steps of other fields are given: null where it was refused."""
        text = pl.col(self.field.name)
        told = pl.when(~self._refused(len(self.refusing))).then(text) if self.refusing else text
        return told.alias(beside_column(self.field.name))

    def changed(self) -> Iterator[pl.Expr]:
        """Yield the column of cells that cleaning changed, and, of several steps, one for each."""
        whole = pl.col(self.field.name).ne_missing(pl.col(self.raw_name))
        yield whole.alias(_changed(self.field.name))
        for number in range(len(self.field.steps) if len(self.field.steps) > 1 else 0):
            before, after = pl.col(self._name(number)), pl.col(self._name(number + 1))
            yield before.ne_missing(after).alias(_changed(self.field.name, number))

    def change(self, frame: pl.DataFrame) -> TextChange | None:
        """Return what cleaning changed, or None where it changed nothing: the cells whose text is not what it was.

        What a single step did is all that was done.
        """
        if frame.get_column(self.field.name).equals(frame.get_column(self.raw_name)):
            return None
        marks = ask(frame, list(self.changed()))
        where = marks[_changed(self.field.name)]
        steps = self.field.steps
        several = range(len(steps)) if len(steps) > 1 else ()
        changed = tuple(marks[_changed(self.field.name, number)] & where for number in several) or (where,)
        beside = frame.select(beside_column(name) for name in self.field.beside)
        return TextChange(self.field.name, steps, frame[ROW], where, frame[self.raw_name], changed, beside)

    def kept(self) -> list[str]:
        """Return the columns that are wanted when the field is clean."""
        named = (fails_column, passes_column, stops_column)
        answers = [name(check.id) for check in self.refusing for name in named]
        return [self.field.name, *([self.raw_name] if self.field.steps else []), *answers]


@dataclass(frozen=True, slots=True)
class Round:
    """What is computed at once: columns, and before them the fields, by their words for no value, that are done."""

    done: dict[tuple[str, ...], list[FieldText]] = field(default_factory=dict)
    columns: list[pl.Expr] = field(default_factory=list)

    def run(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with these columns."""
        for words, texts in self.done.items():
            columns = missing_to_null([frame.get_column(text.last_name) for text in texts], words)
            done = [column.alias(text.field.name) for column, text in zip(columns, texts, strict=True)]
            frame = frame.hstack(done)
        if not self.columns:
            return frame
        return (frame.with_columns_seq if frame.height <= FEW_ROWS else frame.with_columns)(self.columns)


def _rounds(fields: Sequence[FieldText], *, many: bool) -> list[Round]:
    """Return the rounds of some fields, each behind those that its cleaning reads, which are among them."""
    rounds: dict[int, Round] = defaultdict(Round)
    end: dict[str, int] = {}
    by_name = {text.field.name: text for text in fields}
    told = {name for text in fields for name in text.field.beside}
    for name in cleaning_order([text.field for text in fields]):
        text = by_name[name]
        last = max((end[other] for other in text.field.beside), default=0)
        for number in range(len(text.field.steps)):
            rounds[last].columns.extend(text.step(number, many=many))
            last += 1
        if text.field.steps:
            rounds[last].done.setdefault(text.missing, []).append(text)
            rounds[last].columns.extend(text.judged())
        rounds[last + 1].columns.extend([text.told()] if name in told else [])
        end[name] = last + 2
    return [rounds[number] for number in sorted(rounds)]


@dataclass(frozen=True, slots=True)
class Cleaning:
    """How the fields of one source are cleaned: the fields by their words for no value, the rounds, what is kept.

    There are rounds for few rows and for many.  `stepped` are the fields of which it is noted what was changed.
    """

    read: dict[tuple[str, ...], list[FieldText]]
    few: list[Round]
    many: list[Round]
    kept: list[str]
    stepped: list[FieldText]

    @classmethod
    def of(cls, fields: Sequence[FieldText], *, noted: bool) -> Cleaning:
        """Prepare for some fields; those that their cleaning reads are among them."""
        read: dict[tuple[str, ...], list[FieldText]] = {}
        for text in fields:
            read.setdefault(text.missing, []).append(text)
        kept = [ROW, *(name for text in fields for name in text.kept())]
        stepped = [text for text in fields if text.field.steps] if noted else []
        return cls(read, _rounds(fields, many=False), _rounds(fields, many=True), kept, stepped)

    def run(self, cells: pl.DataFrame, height: int) -> tuple[pl.DataFrame, list[Change]]:
        """Return the cleaned text of a chunk of cells, and what was changed.

        ROW says how many rows there are, also where no field is read.
        """
        columns = [pl.int_range(height, dtype=pl.UInt32, eager=True).alias(ROW)]
        for words, texts in self.read.items():
            raw = missing_to_null([cells.get_column(text.field.name) for text in texts], words)
            columns += [
                column.alias(text.first_name) if text.field.steps else column
                for column, text in zip(raw, texts, strict=True)
            ]
        frame = pl.DataFrame(columns)
        for each in self.few if height <= FEW_ROWS else self.many:
            frame = each.run(frame)
        changes = (text.change(frame) for text in self.stepped)
        return frame[self.kept], [change for change in changes if change is not None]


def _changed(field: str, number: int | None = None) -> str:
    return f"\x00changed:{field}" if number is None else f"\x00did:{number}:{field}"
