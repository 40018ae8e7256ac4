"""Changes: which cells of a chunk a step changed, from what to what.

Whatever changes a cell says so once, here; the counts of the report and the entries of the ledger are both read
from it.  Nothing is copied or compared again until somebody asks, so a run without a ledger pays for a mask a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dq.dtypes.render import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from dq.dtypes.types import Type
    from dq.outcome import Change, Stage
    from dq.plan.bound import BoundStep

ROW, BEFORE, AFTER = "row", "before", "after"


@dataclass(frozen=True, slots=True)
class CellChange:
    """Cells that one step changed at once: a check that sets to null, a fitted step, a constant.

    `rows` (UInt32, positions in the chunk), `where` (Boolean), `before` and `after` are aligned; where `where` is
    not true, nothing changed.  Both sides are texts in the stage `text`, and else of the field's type.
    """

    step: str
    field: str
    stage: Stage
    rows: pl.Series
    where: pl.Series
    before: pl.Series
    after: pl.Series

    def counts(self, accepted: npt.NDArray[np.bool_]) -> Iterator[tuple[str, int, int]]:
        """Yield the step with the cells that it changed, in all rows and in the accepted ones."""
        rows = self.rows.filter(self.where).to_numpy()
        yield self.step, len(rows), int(accepted[rows].sum())

    def entries(self, accepted: npt.NDArray[np.bool_], types: Mapping[str, Type]) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the step with its changes of accepted rows: ROW, and canonical texts BEFORE and AFTER."""
        mask = self.where & pl.Series(accepted[self.rows.to_numpy()])
        typed = pl.DataFrame([self.rows.alias(ROW), self.before.alias(BEFORE), self.after.alias(AFTER)]).filter(mask)
        if self.stage == "value":
            kind = types[self.field]
            typed = typed.select(ROW, *(text_of(kind, pl.col(side)).alias(side) for side in (BEFORE, AFTER)))
        yield self.step, typed


@dataclass(frozen=True, slots=True)
class TextChange:
    """Cells of one field that its cleaning steps, together, changed.

    `rows` (UInt32, positions in the chunk), `where` (Boolean) and the `raw` texts are aligned; where `where` is not
    true, nothing changed.  `changed` says for each step which of these cells it changed (Boolean).  `beside` has, in
    the same rows, the texts of other fields that the steps read: a `beside_column` for each, or none.  What each step
    made of a text is computed once for each distinct text, with the texts beside it, and only when it is asked for.
    """

    field: str
    steps: tuple[BoundStep, ...]
    rows: pl.Series
    where: pl.Series
    raw: pl.Series
    changed: tuple[pl.Series, ...]
    beside: pl.DataFrame
    stage: Stage = "text"

    def counts(self, accepted: npt.NDArray[np.bool_]) -> Iterator[tuple[str, int, int]]:
        """Yield each step with the cells that it changed, in all rows and in the accepted ones."""
        kept = pl.Series(accepted[self.rows.to_numpy()], dtype=pl.Boolean)
        for bound, changed in zip(self.steps, self.changed, strict=True):
            yield bound.id, int(changed.sum()), int((changed & kept).sum())

    def entries(self, accepted: npt.NDArray[np.bool_], types: Mapping[str, Type]) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield each step with its changes of accepted rows: ROW, BEFORE and AFTER."""
        del types
        mask = self.where & pl.Series(accepted[self.rows.to_numpy()])
        cells = pl.DataFrame([self.raw.alias("text"), *self.beside, self.rows.alias(ROW)]).filter(mask)
        keys = ["text", *self.beside.columns]
        distinct = cells.select(keys).unique()
        for step, before, after in self._walk(distinct):
            changed = distinct.with_columns(before.alias(BEFORE), after.alias(AFTER)).filter(before.ne_missing(after))
            joined = cells.join(changed, on=keys, nulls_equal=True, maintain_order="left")
            yield step, joined.select(ROW, BEFORE, AFTER)

    def _walk(self, frame: pl.DataFrame) -> Iterator[tuple[str, pl.Series, pl.Series]]:
        """Yield each step with the texts before and after it."""
        for bound in self.steps:
            before = frame["text"]
            frame = frame.with_columns(bound.step.expression(pl.col("text")).alias("text"))
            yield bound.id, before, frame["text"]


def count(changes: Sequence[Change], accepted: npt.NDArray[np.bool_]) -> dict[str, tuple[int, int]]:
    """Return, per step, how many cells it changed, and how many of those stand in accepted rows."""
    sums: dict[str, tuple[int, int]] = {}
    for change in changes:
        for step, every, kept in change.counts(accepted):
            if every:
                before = sums.get(step, (0, 0))
                sums[step] = before[0] + every, before[1] + kept
    return sums
