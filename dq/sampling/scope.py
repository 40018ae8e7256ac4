"""What a proposal of values may know: the type, the chance, the moment, and the interval that other checks leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dq.dtypes.types import Family, Type

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "iris", "juniper", "kestrel")
_SECOND = timedelta(seconds=1)
_SPAN = timedelta(days=30)  # how far from a bound, or from now, moments are made
_REACH = 1000  # how far from a bound, or from zero, numbers are made


@dataclass(frozen=True, slots=True)
class Scope:
    """Where values are made: for one field, or for the elements of its lists.

    `low` and `high` are canonical values between which the field's checks leave room, None where there is no end.
    `count` is how many typical values are wanted.
    """

    type: Type
    rng: Random
    now: datetime
    count: int
    low: Any = None
    high: Any = None


def typical(scope: Scope) -> Iterator[Any]:
    """Yield `count` canonical values of the type, within the interval where there is one."""
    for _ in range(scope.count):
        yield _typical(scope)


def _typical(scope: Scope) -> Any:  # noqa: PLR0911 - one type a line
    """Return one value."""
    rng = scope.rng
    match scope.type.family:
        case Family.TEXT:
            return f"{rng.choice(_WORDS)}{rng.randrange(10_000)}"
        case Family.NUMBER:
            return _number(scope)
        case Family.BOOLEAN:
            return rng.random() < 0.5  # noqa: PLR2004 - a coin
        case Family.TIME:
            return _clock(rng.randint(*_ends(scope, 0, 86_399, _seconds)))
        case Family.DURATION:
            return timedelta(seconds=rng.randint(*_ends(scope, 0, 86_400, lambda d: int(d.total_seconds()))))
        case Family.DATE | Family.DATETIME:
            return _moment(scope)
        case Family.LIST:
            inner = Scope(scope.type.element or scope.type, rng, scope.now, rng.randint(0, 3))
            return list(typical(inner))
        case _:
            return f'{{"{rng.choice(_WORDS)}":{rng.randrange(100)}}}'


def _number(scope: Scope) -> Any:
    """Return a number of the type, with two digits after the point at most."""
    scale = min(2, scope.type.scale or 0) if scope.type.name == "decimal" else 2 * (scope.type.name == "number")
    unit = Decimal(1).scaleb(-scale)
    room = 10 ** ((scope.type.precision or 38) - (scope.type.scale or 0)) - 1
    low = Decimal(str(scope.low)) if scope.low is not None else None
    high = Decimal(str(scope.high)) if scope.high is not None else None
    low = max(Decimal(0) if high is None else high - _REACH, Decimal(-room)) if low is None else low
    high = min(low + _REACH, Decimal(room)) if high is None else high
    units = scope.rng.randint(int(low / unit), max(int(low / unit), int(high / unit)))
    return as_number(units * unit, scope.type)


def as_number(value: Decimal, of: Type) -> Any:
    """Return a number as the Python value of a type: int, float or Decimal."""
    if of.name == "integer":
        return int(value)
    return float(value) if of.name == "number" else value


def _ends(scope: Scope, low: int, high: int, seconds: Any) -> tuple[int, int]:
    """Return the ends of the interval in seconds, and these where it has none."""
    first = low if scope.low is None else seconds(scope.low)
    last = max(first, high) if scope.high is None else seconds(scope.high)
    return first, max(first, last)


def _seconds(value: time) -> int:
    return value.hour * 3600 + value.minute * 60 + value.second


def _clock(seconds: int) -> time:
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _moment(scope: Scope) -> Any:
    """Return a date or a datetime, in whole seconds, near the bound that there is, or else before now."""
    is_date = scope.type.family is Family.DATE
    low, high = _midnight(scope.low), _midnight(scope.high)
    high = high or (scope.now if low is None or low < scope.now else low + _SPAN)
    low = low or high - _SPAN
    moment = low + timedelta(seconds=scope.rng.randint(0, max(0, int((high - low) / _SECOND))))
    moment = moment.replace(microsecond=0)
    return moment.date() if is_date else moment


def _midnight(value: Any) -> datetime | None:
    """Return a date as the datetime at which it begins, a datetime as it is."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def around(value: Any, of: Type) -> Iterator[Any]:
    """Yield a value and those next to it: what a bound lets through, and what it just does not."""
    yield value
    try:
        match value:
            case bool():
                yield not value
            case str():
                yield from _near_texts(value)
            case int() | float():
                yield from (value - 1, value + 1, value + 0.5 if isinstance(value, float) else value + 2)
            case Decimal():
                unit = Decimal(1).scaleb(-(of.scale or 0))
                yield from (value - unit, value + unit)
            case datetime() | timedelta():
                yield from (value - _SECOND, value + _SECOND)
            case date():
                yield from (value - timedelta(days=1), value + timedelta(days=1))
            case time():
                yield from (_clock((_seconds(value) + step) % 86_400) for step in (-1, 1))
    except OverflowError:
        return


def _near_texts(text: str) -> Iterator[str]:
    """Yield texts that differ from one in a character, in letter case, or in the blanks around it."""
    yield from (text + "x", text + "0", text[:-1], text.upper(), text.lower(), text[1:], f" {text}", text + "?")
    yield from (text[: len(text) // 2] + mark + text[len(text) // 2 + 1 :] for mark in ("x", "0", "-"))
