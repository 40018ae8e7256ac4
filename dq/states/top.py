"""Top: the most frequent values of a column that has few."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dq.states.base import STATES, State
from dq.states.scalars import Scalar, decode, encode, plain
from dq.states.values import FEW

if TYPE_CHECKING:
    from typing import Self

    from dq.states.values import Values

SHOWN = 10
MAX_TEXT = 65_536  # characters of all distinct texts together


@STATES.register
@dataclass(frozen=True, slots=True)
class Top(State):
    """Exact counts of every value, while there are at most 1000 distinct ones of 64 Ki characters together.

    Beyond that nothing is kept but the fact (`complete` is False): which values had been kept so far would
    depend on the order of the data.
    """

    kind = "top"
    reveals = True
    counts: dict[Scalar, int] = field(default_factory=dict)
    complete: bool = True

    @classmethod
    def neutral(cls) -> Self:
        """Return the counts of no values."""
        return cls()

    @classmethod
    def fit(cls, values: Values) -> Self:
        """Count value by value, if they are few.  Lists are not counted."""
        if values.present.dtype.is_nested():
            return cls()
        table = values.table
        if table is None or table.counts is None:
            return cls({}, complete=False)
        return cls._bounded(dict(zip(table.keys.to_list(), table.counts.tolist(), strict=True)))

    @classmethod
    def _bounded(cls, counts: dict[Scalar, int]) -> Self:
        """Return the counts, or the fact that there are too many."""
        text = sum(len(value) for value in counts if isinstance(value, str))
        return cls(counts) if len(counts) <= FEW and text <= MAX_TEXT else cls({}, complete=False)

    def merge(self, other: Self) -> Self:
        """Add value by value; incomplete with anything is incomplete."""
        if not (self.complete and other.complete):
            return type(self)({}, complete=False)
        return self._bounded(dict(Counter(self.counts) + Counter(other.counts)))

    def ranked(self) -> list[tuple[Scalar, int]]:
        """Return values and counts, the most frequent first; equal counts in order of value."""
        ordered = sorted(self.counts.items(), key=lambda item: item[0])
        return sorted(ordered, key=lambda item: -item[1])

    def quantile(self, share: Fraction) -> Any:
        """Return the value of nearest rank: the least that this share of the values does not exceed.  None of none."""
        rank = max(1, math.ceil(share * sum(self.counts.values())))
        for value, count in sorted(self.counts.items()):
            rank -= count
            if rank <= 0:
                return value
        return None

    def as_json(self) -> dict[str, Any]:
        """Return the type of the values, the count of each in rank order, and whether that is all."""
        coded = [(*encode(value), count) for value, count in self.ranked()]
        kind = coded[0][0] if coded else None
        return {"complete": self.complete, "type": kind, "counts": {text: count for _, text, count in coded}}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Return the state that `as_json` described."""
        counts = {decode([raw["type"], text]): count for text, count in raw["counts"].items()}
        return cls(counts, complete=raw["complete"])

    def report(self) -> dict[str, Any]:
        """Return the ten most frequent values, or null where there are too many to know."""
        if not self.complete:
            return {"top": None}
        return {"top": [{"value": plain(value), "count": count} for value, count in self.ranked()[:SHOWN]]}
