"""`number`: numbers with the marks of a locale."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from dq.params import Text
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.locales import locale_named
from dq.steps.domains.numerals import MarkedDomain, MarkedParams, ascii_digits, reader


class NumberParams(MarkedParams):
    """The marks, or instead of them the `locale` (such as de, ru or en_IN) that has them, by Unicode's CLDR."""

    locale: Text | None = Field(None, description="The locale whose marks are read, instead of marks given one by one.")


@TEXT_STEPS.register
class Number(MarkedDomain):
    """Turns a number as people write it into plain text for the cast, digit by digit, so that nothing is rounded.

    Marks between thousands may be absent; where they stand they must stand right (`1,23` is not 123).  A plus, the
    minus sign of Unicode, digits of other scripts, an exponent up to 400 and a missing zero before or after the
    decimal mark are read.  Zeros that say nothing vanish: `1.50` becomes `1.5`, `007` becomes `7`.  Currencies,
    percent and units are not read.  Where the decimal mark is not the point, this is a decoding: applied to its own
    result it would read other numbers.
    """

    kind = "number"
    title = "write numbers with locale marks plainly"
    example = 'number: {decimal: ".", thousands: ",", otherwise: keep}'
    example_values = (
        ("1,234,567.50", "1234567.5"),
        ("\u22120.5", "-0.5"),
        ("+42", "42"),
        ("1.5e3", "1500"),
        ("1,23", "1,23"),
        ("12 EUR", "12 EUR"),
    )
    accepts = "a number"
    Params = NumberParams

    def __init__(self, params: Any) -> None:
        """Take the marks of the locale; refuse one that is unknown or stands beside marks of the spec's own."""
        super().__init__(params)
        if params.locale is None:
            return
        self.need("babel", "locale")
        for key in ("decimal", "thousands"):
            if key in params.model_fields_set:
                raise self.wrong(key, "no marks beside a locale", repr(getattr(params, key)))
        locale = locale_named(self, "locale", params.locale)
        symbols = locale.number_symbols[locale.default_numbering_system]
        grouping = locale.decimal_formats[None].grouping
        self.forbid_keeping(str(symbols["decimal"]))
        self.reader = reader(str(symbols["decimal"]), str(symbols["group"]), *grouping)

    def expected(self) -> str:
        """Say in which marks."""
        params = self.params
        if params.locale is not None:
            return f"a number in the marks of {params.locale}"
        grouped = "" if params.thousands is None else f" and the thousands mark {params.thousands!r}"
        return f"a number with the decimal mark {params.decimal!r}{grouped}"

    def standardize(self, text: str) -> str | None:
        """Return the number plainly."""
        found = self.reader.read(ascii_digits(text))
        return None if found is None else found.plain()
