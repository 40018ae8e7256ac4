"""Reading dates, times, datetimes and durations out of text, exactly or not at all.

All functions here take and give whole Series.  Text is read by the first format that matches it; each further
format sees only what is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Literal, TypeAlias

import polars as pl

from dq.dtypes.formats import DAY_NUMBERS, MONTH_NUMBERS, Format, Guard
from dq.dtypes.types import CellKind, Family

_NAIVE = pl.Datetime("us")
_DTYPES = {Family.DATE: pl.Date(), Family.TIME: pl.Time(), Family.DATETIME: pl.Datetime("us", "UTC")}
_TEXT = "text"
_EPOCH = "^(?:0|-?[1-9][0-9]{0,17})$"
_FRACTION = 6  # digits of a microsecond
_DAY = 86_400_000_000  # its microseconds
_YEARS = (-719_162, 2_932_897)  # 0001-01-01 and 10000-01-01, in days since 1970-01-01

Reading: TypeAlias = Callable[[pl.Series], pl.Series]


class TimezoneError(ValueError):
    """A zone that is not in the time-zone database."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How local times are understood: their zone, and what becomes of those that occur twice."""

    timezone: str = "UTC"
    ambiguous: Literal["refuse", "earliest", "latest"] = "refuse"
    precision: Literal["refuse", "truncate"] = "refuse"

    def check(self) -> None:
        """Raise TimezoneError unless Polars knows the zone."""
        try:
            pl.Series([datetime(2000, 1, 1)], dtype=_NAIVE).dt.replace_time_zone(self.timezone)  # noqa: DTZ001
        except pl.exceptions.ComputeError:
            raise TimezoneError(f"no time zone is called {self.timezone!r}") from None

    def utc(self, naive: pl.Expr) -> pl.Expr:
        """Return local times as UTC; null where a local time does not exist, or occurs twice and is refused."""
        placed = naive.dt.replace_time_zone(
            self.timezone, ambiguous="null" if self.ambiguous == "refuse" else self.ambiguous, non_existent="null"
        )
        return placed.dt.convert_time_zone("UTC")


def read_text(text: pl.Series, formats: tuple[Format, ...], clock: Clock) -> pl.Series:
    """Return the typed values of a String series by the first format that takes each, null where none does."""
    family = formats[0].family
    result = pl.Series(text.name, [None], dtype=_DTYPES[family]).new_from_index(0, len(text))
    at, left = pl.int_range(len(text), dtype=pl.UInt32, eager=True), text
    if text.null_count():
        given = text.is_not_null()
        at, left = at.filter(given), left.filter(given)
    for matches, read in _readings(formats, clock):
        taken = left.to_frame(_TEXT).select_seq(matches).to_series()
        if not taken.any():
            continue
        values = read(left.filter(taken))
        if values.null_count():  # It matches and is no value, as the 31st of June: a later format may take it.
            taken = taken.scatter(taken.arg_true().filter(values.is_null()), values=False)
            values = values.drop_nulls()
        result = values.alias(text.name) if len(values) == len(text) else result.scatter(at.filter(taken), values)
        at, left = at.filter(~taken), left.filter(~taken)
        if not len(left):
            break
    return _within_years(result) if family is not Family.TIME else result


def read_cells(
    text: pl.Series, kind: pl.Series | None, formats: tuple[Format, ...], typed: tuple[Format, ...], clock: Clock
) -> pl.Series:
    """Read cells: text and numbers by `formats`, typed cells of frames by `typed`, everything else not at all."""
    if kind is None:
        return read_text(text, formats, clock)
    readable = kind <= CellKind.NUMBER
    result = read_text(_only(text, readable), formats, clock)
    native = (kind == CellKind.TEMPORAL).arg_true()
    if len(native):
        result = result.scatter(native, read_text(text.gather(native), typed, clock))
    return result


def _only(text: pl.Series, where: pl.Series) -> pl.Series:
    """Return the text where `where` is true, null elsewhere."""
    return (
        text if where.all() else text.zip_with(where, pl.Series([None], dtype=pl.String).new_from_index(0, len(text)))
    )


def _within_years(values: pl.Series) -> pl.Series:
    """Return the values of the years 1 to 9999, the only ones that four digits can write."""
    first, after = (day if values.dtype == pl.Date else day * _DAY for day in _YEARS)
    numbers = values.cast(pl.Int64)
    least, most = numbers.min(), numbers.max()
    if least is None or (first <= least and most < after):  # type: ignore[operator]  # they are integers
        return values
    return values.set(~numbers.is_between(first, after, closed="left"), None)


@cache
def _readings(formats: tuple[Format, ...], clock: Clock) -> tuple[tuple[pl.Expr, Reading], ...]:
    """Return which texts the formats take, guard by guard, and for each guard what makes values of the text it takes.

    The question is of the column `_TEXT`.  Both are made once: a lone event would pay more for them than for its time.
    """
    readings: list[tuple[pl.Expr, Reading]] = []
    for form in formats:
        if form.unit is not None:
            readings.append((pl.col(_TEXT).str.contains(_EPOCH), partial(_epoch, unit=form.unit)))
        for guard in form.guards:
            read = partial(_groups, guard=guard, family=form.family, clock=clock)
            if guard.directives is not None:
                read = partial(_fast, value=_parsed(guard, guard.directives, form.family, clock))
            readings.append((pl.col(_TEXT).str.contains(guard.pattern), read))
    return tuple(readings)


def _fast(text: pl.Series, value: pl.Expr) -> pl.Series:
    """Read text that has passed its guard by an expression of the column `_TEXT`."""
    return text.to_frame(_TEXT).select_seq(value).to_series()


def _parsed(guard: Guard, directives: str, family: Family, clock: Clock) -> pl.Expr:
    """Return what Polars' own parser makes of text that has passed its guard; a date that does not exist is null."""
    if family is Family.DATE:
        return pl.col(_TEXT).str.to_date(directives, strict=False)
    # Times hardly repeat, so that looking each up in a cache costs more than parsing it.
    moment = pl.col(_TEXT).str.to_datetime(directives, time_unit="us", strict=False, cache=False)
    if {"%z", "%:z"} & set(re.findall("%:?.", directives)):
        return moment.dt.convert_time_zone("UTC")
    return moment.dt.replace_time_zone("UTC") if guard.utc else clock.utc(moment)


def _epoch(text: pl.Series, unit: int) -> pl.Series:
    """Read whole numbers of a unit since 1970-01-01T00:00:00Z; null where that is no year of four digits."""
    count = text.cast(pl.Int64)
    limit = 300_000_000_000 * 1_000_000 // unit  # beyond the year 9999 and within 64 bits
    count = count.set(~count.is_between(-limit, limit), None)
    return (count * unit).cast(_NAIVE).dt.replace_time_zone("UTC")


def _groups(text: pl.Series, guard: Guard, family: Family, clock: Clock) -> pl.Series:
    """Read the named groups of a guard one by one."""
    frame = text.to_frame("text").select(pl.col("text").str.extract_groups(guard.pattern)).unnest("text")
    names = frame.columns
    day = _date(names) if family is not Family.TIME else None
    micros = _micros(names, clock.precision)
    if family is Family.DATE:
        return frame.select(value=day).to_series()
    if day is None:
        return frame.select(value=(micros * 1000).cast(pl.Time)).to_series()
    moment = day.cast(_NAIVE) + pl.duration(microseconds=micros, time_unit="us")
    if "z" not in names:
        return frame.select(value=clock.utc(moment)).to_series()
    return (
        frame.select(value=moment - pl.duration(microseconds=_offset(), time_unit="us"))
        .to_series()
        .dt.replace_time_zone("UTC")
    )


def _date(names: list[str]) -> pl.Expr:
    """Return the date that the groups say, null where it does not exist or its weekday is another."""
    if "j" in names:
        first = pl.format("{}-01-01", "Y").str.to_date("%Y-%m-%d", strict=False)
        day = first + pl.duration(days=pl.col("j").cast(pl.Int64) - 1)
        day = pl.when((day.dt.year() == first.dt.year()) & (pl.col("j") != "000")).then(day)
    else:
        named = next((name for name in names if name in "bB"), None)
        month = (
            pl.col("m").str.zfill(2)
            if named is None
            else pl.col(named)
            .str.slice(0, 3)
            .str.to_lowercase()
            .replace_strict(
                list(MONTH_NUMBERS), [f"{n:02d}" for n in MONTH_NUMBERS.values()], default=None, return_dtype=pl.String
            )
        )
        day = pl.format("{}-{}-{}", "Y", month, pl.col("d").str.zfill(2)).str.to_date("%Y-%m-%d", strict=False)
    for name in ("a", "A"):
        if name in names:
            said = (
                pl.col(name)
                .str.slice(0, 3)
                .str.to_lowercase()
                .replace_strict(DAY_NUMBERS, default=None, return_dtype=pl.Int8)
            )
            day = pl.when(day.dt.weekday() == said).then(day)
    return day


def _micros(names: list[str], precision: str) -> pl.Expr:
    """Return the microseconds since midnight that the groups say; null where the fraction is too fine."""
    hour = pl.col("H" if "H" in names else "I").cast(pl.Int64) if {"H", "I"} & set(names) else pl.lit(0)
    if "p" in names:
        hour = hour % 12 + pl.when(pl.col("p").str.to_lowercase() == "pm").then(12).otherwise(0)
    total = hour * 3_600_000_000
    if "M" in names:
        total = total + pl.col("M").cast(pl.Int64) * 60_000_000
    if "S" in names:
        total = total + pl.col("S").cast(pl.Int64) * 1_000_000
    if "f" in names:
        digits = pl.col("f").fill_null("0")
        micros = digits.str.slice(0, _FRACTION).str.pad_end(_FRACTION, "0").cast(pl.Int64)
        if precision == "refuse":
            micros = pl.when(digits.str.len_bytes() <= _FRACTION).then(micros)
        total = total + micros
    return total


def _offset() -> pl.Expr:
    """Return the microseconds east of UTC that the group `z` says."""
    digits = pl.col("z").str.replace(":", "", literal=True)
    minutes = digits.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(3, 2).cast(
        pl.Int64, strict=False
    )
    sign = pl.when(digits.str.starts_with("-")).then(-1).otherwise(1)
    return (minutes * sign).fill_null(0) * 60_000_000
