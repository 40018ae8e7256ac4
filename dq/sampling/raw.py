"""From canonical values back to what a source would give: by the field's formats, words and separator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import jiter
import orjson
import polars as pl

from dq.dtypes.render import text_of
from dq.dtypes.types import Family, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq.dtypes.cast import CastOptions

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()  # noqa: SIM905
_EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# What each directive of a format writes, the same in every locale.
_DIRECTIVES: dict[str, Callable[[Any], str]] = {
    "Y": lambda at: f"{at.year:04d}",
    "m": lambda at: f"{at.month:02d}",
    "d": lambda at: f"{at.day:02d}",
    "j": lambda at: f"{at.timetuple().tm_yday:03d}",
    "b": lambda at: _MONTHS[at.month - 1][:3],
    "B": lambda at: _MONTHS[at.month - 1],
    "a": lambda at: _DAYS[at.weekday()][:3],
    "A": lambda at: _DAYS[at.weekday()],
    "H": lambda at: f"{at.hour:02d}",
    "I": lambda at: f"{at.hour % 12 or 12:02d}",
    "p": lambda at: "AM" if at.hour < 12 else "PM",  # noqa: PLR2004 - noon
    "M": lambda at: f"{at.minute:02d}",
    "S": lambda at: f"{at.second:02d}",
    "f": lambda at: f"{at.microsecond:06d}",
    "z": lambda _at: "Z",
    "%": lambda _at: "%",
}


def raw_of(value: Any, of: Type, options: CastOptions, turn: int = 0) -> Any:  # noqa: PLR0911 - one case a line
    """Return a canonical value as a record of JSON would have it: text, a number, a truth value, a list, None.

    `turn` chooses among several formats of a date or time.
    """
    if value is None:
        return None
    match of.family:
        case Family.BOOLEAN if options.true_words and options.false_words:
            return (options.true_words if value else options.false_words)[0]
        case Family.DATE | Family.TIME | Family.DATETIME if options.formats:
            return written(value, options.formats[turn % len(options.formats)], options.timezone)
        case Family.LIST:
            element = of.element or of
            items = [raw_of(item, element, options, turn) for item in value]
            return items if options.separator is None else options.separator.join(map(cell_text, items))
        case Family.OBJECT:
            return jiter.from_json(value.encode(), float_mode="decimal")
        case Family.TEXT | Family.BOOLEAN:
            return value
        case Family.NUMBER:
            return Decimal(repr(value)) if isinstance(value, float) else value
        case _:
            return canonical_texts([value], of)[0]


def canonical_texts(values: Sequence[Any], of: Type) -> list[str | None]:
    """Return the canonical text of values of a type."""
    frame = pl.DataFrame({"value": pl.Series(values, dtype=of.polars)})
    return frame.select(text_of(of, pl.col("value"))).to_series().to_list()


def written(value: date | time | datetime, form: str, timezone: str) -> str | int:
    """Return a date or time in a format of the language; where the format has no offset, in the field's zone."""
    if form in _EPOCHS and isinstance(value, datetime):
        return (value - _EPOCH) // _MICROSECOND // _EPOCHS[form]
    if form == "rfc3339":
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, datetime) and "%z" not in form and not form.endswith("Z"):
        value = value.astimezone(ZoneInfo(timezone))
    parts = form.split("%")
    text, parts = parts[0], parts[1:]
    while parts:
        part = parts.pop(0)
        if not part:  # Two signs stand for one.
            text += "%" + parts.pop(0)
        else:
            text += _DIRECTIVES[part[0]](value) + part[1:]
    return text


def cell_text(raw: Any) -> str:
    """Return a raw value as the text of a CSV cell; null is the empty text."""
    match raw:
        case None:
            return ""
        case bool():
            return "true" if raw else "false"
        case Decimal():
            return format(raw, "f")
        case list() | dict():
            return json_text(raw)
        case _:
            return str(raw)


def json_text(raw: Any, *, indented: bool = False) -> str:
    """Return a raw value as JSON, numbers with all their digits."""
    return orjson.dumps(raw, default=_literal, option=orjson.OPT_INDENT_2 if indented else None).decode()


def _literal(value: Any) -> Any:
    """Give orjson the digits of a decimal as they are."""
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not a JSON value")
