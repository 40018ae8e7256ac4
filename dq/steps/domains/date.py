"""`date`: dates in several notations, with names of months."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from pydantic import Field

from dq.dtypes.formats import FormatError, compile_format
from dq.dtypes.types import Family
from dq.params import ParamError, Text
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.domain import Domain, DomainParams
from dq.steps.domains.locales import locales_named
from dq.steps.domains.names import fold, name_table

_ISO = re.compile(r"(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})")
_ENGLISH = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH_NAME = re.compile(r"\(\?P<([bB])>[^)]*\)")
_DIRECTIVES = frozenset("YmdbB")


class DateParams(DomainParams):
    """The `formats` that are tried in order, and the `languages` whose names of months are read besides English."""

    shorthand = "formats"
    formats: tuple[Text, ...] = Field(description="The notations, in the order in which they are tried.")
    languages: tuple[Text, ...] = Field((), description="Locales whose names of months are read besides English.")


@TEXT_STEPS.register
class Date(Domain):
    """Turns dates in declared formats into `YYYY-MM-DD` (RFC 3339, full-date), which is itself always read.

    Formats are made of `%Y`, `%m`, `%d`, and `%b` or `%B` for a name of a month, short or long and in any letter case;
    they are tried in the order given, and nothing else is guessed.  `languages` are locales of CLDR such as ru or de.
    For a field of type date in one notation of digits, the field's own `formats` are simpler.
    """

    kind = "date"
    title = "write dates as YYYY-MM-DD"
    example = 'date: {formats: ["%d.%m.%Y", "%d %B %Y"], languages: [ru]}'
    example_values = (
        ("5.3.2024", "2024-03-05"),
        ("5 мая 2024", "2024-05-05"),
        ("05 MAY 2024", "2024-05-05"),
        ("2024-05-05", "2024-05-05"),
        ("31.02.2024", "31.02.2024"),
        ("03/05/2024", "03/05/2024"),
    )
    accepts = "a date"
    longest = 128
    Params = DateParams

    def __init__(self, params: Any) -> None:
        """Compile the formats; ParamError DQ314 where one cannot be read."""
        super().__init__(params)
        if not params.formats:
            raise self.wrong("formats", "at least one format", "an empty list")
        self._patterns = [_ISO, *(self._pattern(index, text) for index, text in enumerate(params.formats))]
        local = [(name, str(m)) for loc in locales_named(self, params.languages) for name, m in _months(loc)]
        english = [(form, str(m)) for m, name in enumerate(_ENGLISH, 1) for form in (name, name[:3])]
        self._months = name_table([*english, ("Sept", "9")], local)

    def _pattern(self, index: int, source: str) -> re.Pattern[str]:
        """Return the pattern of a format, whose groups are named by the directives."""
        try:
            pattern = compile_format(source, Family.DATE).guards[-1].pattern
        except FormatError as error:
            raise ParamError("DQ314", "formats", within=(index,), format=source, problem=str(error)) from error
        if not set(re.findall(r"\(\?P<(\w)>", pattern)) <= _DIRECTIVES:
            problem = "this step reads %Y, %m, %d, %b and %B; for others use the field's own formats"
            raise ParamError("DQ314", "formats", within=(index,), format=source, problem=problem)
        if source == "%Y-%d-%m":
            problem = "the result is written %Y-%m-%d, and a second reading would turn it round"
            raise ParamError("DQ314", "formats", within=(index,), format=source, problem=problem)
        return re.compile(_MONTH_NAME.sub(r"(?P<b>[^\\W\\d_]+\\.?)", pattern).removeprefix("^").removesuffix("$"))

    def expected(self) -> str:
        """Name the formats."""
        return f"a date in one of: %Y-%m-%d, {', '.join(self.params.formats)}"

    def standardize(self, text: str) -> str | None:
        """Return the date as YYYY-MM-DD."""
        for pattern in self._patterns:
            found = pattern.fullmatch(text)
            if found is not None:
                return self._date(found.groupdict())
        return None

    def _date(self, parts: dict[str, str]) -> str | None:
        month = self._months.get(fold(parts["b"])) if "b" in parts else parts["m"]
        if not month:
            return None
        try:
            return dt.date(int(parts["Y"]), int(month), int(parts["d"])).isoformat()
        except ValueError:
            return None


def _months(locale: Any) -> list[tuple[str, int]]:
    """Return the names of months of a locale, short and long, in a date and standing alone."""
    return [
        (str(name), int(month))
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for month, name in locale.months[context][width].items()
    ]
