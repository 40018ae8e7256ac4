"""Records made from a spec: valid ones, or ones that violate exactly one check, each confirmed by dq's own kernel."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq.diagnostics import did_you_mean
from dq.errors import UsageError
from dq.sampling.form import AS_JSON, Form
from dq.sampling.maker import Maker, distance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dq.plan.plan import CompiledPlan
    from dq.plan.state import State
    from dq.sampling.judge import Answer
    from dq.sampling.maker import Record

_BATCH, _LEAST_BATCH = 500, 10  # records that are searched for at once
_BASES = 30  # valid records that invalid ones are made of
_WAYS = 3  # that are told
_PATIENCE = 3  # batches without a record
_MOST_VARIETY = 5000  # values of a field that are prepared
_LEAST_VARIETY = 40


@dataclass(frozen=True, slots=True)
class Sample:
    """Records by the names of the fields, with values as JSON has them (numbers are int or Decimal).

    Each violates `violates` and nothing else.  `problem` says why there are fewer than were asked for, and is None
    where there are not.
    """

    records: tuple[dict[str, Any], ...]
    violates: tuple[str, ...]
    problem: str | None = None


def sample(
    plan: CompiledPlan,
    count: int,
    *,
    now: datetime,
    seed: int = 0,
    invalid: str | None = None,
    state: State | None = None,
    form: Form = AS_JSON,
) -> Sample:
    """Return `count` records of a plan, the same for the same seed and `now`.

    Valid ones are accepted, fail nothing, and have keys of their own where the plan deduplicates or asks for unique
    ones.  With `invalid`, each fails the check of this id and no other.  UsageError where there is no such check.
    """
    wanted = frozenset() if invalid is None else frozenset({_known(plan, invalid)})
    together = {check.id for check in plan.checks if check.keys}
    if wanted & together:
        return Sample((), tuple(wanted), f"{invalid} asks several records at once, and each of these stands alone")
    variety = max(_LEAST_VARIETY, min(2 * count, _MOST_VARIETY))
    maker = Maker(plan, now, seed=seed, variety=variety, state=state, form=form)
    collected = _Collected(plan, distinct=invalid is None)
    for record, answer in _found(maker, count, wanted, collected):
        collected.add(maker.raws(record), answer)
        if len(collected.records) == count:
            break
    problem = None if len(collected.records) == count else collected.problem(count, maker, wanted)
    return Sample(tuple(collected.records), tuple(sorted(wanted)), problem)


def _known(plan: CompiledPlan, invalid: str) -> str:
    """Return the id of a check; UsageError where no check has it."""
    ids = [check.id for check in plan.checks]
    if invalid not in ids:
        near = did_you_mean(invalid, ids)
        hint = f"; did you mean {near!r}?" if near else ""
        raise UsageError(f"no check of this spec has the id {invalid!r}{hint}")
    return invalid


def _found(maker: Maker, count: int, wanted: frozenset[str], collected: _Collected) -> Iterator[tuple[Record, Answer]]:
    """Yield records that do what is wanted, until several batches in turn had none that is of use."""
    fruitless, bases = 0, maker.bases(_BASES) if wanted else []
    while fruitless < _PATIENCE:
        before = len(collected.records)
        size = max(_LEAST_BATCH, min(_BATCH, count - before))
        starts = [bases[at % len(bases)] if bases else maker.fresh() for at in range(size)]
        for record, answer in maker.search(starts, wanted):
            if distance(answer, wanted):
                collected.missed(answer, wanted)
            else:
                yield record, answer
        fruitless = fruitless + 1 if len(collected.records) == before else 0


class _Collected:
    """The records so far, the keys that they have taken, and what stood in the way of others."""

    def __init__(self, plan: CompiledPlan, *, distinct: bool) -> None:
        """Begin with nothing; `distinct` asks for keys that no record before has."""
        keys = [check.keys for check in plan.checks if check.keys] if distinct else []
        keys += [plan.dedupe.key] if distinct and plan.dedupe is not None and plan.dedupe.key else []
        columns = plan.canonical_columns
        self._keys = [[columns.index(name) for name in key] for key in keys]
        self._taken: list[set[tuple[Any, ...]]] = [set() for _ in keys]
        self.records: list[dict[str, Any]] = []
        self._ways: Counter[str] = Counter()

    def add(self, record: dict[str, Any], answer: Answer) -> None:
        """Take a record, unless it has a key that was taken; null is no key."""
        row = answer.row or ()
        found = [tuple(row[index] for index in key) for key in self._keys] if row else []
        if any(None not in key and key in taken for key, taken in zip(found, self._taken, strict=False)):
            self._ways["has the key of an earlier record"] += 1
            return
        for key, taken in zip(found, self._taken, strict=False):
            taken.add(key)
        self.records.append(record)

    def missed(self, answer: Answer, wanted: frozenset[str]) -> None:
        """Note what a record did that it should not."""
        self._ways.update(f"violates {check}" for check in answer.fails - wanted)
        if answer.filtered_by is not None:
            self._ways[f"is filtered by {answer.filtered_by}"] += 1

    def problem(self, count: int, maker: Maker, wanted: frozenset[str]) -> str:
        """Say how many records were found, and what was in the way of the others."""
        kind = f"violate {', '.join(sorted(wanted))} and nothing else" if wanted else "are valid"
        found = f"{len(self.records)} of {count} records that {kind} were found"
        ways = maker.beside if wanted else self._ways
        most = [way for way, _ in sorted(ways.items(), key=lambda item: (-item[1], item[0]))[:_WAYS]]
        if not wanted:
            return f"{found}; what was tried {', or '.join(most)}" if most else found
        also = f"what violates it also violates {' or '.join(most)}" if most else "nothing that was tried violates it"
        return f"{found}; {also}"
