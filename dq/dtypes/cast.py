"""From the text of a cell to a typed value: exactly, or not at all.

`cast` compiles a type with its options once; the `Caster` it returns is a Polars expression that any engine
may run over any chunk.  A cell that is not castable is null where its text was not: never an error, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

import polars as pl

from dq.dtypes import documents, durations, numbers
from dq.dtypes.formats import Format, compile_format, default_formats, typed_formats
from dq.dtypes.temporal import Clock, read_cells
from dq.dtypes.types import CellKind, Type

Lower: TypeAlias = Callable[[pl.Expr, pl.Expr | None], pl.Expr]
Read: TypeAlias = Callable[[pl.Series, pl.Series | None], pl.Series]
TRUE_WORDS = ("true", "1", "yes", "t", "y")
FALSE_WORDS = ("false", "0", "no", "f", "n")
_ARTICLES = {"integer": "an integer", "object": "a JSON object"}


@dataclass(frozen=True, slots=True)
class CastOptions:
    """What a field and its source declare about the form of values.

    `formats` are tried in order (dates, times and datetimes; the default is RFC 3339).  `timezone` is of values
    without an offset; `ambiguous` decides local times that occur twice, `precision` more than six fraction
    digits.  `decimal_mark` and `thousands` are of numbers in text, `true_words` and `false_words` replace the
    usual words of booleans, `separator` splits a list in a text cell, which is a JSON array without it.
    """

    formats: tuple[str, ...] = ()
    timezone: str = "UTC"
    ambiguous: Literal["refuse", "earliest", "latest"] = "refuse"
    precision: Literal["refuse", "truncate"] = "refuse"
    decimal_mark: str = "."
    thousands: str | None = None
    true_words: tuple[str, ...] | None = None
    false_words: tuple[str, ...] | None = None
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class Caster:
    """A compiled cast.  `expected` says in words what it accepts: `an integer`.

    It is said either as an expression (`lower`) or as a function of columns (`read`); the other follows from it.
    """

    type: Type
    expected: str
    lower: Lower | None = None
    read: Read | None = None

    def expression(self, text: pl.Expr, kind: pl.Expr | None = None) -> pl.Expr:
        """Return the typed value of String cells, null where a cell is null or not castable.

        `kind` gives each cell's `CellKind` as UInt8; None means that all cells are text.
        """
        if self.lower is not None:
            return self.lower(text, kind)
        columns = [text] if kind is None else [text, kind]
        return pl.map_batches(
            columns,
            lambda series: self.values(series[0], series[1] if len(series) > 1 else None),
            return_dtype=self.type.polars,
            is_elementwise=True,
        )

    def values(self, text: pl.Series, kind: pl.Series | None = None) -> pl.Series:
        """Return what `expression` says of these cells, at once: a query costs a lone event more than its cast."""
        if self.read is not None:
            return self.read(text, kind).alias(text.name)
        cells = pl.DataFrame([text.alias("text"), *([] if kind is None else [kind.alias("kind")])])
        value = self.expression(pl.col("text"), None if kind is None else pl.col("kind"))
        return cells.select_seq(value.alias(text.name)).to_series()


def cast(type: Type, options: CastOptions | None = None) -> Caster:  # noqa: A002, PLR0911 - the word of the field; one case a line
    """Compile a cast.

    Raises FormatError (a format), TimezoneError (a zone that is unknown) or ValueError (marks, words or a
    separator that cannot be), each in words.
    """
    options = options or CastOptions()
    match type.name:
        case "integer" | "number" | "decimal":
            return _number(type, options)
        case "boolean":
            return _boolean(type, options)
        case "date" | "time" | "datetime":
            return _temporal(type, options)
        case "duration":
            return Caster(type, "a duration such as PT15M or 24h", durations.duration)
        case "list":
            return _list(type, options)
        case "object":
            return Caster(type, "a JSON object", _object)
        case _:
            return Caster(type, "text", read=_strings)


def _strings(text: pl.Series, kind: pl.Series | None) -> pl.Series:
    """Take text, and numbers, booleans and typed times by their literal."""
    if kind is None:
        return text
    nested = (kind == CellKind.ARRAY) | (kind == CellKind.OBJECT)
    return text.zip_with(~nested, pl.Series([None], dtype=pl.String)) if nested.any() else text


def _object(text: pl.Expr, kind: pl.Expr | None) -> pl.Expr:
    """Take JSON objects, in canonical form."""
    cells = text if kind is None else pl.when(kind.is_in([CellKind.TEXT, CellKind.OBJECT])).then(text)

    def read(series: pl.Series) -> pl.Series:
        """Read each cell."""
        values = [None if each is None else documents.canonical_object(each) for each in series]
        return pl.Series(series.name, values, dtype=pl.String)

    return cells.map_batches(read, return_dtype=pl.String(), is_elementwise=True)


def _number(type_: Type, options: CastOptions) -> Caster:
    """Compile integer, number or decimal."""
    marks = numbers.Marks(options.decimal_mark, options.thousands)
    marks.check()
    if type_.name == "integer":
        return Caster(type_, "an integer", read=partial(numbers.read_integers, marks=marks))
    if type_.name == "number":
        return Caster(type_, "a number", read=partial(numbers.read_numbers, marks=marks))
    expected = f"a decimal number of at most {type_.precision} digits, {type_.scale} of them after the point"
    return Caster(type_, expected, read=partial(numbers.read_decimals, marks=marks, type_=type_))


def _boolean(type_: Type, options: CastOptions) -> Caster:
    """Compile boolean, with the usual words or the declared ones."""
    declared = options.true_words is not None or options.false_words is not None
    true = [word.lower() for word in (options.true_words or (() if declared else TRUE_WORDS))]
    false = [word.lower() for word in (options.false_words or (() if declared else FALSE_WORDS))]
    if not true or not false:
        raise ValueError("words are needed for both true and false")
    if both := [word for word in true if word in false]:
        raise ValueError(f"{both[0]!r} cannot mean both true and false")

    def lower(text: pl.Expr, kind: pl.Expr | None) -> pl.Expr:
        """Look the words up; JSON's own booleans, and its numbers 1 and 0, mean themselves."""
        word = text.str.to_lowercase()
        value = pl.when(word.is_in([*true, *false])).then(word.is_in(true))
        if kind is None:
            return value
        literal = ((kind == CellKind.BOOLEAN) & text.is_in(["true", "false"])) | (
            (kind == CellKind.NUMBER) & text.is_in(["1", "0"])
        )
        return pl.when(kind == CellKind.TEXT).then(value).when(literal).then(text.is_in(["true", "1"]))

    return Caster(type_, f"one of: {', '.join([*true, *false])}", lower)


def _temporal(type_: Type, options: CastOptions) -> Caster:
    """Compile date, time or datetime."""
    clock = Clock(options.timezone, options.ambiguous, options.precision)
    clock.check()
    formats: tuple[Format, ...] = tuple(compile_format(each, type_.family) for each in options.formats)
    formats = formats or default_formats(type_.family)
    typed = typed_formats(type_.family)
    many = len(formats) > 1
    expected = f"a {type_} in {'one of: ' if many else ''}{', '.join(form.source for form in formats)}"

    return Caster(type_, expected, read=partial(read_cells, formats=formats, typed=typed, clock=clock))


def _list(type_: Type, options: CastOptions) -> Caster:
    """Compile list<T>: each element by the element's own cast; one that fails makes the cell fail."""
    assert type_.element is not None
    element = cast(type_.element, options)
    separator = options.separator
    if separator == "":
        raise ValueError("a separator is at least one character")

    form = f"values separated by {separator!r}, each " if separator else "a JSON array, each element "
    return Caster(type_, form + element.expected, read=partial(read_lists, element=element, separator=separator))


def read_lists(text: pl.Series, kind: pl.Series | None, element: Caster, separator: str | None) -> pl.Series:
    """Return the lists of String cells, null where a cell, or one of its elements, is not castable."""
    dtype = element.type.polars
    all_kinds = [int(CellKind.TEXT)] * len(text) if kind is None else kind.to_list()
    rows: list[int] = []
    values: list[str | None] = []
    kinds: list[int] = []
    bad = [False] * len(text)
    for row, (cell, what) in enumerate(zip(text, all_kinds, strict=True)):
        items = [] if cell is None else _items(cell, what, separator)
        bad[row] = cell is None or items is None
        for value, item_kind in items or ():
            rows.append(row)
            values.append(value)
            kinds.append(item_kind)
    flat = pl.DataFrame(
        {"row": rows, "text": values, "kind": kinds}, {"row": pl.UInt32, "text": pl.String, "kind": pl.UInt8}
    )
    flat = flat.with_columns(value=element.expression(pl.col("text"), pl.col("kind")))
    failed = flat.filter(pl.col("text").is_not_null() & pl.col("value").is_null())["row"]
    lists = flat.group_by("row", maintain_order=True).agg("value")
    whole = pl.DataFrame(
        {"row": pl.Series(range(len(text)), dtype=pl.UInt32), "bad": bad}, {"row": pl.UInt32, "bad": pl.Boolean}
    )
    joined = whole.join(lists, on="row", how="left", maintain_order="left")
    ok = ~pl.col("bad") & ~pl.col("row").is_in(failed.implode())
    empty = pl.lit([], dtype=pl.List(dtype))
    return joined.select(pl.when(ok).then(pl.col("value").fill_null(empty)).alias(text.name)).to_series()


def _items(cell: str, kind: int, separator: str | None) -> list[tuple[str | None, CellKind]] | None:
    """Return the elements of one cell, None if it is no list."""
    if kind == CellKind.TEXT and separator is not None:
        return [(part, CellKind.TEXT) for part in cell.split(separator)]
    return documents.elements(cell) if kind in {CellKind.TEXT, CellKind.ARRAY} else None
