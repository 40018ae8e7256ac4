"""Ends: what a number or a value must lie between, as `min` and `max` of an expectation."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from dq.params import ParamError


def require_ends(kind: str, low: Any, high: Any) -> None:
    """Refuse ends between which nothing lies.  ParamError DQ306 if there are none, DQ308 if they are exchanged."""
    if low is None and high is None:
        raise ParamError("DQ306", "min", kind=kind)
    if low is not None and high is not None and low > high:
        raise ParamError("DQ308", "min", kind=kind, problem=f"{shown(low)} is above {shown(high)}")


def shown(end: Any) -> str:
    """Return an end as text; a fraction as a decimal number."""
    if isinstance(end, Fraction):
        return str(end.numerator) if end.denominator == 1 else f"{float(end):.12g}"
    return str(end)


def within(value: Any, low: Any, high: Any) -> bool:
    """Whether a value lies between two ends, both included; an end may be absent."""
    return (low is None or value >= low) and (high is None or value <= high)


def in_words(low: Any, high: Any, show: Callable[[Any], str] = shown) -> str:
    """Say the ends: `at least 1`, `at most 5%`, `1 to 5`."""
    if high is None:
        return f"at least {show(low)}"
    return f"at most {show(high)}" if low is None else f"{show(low)} to {show(high)}"
