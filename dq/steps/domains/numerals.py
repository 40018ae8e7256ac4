"""Numbers as people write them, read exactly and written plainly.

A plain number is what the cast reads: ASCII digits, a point before the fraction, a minus if negative, no zeros
that say nothing and no exponent.  Equal numbers have the same plain form.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from dq.params import Params, Text, Word
from dq.steps.domains.domain import Domain, DomainParams

MAX_EXPONENT = 400  # beyond it no type of ours can hold the number
_SIGNIFICANT = 15  # digits that binary64 keeps of any decimal number
_SPACES, _APOSTROPHES = " \xa0\u2009\u202f", "'’"  # noqa: RUF001 -- marks that one keyboard or another has


class MarkedParams(DomainParams):
    """The `decimal` mark and the mark between `thousands`, one character each.

    Any space stands for all kinds of spaces, and so does an apostrophe.  What is no number is refused unless
    `otherwise` says more: text that is kept goes on to the cast, which reads a point as the decimal mark, so
    `keep` is not allowed beside another one.
    """

    decimal: Text = Field(".", description="The mark before the fraction.")
    thousands: Text | None = Field(None, description="The mark between groups of digits, where there is one.")
    otherwise: Annotated[Literal["keep", "blank", "refuse"], Word] = Field(
        "refuse", description="What becomes of text that is no number: keep, blank or refuse."
    )


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number of digits and a power of ten: (-1 if `negative`) times `digits` times 10 to the `exponent`."""

    negative: bool
    digits: str
    exponent: int

    @property
    def value(self) -> Fraction:
        """The number."""
        scaled = Fraction(int(self.digits)) * Fraction(10) ** self.exponent
        return -scaled if self.negative else scaled

    def shifted(self, places: int) -> Numeral:
        """Return the number times 10 to the power of `places`."""
        return Numeral(self.negative, self.digits, self.exponent + places)

    def plain(self) -> str:
        """Return the plain form."""
        digits = self.digits.lstrip("0")
        kept = digits.rstrip("0")
        exponent = self.exponent + len(digits) - len(kept)
        if not kept:
            return "0"
        if exponent >= 0:
            text = kept + "0" * exponent
        else:
            padded = kept.rjust(1 - exponent, "0")
            text = f"{padded[:exponent]}.{padded[exponent:]}"
        return f"-{text}" if self.negative else text


def numeral(value: Fraction) -> Numeral:
    """Return a rational number: exactly if its decimals end, else rounded half to even to 15 significant digits."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest == 1:
        places = max(twos, fives)
        return Numeral(value < 0, str(abs(value.numerator) * 10**places // value.denominator), -places)
    context = Context(prec=_SIGNIFICANT, rounding=ROUND_HALF_EVEN, Emin=-9999, Emax=9999)
    rounded = context.divide(Decimal(abs(value.numerator)), Decimal(value.denominator))
    _, digits, exponent = rounded.as_tuple()
    return Numeral(value < 0, "".join(map(str, digits)), int(exponent))


def ascii_digits(text: str) -> str:
    """Return the text with the decimal digits of all scripts as ASCII, and the minus sign as a hyphen-minus."""
    if text.isascii():
        return text
    return "".join(_ascii(char) for char in text)


def _ascii(char: str) -> str:
    if char == "\u2212":
        return "-"
    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads numbers in certain marks at the beginning of a text; `pattern` is what it matches."""

    pattern: re.Pattern[str]
    marks: re.Pattern[str]

    def read(self, text: str) -> Numeral | None:
        """Return the number that the whole text is, or None; the digits must be ASCII."""
        found = self.pattern.match(text)
        return self.numeral(found) if found is not None and found.end() == len(text) else None

    def numeral(self, found: re.Match[str]) -> Numeral | None:
        """Return the number of a match, or None if its exponent is beyond all reason."""
        power = int(found["exponent"] or 0)
        if abs(power) > MAX_EXPONENT:
            return None
        whole, fraction = self.marks.sub("", found["whole"] or ""), found["fraction"] or found["bare"] or ""
        return Numeral(found["sign"] == "-", whole + fraction, power - len(fraction))


def reader(decimal: str, thousands: str | None, last: int = 3, others: int = 3) -> Reader:
    """Return the reader of numbers in these marks; `last` and `others` are the sizes of groups of digits.

    The marks between groups may be absent, but where one stands, all must.
    """
    whole, mark = "[0-9]+", "(?!)"
    if thousands is not None:
        mark = f"[{_alike(thousands)}]"
        grouped = f"[0-9]{{1,{others}}}(?:{mark}[0-9]{{{others}}})*{mark}[0-9]{{{last}}}(?![0-9])"
        whole = f"(?:{grouped}|[0-9]+)"
    point = f"[{_alike(decimal)}]"
    number = f"(?:(?P<whole>{whole})(?:{point}(?P<fraction>[0-9]*))?|{point}(?P<bare>[0-9]+))"
    return Reader(re.compile(f"(?P<sign>[+-]?){number}(?:[eE](?P<exponent>[+-]?[0-9]{{1,4}}))?"), re.compile(mark))


def _alike(mark: str) -> str:
    """Return the characters that stand for a mark, for use inside a class of a pattern."""
    for family in (_SPACES, _APOSTROPHES):
        if mark in family:
            return family
    return re.escape(mark)


class MarkedDomain(Domain):
    """A domain of numbers in declared marks; what it gives is plain."""

    plain_numbers = True
    Params: ClassVar[type[Params]] = MarkedParams

    def __init__(self, params: Any) -> None:
        """Refuse marks that cannot be told apart, and text that the cast would read in another meaning."""
        super().__init__(params)
        for key, mark in (("decimal", params.decimal), ("thousands", params.thousands)):
            if mark is not None and (len(mark) != 1 or mark.isalnum() or mark in "+-"):
                raise self.wrong(key, "a mark of one character, not a letter, a digit or a sign", repr(mark))
        if params.thousands is not None and _alike(params.decimal) == _alike(params.thousands):
            raise self.wrong("thousands", "another mark than the decimal one", repr(params.thousands))
        self.forbid_keeping(params.decimal)
        self.reader = reader(params.decimal, params.thousands)

    def forbid_keeping(self, decimal: str) -> None:
        """Raise ParamError where text would be kept that a later cast could take for a number it is not."""
        if self.params.otherwise == "keep" and decimal != ".":
            raise self.wrong("otherwise", f"refuse or blank beside the decimal mark {decimal!r}", "'keep'")
