"""The canonical types of the specification language.

A type is a small frozen value.  It knows its name in the language and the Polars type of the canonical
column.  How text is read into it lives in `dq.dtypes.cast`, how a value is written in `dq.dtypes.render`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import polars as pl


class CellKind(IntEnum):
    """What a cell was before it became text.

    A CSV cell is always `TEXT`.  The other kinds come from JSON and from typed frames, and decide what a
    cast may accept: `1.0` is an integer as a JSON number and not as text.
    """

    TEXT = 0
    NUMBER = 1  # a JSON number, or an int, float or Decimal of a frame, by its literal
    BOOLEAN = 2  # `true` or `false`
    ARRAY = 3  # a JSON array, as JSON text
    OBJECT = 4  # a JSON object, as JSON text
    TEMPORAL = 5  # a typed date, time, datetime or duration of a frame, in canonical form


class Family(StrEnum):
    """The families that checks and functions speak of."""

    TEXT = "text"
    NUMBER = "number"  # integer, number and decimal
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    DURATION = "duration"
    LIST = "list"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Type:
    """One canonical type.

    `precision` and `scale` belong to decimals, `element` to lists; they are None elsewhere.
    """

    name: str  # string integer number decimal boolean date time datetime duration list object
    family: Family
    precision: int | None = None
    scale: int | None = None
    element: Type | None = None

    def __str__(self) -> str:
        """Return the type as it is written in a spec, for example `decimal(12,2)` or `list<integer>`."""
        if self.name == "decimal":
            return f"decimal({self.precision},{self.scale})"
        if self.element is not None:
            return f"list<{self.element}>"
        return self.name

    @property
    def polars(self) -> pl.DataType:
        """The Polars type of the canonical column.  Objects are canonical JSON text."""
        if self.name == "decimal":
            return pl.Decimal(self.precision, self.scale or 0)
        if self.element is not None:
            return pl.List(self.element.polars)
        return _POLARS[self.name]


STRING = Type("string", Family.TEXT)
INTEGER = Type("integer", Family.NUMBER)
NUMBER = Type("number", Family.NUMBER)
BOOLEAN = Type("boolean", Family.BOOLEAN)
DATE = Type("date", Family.DATE)
TIME = Type("time", Family.TIME)
DATETIME = Type("datetime", Family.DATETIME)
DURATION = Type("duration", Family.DURATION)
OBJECT = Type("object", Family.OBJECT)

_SIMPLE = {t.name: t for t in (STRING, INTEGER, NUMBER, BOOLEAN, DATE, TIME, DATETIME, DURATION, OBJECT)}
_POLARS: dict[str, pl.DataType] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "time": pl.Time(),
    "datetime": pl.Datetime("us", "UTC"),
    "duration": pl.Duration("us"),
    "object": pl.String(),
}
TYPE_NAMES = (*_SIMPLE, "decimal(p,s)", "list<T>")
_DECIMAL = re.compile(r"decimal\(\s*([0-9]{1,2})\s*,\s*([0-9]{1,2})\s*\)\Z", re.ASCII)
_LIST = re.compile(r"list<\s*(.+?)\s*>\Z", re.ASCII)
MAX_PRECISION = 38


def decimal(precision: int, scale: int) -> Type:
    """Return `decimal(precision,scale)`; ValueError unless 1 <= precision <= 38 and 0 <= scale <= precision."""
    if not 1 <= precision <= MAX_PRECISION:
        raise ValueError(f"a decimal has 1 to {MAX_PRECISION} digits, not {precision}")
    if not 0 <= scale <= precision:
        raise ValueError(f"a decimal of {precision} digits cannot have {scale} of them after the point")
    return Type("decimal", Family.NUMBER, precision=precision, scale=scale)


def list_of(element: Type) -> Type:
    """Return `list<element>`; ValueError for lists of lists, which no check could speak of."""
    if element.family is Family.LIST:
        raise ValueError("a list of lists is not a type; use object")
    return Type("list", Family.LIST, element=element)


def parse_type(text: str) -> Type:
    """Read a type as written in a spec.  ValueError says what is wrong, in words."""
    if text in _SIMPLE:
        return _SIMPLE[text]
    if match := _DECIMAL.match(text):
        return decimal(int(match[1]), int(match[2]))
    if match := _LIST.match(text):
        return list_of(parse_type(match[1]))
    raise ValueError(f"no type is called {text!r}")


def holds(field: Type, result: Type) -> bool:
    """Whether a field of one type holds every result of another exactly, or says that it is too large (null)."""
    if field == result:
        return True
    if field.name == "number":
        return result.family is Family.NUMBER
    return field.name == "decimal" and (
        result.name == "integer" or (result.name == "decimal" and (result.scale or 0) <= (field.scale or 0))
    )
