"""Two records of which specs think differently only because they come together: equal keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq.comparison.change import Witness
from dq.engines.base import Settings
from dq.engines.batch import BatchRun
from dq.engines.doors import MemoryDoors
from dq.engines.inputs import bind_items
from dq.sampling.judge import untaught

if TYPE_CHECKING:
    from datetime import datetime

    from dq.comparison.finder import Finder, Pair
    from dq.plan.plan import CompiledPlan

_TRIED = 40  # pairs of records


def witness_of_sets(pair: Pair) -> Witness | None:
    """Return two records of which the specs accept other ones, or None where none were found."""
    finder = pair.finder(narrowing=True)
    for records in _pairs(finder):
        old, new = (_doors(plan, records, pair.now) for plan in (pair.old, pair.new))
        if old.kept != new.kept:
            return Witness(records, old.said, new.said)
    return None


def _pairs(finder: Finder) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield a record twice, then with one field of the second changed."""
    ground = finder.grounds()[0]
    record = finder.raws(ground)
    yield record, record
    tried = 0
    for name, pool in finder.pools.items():
        for other in [each for each in pool.valid if each.value != ground[name].value][:2]:
            tried += 1
            if tried > _TRIED:
                return
            yield record, finder.raws(ground | {name: other})


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What becomes of records that come together: the rows that are accepted, and the doors in words."""

    kept: tuple[tuple[Any, ...], ...]
    said: str


def _doors(plan: CompiledPlan, records: tuple[Mapping[str, Any], ...], now: datetime) -> _Outcome:
    """Return what becomes of records that come together."""
    doors = MemoryDoors(plan)
    settings = Settings(now=now, profile=False, gate=False)
    BatchRun(plan.alone(keys=True), [bind_items(plan, records)], settings, doors, untaught(plan)).run()
    accepted, quarantined, removed = doors.frames()
    outcomes = dict.fromkeys(range(1, len(records) + 1), "accepted")
    outcomes |= dict.fromkeys(quarantined["record"], "quarantined")
    outcomes |= dict(zip(removed["record"], removed["outcome"], strict=True))
    said = ", ".join(f"record {number} {outcome}" for number, outcome in outcomes.items())
    return _Outcome(tuple(accepted.rows()), said)
