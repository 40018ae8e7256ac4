"""Counts: rows and nulls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq.states.base import STATES, State

if TYPE_CHECKING:
    from typing import Self

    from dq.states.values import Values


@STATES.register
@dataclass(frozen=True, slots=True)
class Counts(State):
    """How many rows there are, how many are null, and how many floats are NaN or infinite."""

    kind = "counts"
    reveals = False
    rows: int = 0
    nulls: int = 0
    nonfinite: int = 0

    @classmethod
    def neutral(cls) -> Self:
        """Return the counts of nothing."""
        return cls()

    @classmethod
    def fit(cls, values: Values) -> Self:
        """Count."""
        return cls(values.rows, values.nulls, values.nonfinite)

    def merge(self, other: Self) -> Self:
        """Add."""
        return type(self)(self.rows + other.rows, self.nulls + other.nulls, self.nonfinite + other.nonfinite)

    def as_json(self) -> dict[str, Any]:
        """Return the three counts."""
        return {"rows": self.rows, "nulls": self.nulls, "nonfinite": self.nonfinite}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Return the state that `as_json` described."""
        return cls(raw["rows"], raw["nulls"], raw["nonfinite"])

    def report(self) -> dict[str, Any]:
        """Return the rows, how many are missing, and their share."""
        return {
            "rows": self.rows,
            "missing": self.nulls,
            "missing_share": self.nulls / self.rows if self.rows else None,
        }
