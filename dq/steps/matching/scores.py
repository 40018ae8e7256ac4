"""The score of two records: the weighted mean of the similarities of their fields.

A field that has no value in one of the records says nothing and is left out of the mean; where less than a given
share of the weights is left, the records cannot be compared, and the score is 0.  Scores are rounded to six digits,
so that no last bit decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dq.steps.matching.blocks import BlockPart, Codes, dense
from dq.steps.matching.similarities import EXACT, SIMILARITIES

DIGITS = 6
_SLACK = 1e-9

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    """How one field is compared: by which similarity, with which weight."""

    field: str
    by: str
    weight: float


@dataclass(frozen=True, slots=True)
class MatchRule:
    """When two records are one: how fields are compared, which records are, and from which score on.

    `min_compared` is the share of the weights that must be compared; blocks of more than `max_block` records are
    left out and counted.
    """

    compared: tuple[Compared, ...]
    blocks: tuple[tuple[BlockPart, ...], ...]
    threshold: float
    min_compared: float
    max_block: int

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the rule reads, each once."""
        names = [one.field for one in self.compared] + [part.field for parts in self.blocks for part in parts]
        return tuple(dict.fromkeys(names))

    def identity(self) -> dict[str, Any]:
        """Return the rule as JSON values, for fingerprints and the report."""
        return {
            "fields": {one.field: {"by": one.by, "weight": one.weight} for one in self.compared},
            "blocks": [[part.identity() for part in parts] for parts in self.blocks],
            "threshold": self.threshold,
            "min_compared": self.min_compared,
            "max_block": self.max_block,
        }


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one field: a number for each row, -1 for null, and the text of each number."""

    codes: Codes
    texts: npt.NDArray[np.object_]

    @classmethod
    def of(cls, texts: pl.Series) -> Column:
        """Return the column of these texts."""
        return cls(dense(texts), np.array(texts.drop_nulls().unique().sort().to_list(), dtype=np.object_))

    def compare(self, by: str, left: Codes, right: Codes) -> Scores:
        """Return the similarity of the values in these rows, NaN where one has none; each two texts once."""
        one, other = self.codes[left], self.codes[right]
        found = np.where(one == other, 1.0, 0.0)
        found[(one < 0) | (other < 0)] = np.nan
        if by == EXACT:
            return found
        unequal = np.flatnonzero(found == 0)
        low, high = np.minimum(one, other)[unequal], np.maximum(one, other)[unequal]
        distinct, inverse = np.unique(low * len(self.texts) + high, return_inverse=True)
        first, second = np.divmod(distinct, max(1, len(self.texts)))
        scores = SIMILARITIES[by].score(self.texts[first].tolist(), self.texts[second].tolist())
        found[unequal] = scores[inverse]
        return found


class Scorer:
    """Scores pairs of rows of some records by a rule."""

    def __init__(self, rule: MatchRule, texts: Mapping[str, pl.Series]) -> None:
        """Prepare the compared fields; `texts` holds their canonical texts."""
        self.rule = rule
        self._columns = {one.field: Column.of(texts[one.field]) for one in rule.compared}
        self._total = sum(one.weight for one in rule.compared)

    def score(self, left: Codes, right: Codes) -> Scores:
        """Return the score of each pair."""
        alike, weights = np.zeros(len(left)), np.zeros(len(left))
        for one, found in self._each(left, right):
            known = ~np.isnan(found)
            alike[known] += one.weight * found[known]
            weights[known] += one.weight
        return self._mean(alike, weights)

    def matches(self, left: Codes, right: Codes) -> tuple[Codes, Codes]:
        """Return the pairs whose score reaches the threshold; what cannot reach it any more is given up early."""
        alike, weights, rest = np.zeros(len(left)), np.zeros(len(left)), self._total
        for one in self.rule.compared:
            found = self._columns[one.field].compare(one.by, left, right)
            known = ~np.isnan(found)
            alike[known] += one.weight * found[known]
            weights[known] += one.weight
            rest -= one.weight
            possible = alike + rest >= (self.rule.threshold - _SLACK) * (weights + rest) - _SLACK
            left, right, alike, weights = left[possible], right[possible], alike[possible], weights[possible]
        good = self._mean(alike, weights) >= self.rule.threshold
        return left[good], right[good]

    def _each(self, left: Codes, right: Codes) -> Iterator[tuple[Compared, Scores]]:
        for one in self.rule.compared:
            yield one, self._columns[one.field].compare(one.by, left, right)

    def _mean(self, alike: Scores, weights: Scores) -> Scores:
        enough = (weights > 0) & (weights >= self.rule.min_compared * self._total - _SLACK)
        mean: Scores = np.divide(alike, weights, out=np.zeros_like(alike), where=enough)
        rounded: Scores = np.round(mean, DIGITS)
        return rounded
