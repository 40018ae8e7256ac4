"""Ranges of numbers that measure something, with room for the numbers of tomorrow, and values far from the others."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from dq.drafting.finding import Finding, counted, share
from dq.drafting.value_types import is_identifier
from dq.dtypes.types import Family

if TYPE_CHECKING:
    from dq.drafting.column import Column
    from dq.drafting.moments import Reading

_FEWEST = 20
_ROOM = Decimal("1.25")
_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
# What the name of a column says of its bounds: a last word, and the bounds that then hold.
_KNOWN: tuple[tuple[frozenset[str], int, int], ...] = (
    (frozenset({"lat", "latitude"}), -90, 90),
    (frozenset({"lon", "lng", "long", "longitude"}), -180, 180),
    (frozenset({"month"}), 1, 12),
    (frozenset({"day"}), 1, 31),
    (frozenset({"hour"}), 0, 23),
    (frozenset({"minute", "second"}), 0, 59),
    (frozenset({"percent", "percentage", "pct", "humidity", "humid"}), 0, 100),
    (frozenset({"dir", "direction", "bearing", "heading", "azimuth"}), 0, 360),
    (frozenset({"age"}), 0, 120),
    (frozenset({"year", "yr"}), 1900, 2100),
    (frozenset({"share", "ratio", "fraction", "probability", "prob"}), 0, 1),
)
_FEW_NEGATIVE = 0.002
_DAY = Decimal(2400)  # the end of a day, as hours and minutes in one number
_FENCE = 10  # interquartile ranges
_MOST_BEYOND = 0.005


def guess(column: Column, reading: Reading) -> list[Finding]:
    """Return the range of a column of numbers that are no identifiers, and what is doubtful about its ends."""
    if reading.type.family is not Family.NUMBER or is_identifier(column) or column.distinct < 3:  # noqa: PLR2004
        return []
    values = column.read(reading.type, reading.options)
    numbers = pl.DataFrame({"value": values.cast(pl.Float64), "count": column.counts["count"]}).drop_nulls()
    if numbers.is_empty():
        return []
    low, high = _decimal(values.min()), _decimal(values.max())
    if reading.type.name == "integer" and _is_serial(column, low, high):
        return []
    negative = int(numbers.filter(pl.col("value") < 0)["count"].sum())
    bottom, top = _bounds(column, values, low, high)
    sure = column.present >= _FEWEST
    lines = [
        Finding("checks", f"between: [{_plain(bottom)}, {_plain(top)}]", f"found {_plain(low)} to {_plain(high)}", sure)
    ]
    if 0 < negative <= _FEW_NEGATIVE * column.present:
        lines.append(
            Finding("checks", "minimum: 0", f"{share(negative, column.present)} are below 0: mistakes?", sure=False)
        )
    return [*lines, *_far(numbers, column)]


def _is_serial(column: Column, low: Decimal, high: Decimal) -> bool:
    """Whether whole numbers only count: no two are equal, and they leave few gaps."""
    return column.distinct == column.present and high - low < 3 * column.present


def _bounds(column: Column, values: pl.Series, low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """Return the bounds that the last word of the name speaks of, each if all values keep it; else round numbers."""
    last = column.words[-1] if column.words else ""
    if "time" in column.words and low >= 0 and _DAY / 2 < high <= _DAY and not (values % 100 >= 60).any():  # noqa: PLR2004
        return Decimal(0), _DAY
    bottom, top = next(((bottom, top) for words, bottom, top in _KNOWN if last in words), (None, None))
    lower = Decimal(bottom) if bottom is not None and bottom <= low else _below(low, high)
    upper = Decimal(top) if top is not None and high <= top else _above(high)
    return lower, upper


def _above(high: Decimal) -> Decimal:
    """Return a round number above the highest value, with room; 0 where no value is above it."""
    if high <= 0:
        return Decimal(0)
    wanted = high * _ROOM
    unit = Decimal(10) ** wanted.adjusted()
    return next(step * unit for step in _STEPS if step * unit >= wanted)


def _below(low: Decimal, high: Decimal) -> Decimal:
    """Return 0, or a round number below the lowest value, with room that a tenth of the highest value needs, too."""
    return Decimal(0) if low >= 0 else -_above(max(-low, high / 10))


def _far(numbers: pl.DataFrame, column: Column) -> list[Finding]:
    """Return outliers as a doubt, where few values lie far beyond the quartiles."""
    ordered = numbers.sort("value").with_columns(below=pl.col("count").cum_sum())
    total = int(ordered["count"].sum())
    quartiles = [float(ordered.filter(pl.col("below") >= part * total)["value"][0]) for part in (0.25, 0.75)]
    room = _FENCE * (quartiles[1] - quartiles[0])
    beyond = int(
        numbers.filter((pl.col("value") < quartiles[0] - room) | (pl.col("value") > quartiles[1] + room))["count"].sum()
    )
    if not room or not 0 < beyond <= _MOST_BEYOND * total:
        return []
    fences = f"{quartiles[0] - room:.4g} and {quartiles[1] + room:.4g}"
    evidence = f"{counted(beyond, 'value')} of {column.present:,} outside {fences}"
    return [Finding("outliers", f"{{iqr: {_FENCE}, action: set_null}}", evidence, sure=False)]


def _decimal(value: object) -> Decimal:
    """Return a number of any type exactly."""
    return Decimal(str(value))


def _plain(value: Decimal) -> str:
    """Return a number without exponent and without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
