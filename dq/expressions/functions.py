"""The functions of the language: one row each, and nothing about them anywhere else but in the second opinion.

`FUNCTIONS` is the table that the type check and the lowering read and that the reference page is made of.  An example
is an expression that is true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from dq.diagnostics import did_you_mean
from dq.dtypes.types import BOOLEAN, DATETIME, INTEGER, NUMBER, STRING, Family, Type
from dq.expressions import exact
from dq.expressions.numbers import rounded_type
from dq.expressions.term import Term
from dq.patterns import PatternError, compile_pattern

MICROSECONDS = {
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
"""The units of `date_diff`."""

_MAX_PLACES = 15
_TEXT = (Family.TEXT,)
_NUMBERS = (Family.NUMBER,)
_CALENDAR = (Family.DATE, Family.DATETIME)
_ANY = (Family.TEXT, Family.NUMBER, Family.BOOLEAN, Family.DATE, Family.TIME, Family.DATETIME, Family.DURATION)

Lowering = Callable[[Sequence[pl.Expr], Sequence[Term], datetime], pl.Expr]
ResultType = Callable[[Sequence[Term]], Type]


class ArgumentError(ValueError):
    """An argument of the right type and the wrong value: its number from 0, a catalogue code and a problem."""

    def __init__(self, index: int, code: str, problem: str, suggestion: str | None = None) -> None:
        """Keep all four."""
        self.index, self.code, self.problem, self.suggestion = index, code, problem, suggestion
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name in the signature, the families that it takes, and whether it must be a literal."""

    name: str
    families: tuple[Family, ...]
    literal: bool = False

    def __str__(self) -> str:
        """Return the parameter as in the signature: `text`, or `name: family or family` where they differ."""
        families = "any" if self.families is _ANY else " or ".join(self.families)
        return f"{self.name}: {families}{' literal' if self.literal else ''}"


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    `optional` of the last parameters may be left out; `variadic` lets the last one repeat.  Arguments from number
    `unified` on are brought to one type.  `result` tells the type of the result from the arguments and raises
    ArgumentError; `lower` gives the Polars expression.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: ResultType
    lower: Lowering
    doc: str
    example: str
    returns: str
    optional: int = 0
    variadic: bool = False
    unified: int | None = None

    @property
    def signature(self) -> str:
        """The signature for people, for example `round(value: number[, places: number literal]) -> the same`."""
        required = len(self.parameters) - self.optional
        words = ", ".join(map(str, self.parameters[:required]))
        words += "".join(f"[, {parameter}]" for parameter in self.parameters[required:])
        return f"{self.name}({words}{', …' if self.variadic else ''}) -> {self.returns}"

    @property
    def arity(self) -> str:
        """How many arguments it takes, in words."""
        most, least = len(self.parameters), len(self.parameters) - self.optional
        if self.variadic:
            return f"at least {least} arguments"
        if least < most:
            return f"{least} or {most} arguments"
        return "no arguments" if not most else f"{most} argument{'s' if most > 1 else ''}"

    def accepts(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        most, least = len(self.parameters), len(self.parameters) - self.optional
        return least <= count and (self.variadic or count <= most)


def _always(result: Type) -> ResultType:
    """Return the rule of a function whose result is of one type."""
    return lambda _terms: result


def _same(terms: Sequence[Term]) -> Type:
    """Return the type of the first argument."""
    return terms[0].type


def _round_type(terms: Sequence[Term]) -> Type:
    """Return the type of `round`: integers and numbers stay what they are, a decimal keeps `places` digits."""
    places = terms[1].value if len(terms) > 1 else 0
    if not isinstance(places, int) or not 0 <= places <= _MAX_PLACES:
        raise ArgumentError(1, "DQ407", f"round keeps 0 to {_MAX_PLACES} places, written as a whole number")
    return rounded_type(terms[0], places) if terms[0].type.name == "decimal" else terms[0].type


def _round(arguments: Sequence[pl.Expr], terms: Sequence[Term], _now: datetime) -> pl.Expr:
    """Lower `round`."""
    places = terms[1].value if len(terms) > 1 else 0
    kind = terms[0].type
    if kind == NUMBER:
        return exact.round_number(arguments[0], places)
    return exact.round_decimal(arguments[0], kind, places) if kind.name == "decimal" else arguments[0]


def _date_diff_type(terms: Sequence[Term]) -> Type:
    """Check the unit of `date_diff`."""
    if terms[0].value not in MICROSECONDS:
        raise ArgumentError(
            0, "DQ407", f"the unit is one of {', '.join(MICROSECONDS)}", did_you_mean(terms[0].value, MICROSECONDS)
        )
    return INTEGER


def _date_diff(arguments: Sequence[pl.Expr], terms: Sequence[Term], _now: datetime) -> pl.Expr:
    """Lower `date_diff`: microseconds between, divided towards zero."""
    elapsed = exact.elapsed(arguments[2], arguments[1], terms[1].type)
    unit = MICROSECONDS[terms[0].value]
    return elapsed.sign() * (elapsed.abs() // unit)


def _matches_type(terms: Sequence[Term]) -> Type:
    """Compile the pattern of `matches`."""
    try:
        compile_pattern(terms[1].value)
    except PatternError as error:
        raise ArgumentError(1, "DQ310" if error.linear else "DQ309", error.message) from None
    return BOOLEAN


def _text(*names: str) -> tuple[Parameter, ...]:
    """Return parameters of texts."""
    return tuple(Parameter(name, _TEXT) for name in names)


def _number(arguments: Sequence[pl.Expr], terms: Sequence[Term], _now: datetime) -> pl.Expr:
    """Lower `abs`."""
    return exact.absolute(arguments[0], terms[0].type)


_ROWS = (
    Function(
        "length",
        _text("text"),
        _always(INTEGER),
        lambda a, _t, _n: a[0].str.len_chars().cast(pl.Int64),
        "The number of characters (Unicode code points).",
        "length('жук') = 3",
        "integer",
    ),
    Function(
        "lower",
        _text("text"),
        _always(STRING),
        lambda a, _t, _n: a[0].str.to_lowercase(),
        "The text in lower case, by Unicode and independent of any locale.",
        "lower('ЖУК Beetle') = 'жук beetle'",
        "text",
    ),
    Function(
        "upper",
        _text("text"),
        _always(STRING),
        lambda a, _t, _n: a[0].str.to_uppercase(),
        "The text in upper case, by Unicode and independent of any locale.",
        "upper('straße') = 'STRASSE'",
        "text",
    ),
    Function(
        "abs",
        (Parameter("value", _NUMBERS),),
        _same,
        _number,
        "The absolute value; of the least integer it is unknown.",
        "abs(-2.50) = 2.50",
        "the type of value",
    ),
    Function(
        "round",
        (Parameter("value", _NUMBERS), Parameter("places", _NUMBERS, literal=True)),
        _round_type,
        _round,
        "Rounded to so many places after the point (0 if left out), halves away from zero; exact for decimals, of a "
        "number the product with 10^places is rounded.",
        "round(-2.345, 2) = -2.35",
        "the type of value",
        optional=1,
    ),
    Function(
        "coalesce",
        (Parameter("value", _ANY), Parameter("other", _ANY)),
        _same,
        lambda a, _t, _n: pl.coalesce(*a),
        "The first value that is not null; all are of one family.",
        "coalesce(null, 2.5, 3) = 2.5",
        "the type of the values",
        variadic=True,
        unified=0,
    ),
    Function(
        "date_diff",
        (Parameter("unit", _TEXT, literal=True), Parameter("start", _CALENDAR), Parameter("end", _CALENDAR)),
        _date_diff_type,
        _date_diff,
        "The whole units (second, minute, hour, day, week) from start to end, towards zero; negative if end is before "
        "start.  Both are dates or both are datetimes.",
        "date_diff('day', date '2024-02-28', date '2024-03-01') = 2",
        "integer",
        unified=1,
    ),
    Function(
        "year",
        (Parameter("date", _CALENDAR),),
        _always(INTEGER),
        lambda a, _t, _n: a[0].dt.year().cast(pl.Int64),
        "The year, of a datetime in UTC.",
        "year(date '2026-11-01') = 2026",
        "integer",
    ),
    Function(
        "month",
        (Parameter("date", _CALENDAR),),
        _always(INTEGER),
        lambda a, _t, _n: a[0].dt.month().cast(pl.Int64),
        "The month from 1 to 12, of a datetime in UTC.",
        "month(timestamp '2026-11-30T23:30:00-03:00') = 12",
        "integer",
    ),
    Function(
        "day",
        (Parameter("date", _CALENDAR),),
        _always(INTEGER),
        lambda a, _t, _n: a[0].dt.day().cast(pl.Int64),
        "The day of the month from 1 to 31, of a datetime in UTC.",
        "day(date '2026-11-30') = 30",
        "integer",
    ),
    Function(
        "starts_with",
        _text("text", "prefix"),
        _always(BOOLEAN),
        lambda a, _t, _n: a[0].str.starts_with(a[1]),
        "Whether the text begins with the prefix, as it is written.",
        "starts_with('A-100', 'A-')",
        "boolean",
    ),
    Function(
        "ends_with",
        _text("text", "suffix"),
        _always(BOOLEAN),
        lambda a, _t, _n: a[0].str.ends_with(a[1]),
        "Whether the text ends with the suffix, as it is written.",
        "ends_with('report.csv', '.csv')",
        "boolean",
    ),
    Function(
        "contains",
        _text("text", "part"),
        _always(BOOLEAN),
        lambda a, _t, _n: a[0].str.contains(a[1], literal=True),
        "Whether the part stands somewhere in the text, as it is written.",
        "contains('100% cotton', '0% c')",
        "boolean",
    ),
    Function(
        "matches",
        (Parameter("text", _TEXT), Parameter("pattern", _TEXT, literal=True)),
        _matches_type,
        lambda a, t, _n: a[0].str.contains(compile_pattern(t[1].value).polars),
        "Whether the pattern, in dq's dialect of regular expressions, is found in the text; anchor it with ^ and $.",
        "matches('AB-12', '^[A-Z]+-[0-9]+$')",
        "boolean",
    ),
    Function(
        "now",
        (),
        _always(DATETIME),
        lambda _a, _t, now: pl.lit(now, dtype=DATETIME.polars),
        "The run's now (`--now`); never the clock.",
        "date_diff('day', now(), now() + duration '36h') = 1",
        "datetime",
    ),
)

FUNCTIONS: dict[str, Function] = {row.name: row for row in _ROWS}
"""Every function by its name."""
