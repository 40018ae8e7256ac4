"""Reading dates, times, datetimes and durations out of text, exactly or not at all.

All functions here take and give whole Series.  Text is read by the first format that matches it; each further
format sees only what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

import polars as pl

from dq.dtypes.formats import DAY_NUMBERS, MONTH_NUMBERS, Format, Guard
from dq.dtypes.types import CellKind, Family

_NAIVE = pl.Datetime("us")
_DTYPES = {Family.DATE: pl.Date(), Family.TIME: pl.Time(), Family.DATETIME: pl.Datetime("us", "UTC")}
_EPOCH = "^(?:0|-?[1-9][0-9]{0,17})$"
_FRACTION = 6  # digits of a microsecond
_DAY = 86_400_000_000  # its microseconds
_YEARS = (-719_162, 2_932_897)  # 0001-01-01 and 10000-01-01, in days since 1970-01-01


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

    def utc(self, naive: pl.Series) -> pl.Series:
        """Return local times as UTC; null where a local time does not exist, or occurs twice and is refused."""
        placed = naive.dt.replace_time_zone(
            self.timezone, ambiguous="null" if self.ambiguous == "refuse" else self.ambiguous, non_existent="null"
        )
        return placed.dt.convert_time_zone("UTC")


def read_text(text: pl.Series, formats: tuple[Format, ...], clock: Clock) -> pl.Series:
    """Return the typed values of a String series by the first format that takes each, null where none does."""
    family = formats[0].family
    result = pl.Series(text.name, [None], dtype=_DTYPES[family]).new_from_index(0, len(text))
    at, left = text.is_not_null().arg_true(), text.drop_nulls()
    for pattern, read in (reading for form in formats for reading in _readings(form, clock)):
        if not len(left):
            break
        taken = left.str.contains(pattern)
        values = read(left.filter(taken))
        if values.null_count():  # It matches and is no value, as the 31st of June: a later format may take it.
            taken = taken.scatter(taken.arg_true().filter(values.is_null()), values=False)
            values = values.drop_nulls()
        result = values if len(values) == len(text) else result.scatter(at.filter(taken), values)
        at, left = at.filter(~taken), left.filter(~taken)
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
    inside = values.to_physical().is_between(first, after, closed="left")
    return values if inside.all() else values.set(~inside, None)


def _readings(form: Format, clock: Clock) -> Iterator[tuple[str, Callable[[pl.Series], pl.Series]]]:
    """Yield the patterns of a format, and for each what makes values of the text that matches it."""
    if form.unit is not None:
        yield _EPOCH, partial(_epoch, unit=form.unit)
    for guard in form.guards:
        read = _groups if guard.directives is None else _fast
        yield guard.pattern, partial(read, guard=guard, family=form.family, clock=clock)


def _fast(text: pl.Series, guard: Guard, family: Family, clock: Clock) -> pl.Series:
    """Read text that has passed its guard by Polars' own parser; a date that does not exist is null."""
    assert guard.directives is not None
    if family is Family.DATE:
        return text.str.to_date(guard.directives, strict=False)
    # Times hardly repeat, so that looking each up in a cache costs more than parsing it.
    moment = text.str.to_datetime(guard.directives, time_unit="us", strict=False, cache=False)
    if moment.dtype == _NAIVE:
        return moment.dt.replace_time_zone("UTC") if guard.utc else clock.utc(moment)
    return moment.dt.convert_time_zone("UTC")


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
        return clock.utc(frame.select(value=moment).to_series())
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
