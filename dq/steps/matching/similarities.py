"""Similarities of two texts, from 0 (nothing alike) to 1 (equal), by name.  rapidfuzz computes them.

Every similarity is asked of distinct pairs of different texts, the smaller text first, so that it cannot depend on
the order of the records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

PACKAGE, EXTRA = "rapidfuzz", "match"
EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Similarity:
    """One similarity: its name, what it is for, and the scorer of rapidfuzz with what it gives for equal texts."""

    name: str
    title: str
    module: str = ""
    scorer: str = ""
    most: float = 1.0

    def score(self, left: Sequence[str], right: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the similarity of each pair of texts."""
        if self.name == EXACT:
            return np.zeros(len(left), dtype=np.float64)
        from rapidfuzz.process import cpdist  # an extra

        scorer = import_module(self.module)
        for part in self.scorer.split("."):
            scorer = getattr(scorer, part)
        scores: npt.NDArray[np.float64] = cpdist(left, right, scorer=scorer, dtype=np.float64)
        return scores.ravel() / self.most


SIMILARITIES = {
    one.name: one
    for one in (
        Similarity(EXACT, "1 if the values are equal, else 0; for codes and categories"),
        Similarity(
            "jaro_winkler",
            "characters in common, about in place, the beginning counting more; for names",
            "rapidfuzz.distance",
            "JaroWinkler.normalized_similarity",
        ),
        Similarity(
            "levenshtein",
            "the share of characters that need not be inserted, deleted or changed; for codes with typing errors",
            "rapidfuzz.distance",
            "Levenshtein.normalized_similarity",
        ),
        Similarity(
            "alignment",
            "as levenshtein, where exchanging two neighbours is one error; for numbers and dates typed by hand",
            "rapidfuzz.distance",
            "OSA.normalized_similarity",
        ),
        Similarity(
            "token_sort",
            "the likeness of the words in alphabetical order; for addresses and full names",
            "rapidfuzz",
            "fuzz.token_sort_ratio",
            100.0,
        ),
        Similarity(
            "token_set",
            "the likeness of the words that the shorter text has; for titles with words left out",
            "rapidfuzz",
            "fuzz.token_set_ratio",
            100.0,
        ),
    )
}


def is_installed() -> bool:
    """Whether the package that computes similarities is there."""
    return find_spec(PACKAGE) is not None
