"""A sample of texts that does not depend on their order: what a recommendation is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import polars as pl

from dq.states.hashing import hash_series

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

Kept: TypeAlias = tuple[int, str, int]  # hash, text, count

KEPT = 512
LONGEST = 200  # characters; longer texts are counted, and never kept


@dataclass(frozen=True, slots=True)
class Sample:
    """Distinct texts, each with its exact count: those whose hashes are least, all of them while they are few.

    `total` counts every text, kept or not.  The sample of a whole is the merge of the samples of its parts: a text
    that is among the least of the whole is among the least of every part that has it.  So it obeys the laws of
    `dq.states.base`.
    """

    total: int = 0
    kept: tuple[Kept, ...] = ()

    @classmethod
    def fit(cls, texts: pl.Series) -> Self:
        """Return the sample of a String series; null is not counted."""
        texts = texts.drop_nulls().rename("text")
        counts = texts.filter(texts.str.len_chars() <= LONGEST).value_counts(name="count")
        hashes = hash_series(counts["text"])
        if len(hashes) > KEPT:  # Few become Python's own values; equal hashes are told apart by their texts below.
            few = np.flatnonzero(hashes <= np.partition(hashes, KEPT - 1)[KEPT - 1])
            counts, hashes = counts[few], hashes[few]
        kept = zip(hashes.tolist(), counts["text"].to_list(), counts["count"].to_list(), strict=True)
        return cls(len(texts), _least(kept))

    def merge(self, other: Self) -> Self:
        """Return the sample of the texts of both."""
        counts: dict[tuple[int, str], int] = {}
        for code, text, count in (*self.kept, *other.kept):
            counts[code, text] = counts.get((code, text), 0) + count
        return type(self)(self.total + other.total, _least((*key, count) for key, count in counts.items()))

    def ranked(self) -> list[tuple[str, int]]:
        """Return texts with their counts, the most frequent first; equal counts in order of text."""
        return sorted(((text, count) for _, text, count in self.kept), key=lambda item: (-item[1], item[0]))

    @property
    def covered(self) -> int:
        """How many of all texts are one of those that were kept."""
        return sum(count for _, _, count in self.kept)


def _least(kept: Iterable[Kept]) -> tuple[Kept, ...]:
    """Return the entries with the least hashes; the texts decide between equal ones."""
    return tuple(sorted(kept)[:KEPT])
