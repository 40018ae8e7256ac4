"""Near duplicates of a batch: from the narrow columns of the records that are left to who lost to whom.

The columns that are compared are kept in memory, for all records; pairs are made and scored some at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dq.dtypes.render import text_of
from dq.engines.keys import rank
from dq.plan.rows import ORDINAL
from dq.plan.tally import Matching
from dq.steps.matching.blocks import block_codes
from dq.steps.matching.clusters import Clusters
from dq.steps.matching.pairs import Blocks, candidates
from dq.steps.matching.scores import MatchRule, Scorer

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from dq.plan.bound import BoundDedupe
    from dq.plan.plan import CompiledPlan

_CLUSTER = "\x00cluster"


@dataclass(frozen=True, slots=True)
class Near:
    """The records that lost to one that is nearly the same, sorted by ordinal, with what they lost to.

    `scores` are those of the record and the one that stayed; where one is below the threshold, others link the two.
    """

    losers: npt.NDArray[np.int64]
    winners: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]
    threshold: float
    counts: Matching

    def at(self, ordinals: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the score of each of these records, NaN for those that lost by their key."""
        scores = np.full(len(ordinals), np.nan)
        if len(self.losers):
            slots = np.minimum(np.searchsorted(self.losers, ordinals), len(self.losers) - 1)
            here = self.losers[slots] == ordinals
            scores[here] = self.scores[slots[here]]
        return scores


def find_near(
    plan: CompiledPlan, rule: BoundDedupe, match: MatchRule, frame: pl.DataFrame, names: Mapping[str, str]
) -> Near:
    """Return who lost to whom among the records of a frame, in order of their ordinals.

    `names` says how the fields stand in the frame.
    """
    texts = frame.select(text_of(plan.by_name[name].type, pl.col(names[name])).alias(name) for name in match.fields)
    kinds = [Blocks.bounded(block_codes(parts, texts), match.max_block) for parts in match.blocks]
    scorer = Scorer(match, {name: texts[name] for name in match.fields})
    clusters = Clusters(frame.height)
    compared = matched = 0
    for pairs in candidates(kinds):
        compared += len(pairs[0])
        alike = scorer.matches(*pairs)
        matched += len(alike[0])
        clusters.link(*alike)
    labels = clusters.labels()
    sizes = np.bincount(labels, minlength=1)
    several = pl.Series(sizes[labels] > 1, dtype=pl.Boolean)
    members = frame.with_columns(pl.Series(_CLUSTER, labels)).filter(several)
    ranked = rank(members, rule, names)
    lost = ranked.select(ORDINAL, pl.col(ORDINAL).first().over(_CLUSTER).alias("winner"))
    lost = lost.filter(pl.col(ORDINAL) != pl.col("winner")).sort(ORDINAL)
    losers, winners = lost[ORDINAL].to_numpy(), lost["winner"].to_numpy()
    ordinals = frame[ORDINAL].to_numpy()
    scores = scorer.score(np.searchsorted(ordinals, losers), np.searchsorted(ordinals, winners))
    counts = Matching(
        pairs_compared=compared,
        pairs_matched=matched,
        clusters=int((sizes > 1).sum()),
        largest=int(sizes.max()) if len(losers) else 0,
        deduplicated=len(losers),
        linked=int((scores < match.threshold).sum()),
        blocks_skipped=sum(blocks.skipped for blocks in kinds),
        records_skipped=sum(blocks.left_out for blocks in kinds),
    )
    return Near(losers, winners, scores, match.threshold, counts)
