"""Values that an author writes in a check: read by the field's type, shown in words, said in JSON.

A literal has the meaning of a cell: `1.10` of a decimal is exactly 1.10, `007` of a string stays `007`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.checks.base import ParamError, Target
from dq.dtypes.literals import parse_literal
from dq.dtypes.render import text_of
from dq.dtypes.types import MAX_PRECISION, Family, decimal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dq.dtypes.types import Type
    from dq.params import Scalar

JSON_DIGITS = 15  # decimals of up to so many digits stay distinct, and in order, as binary64 (IEEE 754)
SHOWN = 3


def read(kind: str, key: str, scalar: Scalar, target: Target) -> Any:
    """Return the value of a literal of the target's type.  ParamError DQ318 if it is none."""
    try:
        return parse_literal(target.type, scalar.text)
    except ValueError:
        raise ParamError("DQ318", key, value=scalar.text, type=str(target.type), kind=kind) from None


def read_bound(kind: str, key: str, scalar: Scalar, target: Target) -> Any:
    """Return the value of a bound: as `read`, but of a decimal it may have more fraction digits than the field.

    Such a bound is compared exactly and never rounded: 1.25 is not at least 1.2501.
    """
    if target.type.name != "decimal":
        return read(kind, key, scalar, target)
    fraction = scalar.text.partition(".")[2]
    wide = decimal(MAX_PRECISION, min(len(fraction), MAX_PRECISION))
    try:
        return parse_literal(wide, scalar.text)
    except ValueError:
        raise ParamError("DQ318", key, value=scalar.text, type=str(target.type), kind=kind) from None


def texts(values: Sequence[Any], of: Type) -> list[str]:
    """Return the canonical text of values of a type, in the same order."""
    if of.name == "decimal":  # a bound may have more digits than the type
        return [format(value, "f") for value in values]
    frame = pl.DataFrame({"value": pl.Series(values, dtype=of.polars)})
    return [str(text) for text in frame.select(text_of(of, pl.col("value"))).to_series()]


def in_words(shown: Sequence[str]) -> str:
    """Return the first three texts and how many more there are: `paid, pending, cancelled and 12 more`."""
    rest = len(shown) - SHOWN
    listed = ", ".join(shown[:SHOWN])
    return f"{listed} and {rest} more" if rest > 0 else listed


def json_value(value: Any, of: Type) -> Any:
    """Return a value as it stands in canonical JSON, or None where JSON numbers cannot say it exactly.

    Numbers in JSON are read as binary64 by most readers, so a decimal of more than 15 digits has no exact form.
    """
    if of.name == "decimal":
        return _json_decimal(value) if (of.precision or 0) <= JSON_DIGITS else None
    if of.family in {Family.NUMBER, Family.BOOLEAN}:
        return value
    return texts([value], of)[0]


def json_values(values: Iterable[Any], of: Type) -> list[Any] | None:
    """Return values as `json_value` does, or None if one of them has no exact form."""
    said = [json_value(value, of) for value in values]
    return None if any(value is None for value in said) else said


def _json_decimal(value: Decimal) -> int | float | None:
    """Return a decimal of at most 15 digits as a JSON number, else None."""
    if value == value.to_integral_value() and abs(value) < 10**JSON_DIGITS:
        return int(value)
    return float(value) if len(value.normalize().as_tuple().digits) <= JSON_DIGITS else None
