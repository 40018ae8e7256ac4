"""What the questions to a training set measure: columns against the target, and the values of a few columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dq.dtypes.render import text_of
from dq.dtypes.types import Family, Type
from dq.states.contingency import Contingency, keys_of
from dq.states.counts import Counts
from dq.states.measures import Columns, Measure, StateOf
from dq.states.scalars import plain
from dq.states.top import Top

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq.checks.ml.base import Evidence, Training
    from dq.states.scalars import Scalar

ORDERED = frozenset({Family.NUMBER, Family.DATE, Family.TIME, Family.DATETIME, Family.DURATION})
VALUES = 4096  # different values of a column up to which each is counted by itself
CLASSES = 100  # more classes than these are not compared with anything
RANGES = (512, 128)  # of a column and of a target that is a number


@dataclass(frozen=True, slots=True)
class Against(Measure[Contingency]):
    """The values of a column against those of the target; against nothing, where there is no target."""

    column: str
    type: Type
    target: str | None
    target_type: Type | None
    caps: tuple[int, int]

    @property
    def ordered(self) -> tuple[bool, bool]:
        """Whether the values of the column, and those of the target, are compared by their order."""
        return self.type.family in ORDERED, self.caps == RANGES

    def neutral(self) -> Contingency:
        """Return the table of no rows."""
        return Contingency.neutral(self.caps)

    def fit(self, columns: Columns) -> Contingency:
        """Count the pairs of some rows."""
        frame = columns.frame
        x = _keyable(frame, self.column, self.type)
        if self.target is None:
            y = pl.select(pl.repeat(None, frame.height, dtype=pl.Boolean)).to_series()
        else:
            assert self.target_type is not None
            y = _keyable(frame, self.target, self.target_type)
        return Contingency.fit(x, y, self.caps, self.ordered)


def _keyable(frame: pl.DataFrame, name: str, kind: Type) -> pl.Series:
    """Return a column whose values have a key; of a list that is its text."""
    if kind.family is Family.LIST:
        return frame.select(text_of(kind, pl.col(name)).alias(name)).to_series()
    return frame[name]


def against_target(training: Training, column: str) -> Against:
    """Return the measure of a column against the target."""
    target = training.target
    kind = training.types[target] if target is not None else None
    caps = RANGES if training.task == "regression" else (VALUES, CLASSES)
    return Against(column, training.types[column], target, kind, caps)


def counted(field: str) -> tuple[StateOf[Top], StateOf[Counts]]:
    """Return the measures of the values of a column, exact while they are at most a thousand, and of its rows."""
    return StateOf(field, Top), StateOf(field, Counts)


def value_counts(training: Training, evidence: Evidence, field: str) -> list[tuple[Scalar, int]] | None:
    """Return every value of a column with its count, most frequent first, declared values without a row last.

    None where there are too many to know.
    """
    top = evidence.measured.of(StateOf(field, Top))
    if not top.complete:
        return None
    seen = top.ranked()
    absent = [value for value in training.declared.get(field, ()) if value not in top.counts]
    return [*seen, *((value, 0) for value in absent)]


def labels(training: Training, field: str, values: Sequence[Scalar]) -> list[str]:
    """Return how each value is called in a report: by itself, or by its rank where the field is personal data."""
    if field in training.pii:
        return [f"value {rank}" for rank in range(1, len(values) + 1)]
    return [str(plain(value)).lower() if isinstance(value, bool) else str(plain(value)) for value in values]


def keys_for(values: Sequence[Scalar], kind: Type, *, hashed: bool) -> list[int]:
    """Return the key under which each value stands in a contingency table that is not cut.

    `hashed` says that the values are classes, which have no order whatever their type.
    """
    return keys_of(pl.Series(values, dtype=kind.polars), ordered=kind.family in ORDERED and not hashed).to_list()
