"""Candidate pairs: every two records of a block, once, however many blocks they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dq.steps.matching.blocks import Codes

_AT_ONCE = 1 << 20  # pairs that are made and compared at once

Pairs = tuple[Codes, Codes]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of one kind: the number of each record's block, -1 for none; what is too large was taken out.

    `skipped` counts the blocks that were too large, `left_out` the records in them.
    """

    codes: Codes
    skipped: int
    left_out: int

    @classmethod
    def bounded(cls, codes: Codes, most: int) -> Blocks:
        """Return the blocks of at most so many records."""
        sizes = np.bincount(codes[codes >= 0]) if len(codes) else np.zeros(0, dtype=np.int64)
        large = np.flatnonzero(sizes > most)
        if not len(large):
            return cls(codes, 0, 0)
        gone = np.isin(codes, large)
        return cls(np.where(gone, -1, codes), len(large), int(gone.sum()))


def candidates(kinds: Sequence[Blocks]) -> Iterator[Pairs]:
    """Yield the pairs of records that share a block, by row number, the smaller first, some at a time.

    A pair that shares blocks of several kinds is yielded with the first of them.
    """
    for number, blocks in enumerate(kinds):
        for left, right in _within(blocks.codes):
            fresh = np.ones(len(left), dtype=np.bool_)
            for other in kinds[:number]:
                fresh &= (other.codes[left] != other.codes[right]) | (other.codes[left] < 0)
            yield left[fresh], right[fresh]


def _within(codes: Codes) -> Iterator[Pairs]:
    """Yield every two rows of the same block."""
    rows = np.flatnonzero(codes >= 0)
    rows = rows[np.argsort(codes[rows], kind="stable")]
    ordered = codes[rows]
    # How many rows of the same block come after each: with those it makes a pair.
    after: npt.NDArray[np.int64] = np.searchsorted(ordered, ordered, side="right") - np.arange(len(rows)) - 1
    total = np.cumsum(after)
    start = 0
    while start < len(rows):
        done = int(total[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(total, done + _AT_ONCE, side="right")))
        counts = after[start:end]
        left = np.repeat(np.arange(start, end), counts)
        right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
        yield rows[left], rows[right]
        start = end
