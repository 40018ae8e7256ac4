"""Reading integers, numbers and decimals out of text, exactly or not at all.

Text is judged by its form (`1.0` is no integer), a JSON number or a typed number of a frame by its value
(there `1.0` and `1e2` are integers).  The forms are anchored ASCII patterns; only matching text is cast.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import polars as pl

from dq.dtypes.formats import literal_pattern
from dq.dtypes.types import CellKind, Type

INTEGER_FORM = "^(?:0|-?[1-9][0-9]*)$"
NUMBER_FORM = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_WHOLE_FORM = "^-?(?:0|[1-9][0-9]*)$"
_ZERO_FRACTION = r"^(-?(?:0|[1-9][0-9]*))\.0+$"
_ZERO_MANTISSA = r"^-?0(?:\.0+)?(?:[eE].*)?$"
_TEXT = "text"
_EXACT_LIMIT = 2**53
_INT64 = (-(2**63), 2**63 - 1)
_MAX_EXPONENT = 400  # digits of an exponent beyond it cannot be exact in any type of ours
_EXPONENT = re.compile(r"[eE]([+-]?[0-9]+)\Z")


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a locale: between whole and fraction, and between groups of three digits."""

    decimal: str = "."
    thousands: str | None = None

    def check(self) -> None:
        """Raise ValueError unless the marks can be told from digits, signs and one another."""
        for mark in (self.decimal, self.thousands):
            if mark is not None and (len(mark) != 1 or mark.isdigit() or mark in "+-eE"):
                raise ValueError(f"a mark is one character, not a digit, a sign or the letter e; {mark!r} is not")
        if self.decimal == self.thousands:
            raise ValueError("the decimal mark and the thousands mark are the same")

    @property
    def standard(self) -> bool:
        """Whether numbers are written as in the language itself."""
        return self.decimal == "." and self.thousands is None

    def plain(self, text: pl.Expr) -> pl.Expr:
        """Return numbers in these marks as standard ones; null where the marks stand wrongly."""
        mark, point = self.thousands, literal_pattern(self.decimal)
        whole = "[0-9]+" if mark is None else f"(?:[0-9]+|[0-9]{{1,3}}(?:{literal_pattern(mark)}[0-9]{{3}})+)"
        guarded: pl.Expr = pl.when(text.str.contains(f"^-?{whole}(?:{point}[0-9]+)?(?:[eE][+-]?[0-9]+)?$")).then(text)
        if mark is not None:
            guarded = guarded.str.replace_all(mark, "", literal=True)
        return guarded if self.decimal == "." else guarded.str.replace(self.decimal, ".", literal=True)


def in_standard_form(text: pl.Series, kind: pl.Series | None, marks: Marks) -> pl.Series:
    """Return cells that may be numbers in standard form, null for the others."""
    plain = text if marks.standard else text.to_frame(_TEXT).select_seq(marks.plain(pl.col(_TEXT))).to_series()
    if kind is None:
        return plain
    if not marks.standard:
        plain = plain.zip_with(kind == CellKind.TEXT, text)
    most = kind.max()
    if most is None or most <= CellKind.NUMBER:  # type: ignore[operator]  # it is an integer
        return plain
    return plain.zip_with(kind <= CellKind.NUMBER, _nothing(text, pl.String()))


def read_integers(text: pl.Series, kind: pl.Series | None, marks: Marks) -> pl.Series:
    """Return Int64 where the cell is an integer within 64 bits, null elsewhere."""
    plain = in_standard_form(text, kind, marks)
    return _or_by_value(_integers(plain), plain, text, kind, _whole())


def _integers(text: pl.Series) -> pl.Series:
    """Read integers in their only form: no sign but a minus, no leading zero.  They are those that come out again."""
    value = text.cast(pl.Int64, strict=False)
    again = value.cast(pl.String)
    return value if again.equals(text) else value.zip_with(again == text, _nothing(text, pl.Int64()))


def read_numbers(text: pl.Series, kind: pl.Series | None, marks: Marks) -> pl.Series:
    """Return the nearest Float64 where the cell is a number that 64 bits can hold, null elsewhere.

    Refused: overflow, underflow of what is not zero, and whole numbers beyond 2^53 written without a point
    or an exponent, whose last digits would be lost.
    """
    return _floats(in_standard_form(text, kind, marks))


def _floats(text: pl.Series) -> pl.Series:
    """Read numbers in standard form: null where the form is another, or digits would be lost."""
    value = _formed(text, NUMBER_FORM, pl.Float64())
    least, most = value.min(), value.max()
    if least is None or (least > 0.0 and most < _EXACT_LIMIT):  # type: ignore[operator]  # they are numbers
        return value
    doubtful = ((value == 0.0) | (value.abs() >= float(_EXACT_LIMIT))).arg_true()
    return value.scatter(doubtful, _nearest(text.gather(doubtful))) if len(doubtful) else value


def _formed(text: pl.Series, form: str, dtype: pl.DataType) -> pl.Series:
    """Return the values of texts of a form, null for the others."""
    cell = pl.col(_TEXT)
    matching = pl.when(cell.str.contains(form)).then(cell)
    return text.to_frame(_TEXT).select_seq(matching.cast(dtype, strict=False)).to_series()


def _nearest(text: pl.Series) -> pl.Series:
    """Read numbers that came out as zero or very large, which are few: null where digits would be lost."""
    vanished = (pl.col("value") == 0.0) & ~pl.col("text").str.contains(_ZERO_MANTISSA)
    exact = ~pl.col("text").str.contains(_WHOLE_FORM) | pl.col("text").is_in([str(_EXACT_LIMIT), str(-_EXACT_LIMIT)])
    doubtful = pl.DataFrame({"text": text, "value": text.cast(pl.Float64, strict=False)})
    kept = pl.when(pl.col("value").is_finite() & ~vanished & ((pl.col("value") == 0.0) | exact)).then(pl.col("value"))
    return doubtful.select(kept).to_series()


def read_decimals(text: pl.Series, kind: pl.Series | None, marks: Marks, type_: Type) -> pl.Series:
    """Return the decimal where the cell is exact in `type_`, null elsewhere; nothing is rounded."""
    precision, scale = type_.precision or 1, type_.scale or 0
    whole = f"(?:0|[1-9][0-9]{{0,{precision - scale - 1}}})" if precision > scale else "0"
    form = f"^-?{whole}(?:\\.[0-9]{{1,{scale}}})?$" if scale else f"^-?{whole}$"
    plain = in_standard_form(text, kind, marks)
    return _or_by_value(_formed(plain, form, type_.polars), plain, text, kind, _exact(type_, form))


@cache
def _exact(type_: Type, form: str) -> pl.Expr:
    """Return the decimals of number literals in the column `_TEXT` that are of another form."""
    return by_value(pl.col(_TEXT), lambda exact: _as_decimal(exact, type_), type_.polars, form)


@cache
def _whole() -> pl.Expr:
    """Return the integers of number literals in the column `_TEXT` that are written with a fraction or an exponent."""
    pointed = pl.col(_TEXT).str.extract(_ZERO_FRACTION).cast(pl.Int64, strict=False)
    exact = by_value(pl.col(_TEXT), _as_integer, pl.Int64(), f"{INTEGER_FORM}|{_ZERO_FRACTION}")
    return pl.coalesce(pointed, exact)


def _or_by_value(
    value: pl.Series, plain: pl.Series, text: pl.Series, kind: pl.Series | None, other: pl.Expr
) -> pl.Series:
    """Return values and, for number literals that have none, what `other` makes of them in the column `_TEXT`.

    Most chunks have no such literals, and then nothing is asked: each question costs a lone event as much as a
    thousand of them.
    """
    if kind is None or value.null_count() == plain.null_count():
        return value
    literal = text.zip_with((kind == CellKind.NUMBER) & value.is_null(), _nothing(text, pl.String()))
    return value.zip_with(value.is_not_null(), literal.to_frame(_TEXT).select_seq(other).to_series())


def by_value(
    literal: pl.Expr, convert: Callable[[Decimal | None], int | Decimal | None], dtype: pl.DataType, known: str
) -> pl.Expr:
    """Return what `convert` makes of the exact values of number literals that are not of a `known` form.

    They are few, so each distinct one is read through `Decimal`.
    """

    def read(text: pl.Series) -> pl.Series:
        """Read the distinct literals and put them where they stand."""
        if text.null_count() == len(text):
            return _nothing(text, dtype)
        distinct = text.drop_nulls().unique()
        values = pl.Series([convert(exact_value(each)) for each in distinct], dtype=dtype)
        return (
            text.to_frame("text")
            .select(pl.col("text").replace_strict(distinct, values, default=None, return_dtype=dtype))
            .to_series()
        )

    rest = pl.when(literal.str.contains(NUMBER_FORM) & ~literal.str.contains(known)).then(literal)
    return rest.map_batches(read, return_dtype=dtype, is_elementwise=True)


def _nothing(text: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return as many nulls of a type as there are cells."""
    return pl.Series(text.name, [None], dtype=dtype).new_from_index(0, len(text))


def exact_value(literal: str) -> Decimal | None:
    """Return the value of a number literal; None where its exponent alone puts it out of every type."""
    exponent = _EXPONENT.search(literal)
    if exponent is None:
        return Decimal(literal)
    if not literal[: exponent.start()].strip("-0."):
        return Decimal(0)
    digits = exponent[1].lstrip("+-0") or "0"
    if len(digits) > len(str(_MAX_EXPONENT)) or int(digits) > _MAX_EXPONENT:
        return None
    return Decimal(literal)


def _as_integer(exact: Decimal | None) -> int | None:
    """Return the value as a 64-bit integer, None if it is not one."""
    if exact is None or not _INT64[0] <= exact <= _INT64[1] or exact != exact.to_integral_value():
        return None
    return int(exact)


def _as_decimal(exact: Decimal | None, type_: Type) -> Decimal | None:
    """Return the value in the type's own scale, None if it does not fit without rounding."""
    if exact is None:
        return None
    sign, digits, exponent = exact.as_tuple()
    assert isinstance(exponent, int)
    precision, scale = type_.precision or 1, type_.scale or 0
    text = "".join(map(str, digits)).lstrip("0")
    shift = exponent + scale
    if not text:
        return Decimal(0).scaleb(-scale)
    if shift < 0 and text[shift:].strip("0"):
        return None
    unscaled = text[:shift] if shift < 0 else text + "0" * shift
    if len(unscaled) > precision:
        return None
    return Decimal((sign, tuple(map(int, unscaled)), -scale))
