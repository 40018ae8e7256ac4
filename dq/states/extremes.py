"""Extremes: the least and the greatest value, the shortest and the longest text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.states.base import STATES, State
from dq.states.scalars import Scalar, decode, encode, plain

if TYPE_CHECKING:
    from typing import Self

    from dq.states.values import Values


def _least(one: Any, two: Any) -> Any:
    """Return the smaller of two values, either of which may be absent."""
    return two if one is None or (two is not None and two < one) else one


def _greatest(one: Any, two: Any) -> Any:
    """Return the greater of two values, either of which may be absent."""
    return two if one is None or (two is not None and two > one) else one


@STATES.register
@dataclass(frozen=True, slots=True)
class Extremes(State):
    """The least and the greatest value of numbers, dates and times; None of no values and of other dtypes."""

    kind = "extremes"
    reveals = True
    low: Scalar | None = None
    high: Scalar | None = None

    @classmethod
    def neutral(cls) -> Self:
        """Return the extremes of nothing."""
        return cls()

    @classmethod
    def fit(cls, values: Values) -> Self:
        """Find both."""
        keys = values.weighted.keys
        ordered = keys.dtype.is_numeric() or keys.dtype.is_temporal()
        return cls(keys.min(), keys.max()) if ordered else cls()  # type: ignore[arg-type]

    def merge(self, other: Self) -> Self:
        """Take the further ones."""
        return type(self)(_least(self.low, other.low), _greatest(self.high, other.high))

    def as_json(self) -> dict[str, Any]:
        """Return both, each with its type, or null."""
        return {
            "low": None if self.low is None else encode(self.low),
            "high": None if self.high is None else encode(self.high),
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Return the state that `as_json` described."""
        return cls(raw["low"] and decode(raw["low"]), raw["high"] and decode(raw["high"]))

    def report(self) -> dict[str, Any]:
        """Return both, or null."""
        return {
            "min": None if self.low is None else plain(self.low),
            "max": None if self.high is None else plain(self.high),
        }


@STATES.register
@dataclass(frozen=True, slots=True)
class Lengths(State):
    """The least and the greatest length: of text in characters, of lists in items; None elsewhere."""

    kind = "lengths"
    reveals = False
    shortest: int | None = None
    longest: int | None = None

    @classmethod
    def neutral(cls) -> Self:
        """Return the lengths of nothing."""
        return cls()

    @classmethod
    def fit(cls, values: Values) -> Self:
        """Measure."""
        keys = values.weighted.keys
        if keys.dtype == pl.String:
            lengths = keys.str.len_chars()
        elif isinstance(keys.dtype, pl.List):
            lengths = keys.list.len()
        else:
            return cls()
        return cls(lengths.min(), lengths.max())  # type: ignore[arg-type]

    def merge(self, other: Self) -> Self:
        """Take the further ones."""
        return type(self)(_least(self.shortest, other.shortest), _greatest(self.longest, other.longest))

    def as_json(self) -> dict[str, Any]:
        """Return both, or null."""
        return {"shortest": self.shortest, "longest": self.longest}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Return the state that `as_json` described."""
        return cls(raw["shortest"], raw["longest"])

    def report(self) -> dict[str, Any]:
        """Return both, or null."""
        return {"min_length": self.shortest, "max_length": self.longest}
