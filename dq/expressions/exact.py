"""Arithmetic and comparison of numbers and times in Polars, exact or unknown.

Polars wraps integers silently and rounds products of decimals to the larger scale.  Here integers and decimals are
computed as 128-bit integers: a decimal is its unscaled digits.  What does not fit the type of the result is null, and
so are divisions by zero and results that are not finite.
"""

from __future__ import annotations

import polars as pl

from dq.dtypes.types import DATE, DATETIME, INTEGER, MAX_PRECISION, NUMBER, Type

_WIDE = pl.Int128()
_LIMIT = 10**MAX_PRECISION - 1
_BEYOND = 2.0**53
_WIDEST = 1e38  # beyond every decimal and within 128 bits
_DAY = 86_400_000_000
_FIRST_DATETIME = -62_135_596_800_000_000  # 0001-01-01T00:00:00Z in microseconds since 1970
_LAST_DATETIME = 253_402_300_799_999_999  # 9999-12-31T23:59:59.999999Z
_FIRST_DATE, _LAST_DATE = -719_162, 2_932_896


def wide(value: int) -> pl.Expr:
    """Return a literal of 128 bits."""
    return pl.lit(value, dtype=_WIDE)


def _guarded(value: pl.Expr, allowed: pl.Expr) -> pl.Expr:
    """Return the value where it is allowed, null elsewhere."""
    return pl.when(allowed).then(value)


def scale_of(kind: Type) -> int:
    """Return the digits after the point of an integer or decimal type."""
    return kind.scale or 0


def _whole_digits(kind: Type) -> int:
    """Return how many digits an integer or decimal type has before the point."""
    return 19 if kind.precision is None else kind.precision - scale_of(kind)


def unscaled(value: pl.Expr, kind: Type) -> pl.Expr:
    """Return the digits of an integer or decimal as an Int128: the value times 10^scale."""
    return value.cast(_WIDE) if kind == INTEGER else value.to_physical()


def _aligned(value: pl.Expr, kind: Type, scale: int) -> pl.Expr:
    """Return the digits at a larger scale; null if they need more than 38."""
    steps = scale - scale_of(kind)
    digits = unscaled(value, kind)
    if steps == 0:
        return digits
    product = digits * wide(10**steps)
    if _whole_digits(kind) + scale <= MAX_PRECISION:
        return product
    return _guarded(product, digits.abs() <= wide(_LIMIT // 10**steps))


def _scaled(digits: pl.Expr, kind: Type) -> pl.Expr:
    """Return 128-bit digits as a value of the integer or decimal type; integers that do not fit are null."""
    if kind == INTEGER:
        return digits.cast(pl.Int64, strict=False)
    return digits.reinterpret(dtype=kind.polars)


def _within(value: pl.Expr, first: int, last: int) -> pl.Expr:
    """Return a 128-bit value, null outside the bounds."""
    return _guarded(value, (value >= wide(first)) & (value <= wide(last)))


def finite(value: pl.Expr) -> pl.Expr:
    """Return a number, null where it is infinite or not a number."""
    return _guarded(value, value.is_finite())


def convert(value: pl.Expr, kind: Type, wanted: Type) -> pl.Expr:
    """Return an integer or decimal as a wider decimal, exactly, or as the nearest number."""
    if wanted == NUMBER:
        return value.cast(pl.Float64)
    return _scaled(_aligned(value, kind, scale_of(wanted)), wanted)


def _sum(left: pl.Expr, right: pl.Expr, result: Type) -> pl.Expr:
    """Add two rows of digits within 38 each; null where the sum has more, asked first as it may pass 128 bits."""
    total = left + right
    if result == INTEGER or (result.precision or 0) < MAX_PRECISION:
        return total
    room = _guarded(wide(_LIMIT) - right, right > wide(0)), _guarded(wide(-_LIMIT) - right, right < wide(0))
    fits = (room[0].is_null() | (left <= room[0])) & (room[1].is_null() | (left >= room[1]))
    return _guarded(total, fits)


def _product(left: pl.Expr, right: pl.Expr, result: Type, digits: int) -> pl.Expr:
    """Multiply two rows of digits; null where the product has more than 38, which only more than 38 digits can have."""
    product = left * right
    if result == INTEGER or digits <= MAX_PRECISION:
        return product
    divisor = pl.when(right == wide(0)).then(wide(1)).otherwise(right.abs())
    return _guarded(product, (right == wide(0)) | (left.abs() <= wide(_LIMIT) // divisor))


def _remainder(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Return the remainder with the sign of the dividend, as SQL and C; null where the divisor is zero."""
    divisor = _guarded(right.abs(), right != wide(0))
    rest = left.abs() % divisor
    return pl.when(left < wide(0)).then(wide(0) - rest).otherwise(rest)


def arithmetic(operator: str, left: pl.Expr, right: pl.Expr, kinds: tuple[Type, Type], result: Type) -> pl.Expr:
    """Lower `+ - * / %` of two numbers; where the result is a number, both operands are."""
    if result == NUMBER:
        return _number_arithmetic(operator, left, right)
    if operator == "*":
        digits = sum(kind.precision or 19 for kind in kinds)
        return _scaled(_product(unscaled(left, kinds[0]), unscaled(right, kinds[1]), result, digits), result)
    scale = scale_of(result)
    first, second = _aligned(left, kinds[0], scale), _aligned(right, kinds[1], scale)
    if operator == "%":
        return _scaled(_remainder(first, second), result)
    return _scaled(_sum(first, second if operator == "+" else wide(0) - second, result), result)


def _number_arithmetic(operator: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Lower `+ - * /` of binary64 numbers."""
    if operator == "+":
        return finite(left + right)
    if operator == "-":
        return finite(left - right)
    return finite(left * right if operator == "*" else quotient(left, right))


def quotient(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Divide two numbers as IEEE 754 says, also by a literal.

    Polars multiplies a column by the reciprocal of a scalar divisor, but divides where the column has one row: the
    last digit would depend on the size of the chunk.  A divisor that is spread over the column is divided by.
    """
    return left / (left * 0.0 + right)


def negative(value: pl.Expr, kind: Type) -> pl.Expr:
    """Lower unary minus of a number."""
    return -value if kind == NUMBER else _scaled(wide(0) - unscaled(value, kind), kind)


def absolute(value: pl.Expr, kind: Type) -> pl.Expr:
    """Lower `abs`."""
    return value.abs() if kind == NUMBER else _scaled(unscaled(value, kind).abs(), kind)


def round_decimal(value: pl.Expr, kind: Type, places: int) -> pl.Expr:
    """Round a decimal to `places`, halves away from zero, exactly."""
    steps = scale_of(kind) - places
    if steps <= 0:
        return value
    digits, unit = unscaled(value, kind), 10**steps
    size = digits.abs()
    whole = size // wide(unit)
    rounded = whole + (size - whole * wide(unit) >= wide(unit // 2)).cast(_WIDE)
    signed = pl.when(digits < wide(0)).then(wide(0) - rounded).otherwise(rounded)
    precision = min(MAX_PRECISION, _whole_digits(kind) + 1 + places)
    return signed.reinterpret(dtype=pl.Decimal(precision, places))


def round_number(value: pl.Expr, places: int) -> pl.Expr:
    """Round a number: value * 10^places to a whole one, halves away from zero; from 2^52 on it has no fraction."""
    factor = 10.0**places
    rounded = quotient((value * factor).round(0, mode="half_away_from_zero"), pl.lit(factor))
    return pl.when(value.abs() >= _BEYOND / 2).then(value).otherwise(rounded)


# ---- comparison -----------------------------------------------------------------------------------------------------


def compare(operator: str, left: pl.Expr, right: pl.Expr, kinds: tuple[Type, Type]) -> pl.Expr:
    """Lower a comparison of two numbers of any types.

    Integers and decimals are compared exactly.  Against a number, an integer or decimal is read as the nearest
    binary64, as the same text would be (so that decimal 0.10 equals number 0.1); from 2^53 on, where all numbers are
    whole, equals are compared once more exactly, so that no unit is lost.
    """
    if kinds[0] == kinds[1]:
        return native(operator, left, right)
    if NUMBER in kinds:
        return _compare_with_number(operator, left, right, kinds)
    scale = max(scale_of(kind) for kind in kinds)
    if max(_whole_digits(kind) for kind in kinds) + scale <= MAX_PRECISION:
        return native(operator, _aligned(left, kinds[0], scale), _aligned(right, kinds[1], scale))
    return _compare_parts(operator, left, right, kinds)


def native(operator: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Lower a comparison of values of one dtype."""
    match operator:
        case "=":
            return left == right
        case "<>":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def _lexicographic(operator: str, first: tuple[pl.Expr, pl.Expr], second: tuple[pl.Expr, pl.Expr]) -> pl.Expr:
    """Compare two columns at once, `first` deciding and `second` where those are equal."""
    equal = first[0] == first[1]
    if operator == "=":
        return equal & (second[0] == second[1])
    if operator == "<>":
        return (first[0] != first[1]) | (second[0] != second[1])
    strict = native(operator[0], first[0], first[1])
    return strict | (equal & native(operator, second[0], second[1]))


def _compare_parts(operator: str, left: pl.Expr, right: pl.Expr, kinds: tuple[Type, Type]) -> pl.Expr:
    """Compare decimals whose digits cannot be aligned within 38: the whole parts, then the fractions."""
    scale = max(scale_of(kind) for kind in kinds)
    wholes, fractions = [], []
    for value, kind in zip((left, right), kinds, strict=True):
        digits, unit = unscaled(value, kind), wide(10 ** scale_of(kind))
        whole = digits // unit
        wholes.append(whole)
        fractions.append((digits - whole * unit) * wide(10 ** (scale - scale_of(kind))))
    return _lexicographic(operator, (wholes[0], wholes[1]), (fractions[0], fractions[1]))


def _compare_with_number(operator: str, left: pl.Expr, right: pl.Expr, kinds: tuple[Type, Type]) -> pl.Expr:
    """Compare a number with an integer or decimal."""
    nearest = (left.cast(pl.Float64), right.cast(pl.Float64))
    beyond = (nearest[0] == nearest[1]) & (nearest[0].abs() >= _BEYOND)
    wholes, fractions = [], []
    for value, kind in zip((left, right), kinds, strict=True):
        if kind == NUMBER:
            wholes.append(_guarded(value, beyond & (value.abs() < _WIDEST)).cast(_WIDE, strict=False))
            fractions.append(wide(0))
        else:
            digits, unit = _guarded(unscaled(value, kind), beyond), wide(10 ** scale_of(kind))
            wholes.append(digits // unit)
            fractions.append(digits - digits // unit * unit)
    exactly = _lexicographic(operator, (wholes[0], wholes[1]), (fractions[0], fractions[1]))
    return pl.when(beyond).then(exactly).otherwise(native(operator, *nearest))


# ---- time -----------------------------------------------------------------------------------------------------------


def _microseconds(value: pl.Expr, kind: Type) -> pl.Expr:
    """Return a date, datetime or duration as microseconds in 128 bits."""
    physical = value.to_physical().cast(_WIDE)
    return physical * wide(_DAY) if kind == DATE else physical


def elapsed(end: pl.Expr, start: pl.Expr, kind: Type) -> pl.Expr:
    """Return the microseconds from start to end, two dates or two datetimes, as an Int64."""
    return (_microseconds(end, kind) - _microseconds(start, kind)).cast(pl.Int64, strict=False)


def time_arithmetic(operator: str, left: pl.Expr, right: pl.Expr, kinds: tuple[Type, Type], result: Type) -> pl.Expr:
    """Lower `+` and `-` of dates, datetimes and durations; outside the years 1 to 9999, or 64 bits, it is null."""
    first, second = _microseconds(left, kinds[0]), _microseconds(right, kinds[1])
    total = first + second if operator == "+" else first - second
    if result == DATE:
        return _within(total // wide(_DAY), _FIRST_DATE, _LAST_DATE).cast(pl.Int32).cast(pl.Date)
    if result == DATETIME:
        return _within(total, _FIRST_DATETIME, _LAST_DATETIME).cast(pl.Int64).cast(DATETIME.polars)
    return total.cast(pl.Int64, strict=False).cast(result.polars)


def negative_duration(value: pl.Expr, kind: Type) -> pl.Expr:
    """Lower unary minus of a duration."""
    return (wide(0) - _microseconds(value, kind)).cast(pl.Int64, strict=False).cast(kind.polars)
