"""Which records leave as duplicates: first those with the key of another, then those nearly the same as another."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dq.engines.keys import COMPLETE, VALID, Keys, among, rank
from dq.engines.near import Near, find_near
from dq.plan.contents import read_fields
from dq.plan.rows import ORDINAL, own_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from dq.engines.earlier import EarlierOutputs
    from dq.engines.spill import Spill
    from dq.plan.bound import BoundDedupe
    from dq.plan.plan import CompiledPlan

_ROOT = "\x00root"


def _none() -> npt.NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Removal:
    """Who lost to whom, by ordinal, sorted by the losers; negative winners are rows of earlier outputs.

    `compared` are the sorted ordinals of the records whose content is to be compared, `near` tells of near
    duplicates, and `merged` holds what fills the gaps of the records that stay.
    """

    losers: npt.NDArray[np.int64] = field(default_factory=_none)
    winners: npt.NDArray[np.int64] = field(default_factory=_none)
    compared: npt.NDArray[np.int64] = field(default_factory=_none)
    near: Near | None = None
    merged: pl.DataFrame | None = None


def decide(
    plan: CompiledPlan, keys: Keys | None, spill: Spill, earlier: EarlierOutputs, names: Mapping[str, str]
) -> Removal:
    """Return which records leave; `names` says how the fields stand in the spill."""
    rule = plan.dedupe
    if rule is None:
        return Removal()
    losers, winners = _by_key(rule, keys, spill, earlier, names) if keys is not None else (_none(), _none())
    own = winners >= 0
    compared = np.union1d(losers[own], winners[own])
    near = None
    if rule.match is not None:
        near = find_near(plan, rule, rule.match, _left(plan, rule, spill, losers, names), names)
        losers, winners = np.concatenate([losers, near.losers]), np.concatenate([winners, near.winners])
        order = np.argsort(losers)
        losers, winners = losers[order], winners[order]
    merged = _merged(plan, rule, spill, losers, winners, names) if rule.keep == "merge" else None
    return Removal(losers, winners, compared, near, merged)


def _by_key(
    rule: BoundDedupe, keys: Keys, spill: Spill, earlier: EarlierOutputs, names: Mapping[str, str]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return who lost to one with the same key."""
    candidates = keys.candidates(chain(earlier.frames(), spill.frames()), keys.repeated())
    if candidates is None or candidates.is_empty():
        return _none(), _none()
    ranked = rank(candidates, rule, names)
    lost = ranked.select(ORDINAL, pl.col(ORDINAL).first().over(list(keys.columns)).alias("winner"))
    lost = lost.filter(pl.col(ORDINAL) != pl.col("winner"), pl.col(ORDINAL) >= 0).sort(ORDINAL)
    return lost[ORDINAL].to_numpy(), lost["winner"].to_numpy()


def _left(
    plan: CompiledPlan, rule: BoundDedupe, spill: Spill, losers: npt.NDArray[np.int64], names: Mapping[str, str]
) -> pl.DataFrame:
    """Return the columns that near duplicates are found and ranked by, of the records that have not lost yet."""
    schema: dict[str, Any] = {ORDINAL: pl.Int64}
    schema |= {names[name]: plan.by_name[name].type.polars for name in rule.reads}
    schema |= {VALID: pl.Boolean} if rule.prefer_valid else {}
    schema |= {COMPLETE: pl.UInt32} if rule.keep == "most_complete" else {}
    found = [pl.DataFrame(schema=schema)]
    for frame in spill.frames():
        stay = ~pl.Series(among(frame[ORDINAL].to_numpy(), losers), dtype=pl.Boolean)
        found.append(frame.select(*schema).filter(stay))
    return pl.concat(found)


def _merged(
    plan: CompiledPlan,
    rule: BoundDedupe,
    spill: Spill,
    losers: npt.NDArray[np.int64],
    winners: npt.NDArray[np.int64],
    names: Mapping[str, str],
) -> pl.DataFrame | None:
    """Return, for each record that stays of several, the newest value that any of them has, field by field.

    What a record lost to may itself have lost: the last of such a chain is the one that stays.
    """
    roots = winners
    while len(further := np.flatnonzero(np.isin(roots, losers))):
        roots = roots.copy()
        roots[further] = winners[np.searchsorted(losers, roots[further])]
    stays = np.unique(roots[roots >= 0])
    if not len(stays):
        return None
    members, root_of = np.concatenate([losers, stays]), np.concatenate([roots, stays])
    order = np.argsort(members)
    members, root_of = members[order], root_of[order]
    found = []
    for frame in spill.frames():
        at = np.minimum(np.searchsorted(members, frame[ORDINAL].to_numpy()), len(members) - 1)
        here = (members[at] == frame[ORDINAL].to_numpy()) & (root_of[at] >= 0)
        rooted = frame.with_columns(pl.Series(_ROOT, root_of[at], dtype=pl.Int64))
        found.append(own_texts(rooted.filter(pl.Series(here))))
    ranked = rank(pl.concat(found), rule, names)
    fields = [bound.name for bound in read_fields(plan.fields)]
    newest = [pl.col(name).drop_nulls().first() for name in fields]
    merged = ranked.group_by(_ROOT, maintain_order=True).agg(newest)
    return merged.rename({_ROOT: ORDINAL}).sort(ORDINAL)
