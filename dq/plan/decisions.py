"""What the barriers decided about the batch at hand, by the ordinal of each record.

An ordinal counts the readable records of a run from 0, in the order of its inputs.  Decisions are arrays, so
that a chunk finds its own part by a search and no set of keys is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import polars as pl


def _none() -> npt.NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Decisions:
    """Which records lost to which by deduplication, and which carry a key that is not unique.

    `losers` is sorted; `winners` is aligned with it.  `repeated` maps the id of each check of uniqueness to
    the sorted ordinals that fail it.  `fitted` holds what each fitted step applies, learnt here or from a state.
    `compared` has the sorted ordinals of the records whose content is to be compared: those that lost to one with
    the same key, and those that they lost to.  `merged` holds what fills the gaps of records that stay.
    """

    losers: npt.NDArray[np.int64] = field(default_factory=_none)
    winners: npt.NDArray[np.int64] = field(default_factory=_none)
    repeated: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    fitted: Mapping[str, Any] = field(default_factory=dict)
    compared: npt.NDArray[np.int64] = field(default_factory=_none)
    merged: pl.DataFrame | None = None

    def lost(self, first: int, count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the positions from `first` on, among `count` records, that lost, and the ordinals they lost to."""
        low, high = np.searchsorted(self.losers, [first, first + count])
        return self.losers[low:high] - first, self.winners[low:high]

    def to_compare(self, first: int, count: int) -> npt.NDArray[np.int64]:
        """Return the positions from `first` on, among `count` records, whose content is to be compared."""
        low, high = np.searchsorted(self.compared, [first, first + count])
        return self.compared[low:high] - first

    def repeats(self, check: str, first: int, count: int) -> npt.NDArray[np.bool_]:
        """Return a mask over `count` records from `first` on: whose key is not unique."""
        mask = np.zeros(count, dtype=np.bool_)
        ordinals = self.repeated.get(check)
        if ordinals is not None:
            low, high = np.searchsorted(ordinals, [first, first + count])
            mask[ordinals[low:high] - first] = True
        return mask


NO_DECISIONS = Decisions()
