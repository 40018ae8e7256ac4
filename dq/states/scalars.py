"""Single values of canonical columns as JSON: exactly, to be read back, and plainly, for a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

Scalar: TypeAlias = "str | bool | int | float | Decimal | date | time | datetime | timedelta"

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Form:
    """How the values of one Python type are written: their name, their exact text and back, and for a report."""

    name: str
    write: Callable[[Any], str]
    read: Callable[[str], Scalar]
    plain: Callable[[Any], str | bool | int | float]


_FORMS = {
    str: _Form("string", str, str, str),
    bool: _Form("boolean", lambda value: "true" if value else "false", lambda text: text == "true", bool),
    int: _Form("integer", str, int, int),
    float: _Form("number", repr, float, float),
    Decimal: _Form("decimal", lambda value: format(value, "f"), Decimal, lambda value: format(value, "f")),
    date: _Form("date", date.isoformat, date.fromisoformat, date.isoformat),
    time: _Form("time", time.isoformat, time.fromisoformat, time.isoformat),
    datetime: _Form(
        "datetime",
        datetime.isoformat,
        datetime.fromisoformat,
        lambda value: value.isoformat().replace("+00:00", "Z"),
    ),
    timedelta: _Form(
        "duration",
        lambda value: str(value // _MICROSECOND),
        lambda text: int(text) * _MICROSECOND,
        timedelta.total_seconds,
    ),
}
_BY_NAME = {form.name: form for form in _FORMS.values()}


def encode(value: Scalar) -> list[str]:
    """Return the name of the value's type and its text, from which `decode` makes an equal value."""
    form = _FORMS[type(value)]
    return [form.name, form.write(value)]


def decode(raw: list[str]) -> Scalar:
    """Return the value that `encode` described."""
    name, text = raw
    return _BY_NAME[name].read(text)


def plain(value: Scalar) -> str | bool | int | float:
    """Return the value for a report: JSON's own types where they are exact, durations in seconds, else text."""
    return _FORMS[type(value)].plain(value)
