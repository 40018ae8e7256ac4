"""Merging: what survives of several records that are one has the gaps of its own filled by the others.

The record that stays is the newest, so the newest value that any of them has is its own where it has one.  A cell
that could not be read is no gap: it has a reason, and stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dq.plan.rows import ORDINAL, Rows, blocked_column
from dq.plan.supply import compute, keyed, look_up

if TYPE_CHECKING:
    from datetime import datetime

    import numpy.typing as npt

    from dq.plan.plan import CompiledPlan


def merge_step(field: str) -> str:
    """Return the name under which the gaps of a field are counted that other records filled."""
    return f"{field}.merge"


def fill_gaps(
    rows: Rows, ordinals: npt.NDArray[np.int64], merged: pl.DataFrame | None, plan: CompiledPlan, now: datetime
) -> None:
    """Fill the gaps of the records that stayed, count them, and derive anew what reads them.

    Only records whose key was such a gap are looked up: the others have had their answer.
    `ordinals` are those of the rows that are left; `merged` has ORDINAL, sorted, and a column for each field that is
    read, with the value that fills a gap, or null.
    """
    if merged is None or merged.is_empty() or not len(ordinals):
        return
    known = merged[ORDINAL].to_numpy()
    at = np.minimum(np.searchsorted(known, ordinals), len(known) - 1)
    here = pl.Series(known[at] == ordinals)
    if not here.any():
        return
    computed = [f for f in plan.derived if not f.late and f.name in rows.frame.columns]
    done = {f.name: keyed(rows, f.lookup) for f in computed if f.lookup is not None}
    fillings = merged[at]
    filled = False
    for bound in plan.fields:
        if bound.name not in merged.columns or bound.name not in rows.frame.columns:
            continue
        gap = here & rows.frame[bound.name].is_null() & fillings[bound.name].is_not_null()
        if rows.has(blocked_column(bound.name)):
            gap &= ~rows.frame[blocked_column(bound.name)]
        if gap.any():
            rows.change(merge_step(bound.name), bound.name, rows.frame[bound.name].zip_with(~gap, fillings[bound.name]))
            filled = True
    for bound in computed if filled else ():
        if bound.lookup is not None:
            look_up(rows, bound, bound.lookup, done[bound.name])
        else:
            compute(rows, [bound], now)
