"""Python values of a record handed to the library: made into the values that a JSON parse would give."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import jiter
import polars as pl

from dq.dtypes.types import CellKind
from dq.sources.json_values import Refusal


class TemporalText(str):
    """The canonical text of a date, time, datetime or duration."""

    __slots__ = ()
    kind = CellKind.TEMPORAL


class Unfit(Exception):  # noqa: N818 - a value that travels up a recursion, never seen outside the sources
    """A value cannot be part of a record; `refusal` says why."""

    def __init__(self, code: str, message: str) -> None:
        self.refusal = Refusal(code, message)
        super().__init__(message)


def plain_record(item: Mapping[Any, Any], max_depth: int) -> dict[str, Any] | Refusal:
    """Return the record with JSON's types alone, numbers that are no integers as literals, or why there is none.

    Takes int, float, bool, str, None, list, dict, Decimal, date, time, datetime and timedelta.  An aware datetime is
    written in UTC with a `Z`, a naive one without.
    """
    try:
        return _object(item, max_depth)
    except Unfit as unfit:
        return unfit.refusal


def described(item: Any) -> bytes:
    """Return JSON text of a record that was refused, its unfit values replaced by their type's name."""
    try:
        text = json.dumps(item, ensure_ascii=False, default=lambda value: f"<{type(value).__name__}>")
    except (ValueError, TypeError, RecursionError):
        text = json.dumps(f"<{type(item).__name__}>")
    return text.encode("utf-8", "backslashreplace")


def _object(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    """Return an object whose keys are strings."""
    if depth == 0:
        raise Unfit("unreadable.too_deep", "arrays and objects are nested too deep")
    result: dict[str, Any] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise Unfit("unreadable.malformed", f"a key is of type {type(key).__name__}, not str")
        plain = _PLAIN.get(type(item), _other)
        result[_text(key, depth)] = plain(item, depth - 1)
    return result


def _array(value: list[Any], depth: int) -> list[Any]:
    """Return an array."""
    if depth == 0:
        raise Unfit("unreadable.too_deep", "arrays and objects are nested too deep")
    return [_PLAIN.get(type(item), _other)(item, depth - 1) for item in value]


def _text(value: str, _depth: int) -> str:
    """Return a string that UTF-8 can say."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unfit("unreadable.surrogate", "a string holds half of a surrogate pair") from None
    return value


def _same(value: Any, _depth: int) -> Any:
    """Return a value that JSON has as it is."""
    return value


def _integer(value: int, _depth: int) -> int:
    """Return an integer that has a text."""
    try:
        str(value)
    except ValueError:
        raise Unfit("unreadable.malformed", "an integer has more digits than Python writes") from None
    return value


def _float(value: float, _depth: int) -> jiter.LosslessFloat:
    """Return the shortest literal that reads back."""
    if not math.isfinite(value):
        raise Unfit("unreadable.not_finite", "NaN or an infinity is not a JSON number")
    return jiter.LosslessFloat(repr(value).encode())


def _decimal(value: Decimal, _depth: int) -> jiter.LosslessFloat:
    """Return the literal of a decimal, with all its digits."""
    if not value.is_finite():
        raise Unfit("unreadable.not_finite", "NaN or an infinity is not a JSON number")
    return jiter.LosslessFloat(str(value).encode())


def _datetime(value: dt.datetime, _depth: int) -> TemporalText:
    """Return an aware datetime in UTC, a naive one as it is."""
    if value.tzinfo is None:
        return TemporalText(value.isoformat())
    try:
        return TemporalText(value.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z")
    except OverflowError:
        raise Unfit("unreadable.malformed", "a datetime is out of range in UTC") from None


def _date(value: dt.date, _depth: int) -> TemporalText:
    """Return a date."""
    return TemporalText(value.isoformat())


def _time(value: dt.time, _depth: int) -> TemporalText:
    """Return a time of day, which has no offset."""
    if value.tzinfo is not None:
        raise Unfit("unreadable.malformed", "a value is of type time with an offset, which no type of a field has")
    return TemporalText(value.isoformat())


def _duration(value: dt.timedelta, _depth: int) -> TemporalText:
    """Return an ISO 8601 duration."""
    return TemporalText(pl.Series([value], dtype=pl.Duration("us")).dt.to_string("iso")[0])


def _other(value: Any, depth: int) -> Any:
    """Return a value of a subclass as one of its base; refuse any other type by its name."""
    bases: tuple[tuple[type, Callable[[Any], Any]], ...] = (
        (str, str.__str__), (int, int), (float, float), (dict, dict), (list, list)
    )  # fmt: skip
    for base, convert in bases:
        if isinstance(value, base):
            return _PLAIN[base](convert(value), depth)
    raise Unfit("unreadable.malformed", f"a value is of type {type(value).__name__}, which no field can hold")


_PLAIN: Mapping[type, Callable[[Any, int], Any]] = {
    str: _text,
    int: _integer,
    bool: _same,
    type(None): _same,
    float: _float,
    Decimal: _decimal,
    dict: _object,
    list: _array,
    dt.datetime: _datetime,
    dt.date: _date,
    dt.time: _time,
    dt.timedelta: _duration,
}
