"""Records made from a spec: valid ones, or ones that violate exactly one check, each confirmed by dq's own kernel."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq.diagnostics import did_you_mean
from dq.errors import UsageError
from dq.sampling.form import AS_JSON, Form
from dq.sampling.maker import Maker, distance
from dq.sampling.repeats import Keys, is_asked, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from dq.plan.bound import BoundCheck
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
    ones.  With `invalid`, each fails the check of this id and no other; where that is uniqueness, two and two have one
    key.  UsageError where there is no such check.
    """
    check = None if invalid is None else _known(plan, invalid)
    variety = max(_LEAST_VARIETY, min(2 * count, _MOST_VARIETY))
    maker = Maker(plan, now, seed=seed, variety=variety, state=state, form=form)
    wanted = frozenset() if check is None or check.keys else frozenset({check.id})
    collected = _Collected(plan, distinct=not wanted)
    for record, answer in _found(maker, count, wanted, collected):
        if check is None or not check.keys or is_asked(maker, check, answer):
            collected.add(record, answer)
        if len(collected.found) == count:
            break
    problem = None if len(collected.found) == count else collected.problem(count, maker, wanted)
    found: Sequence[Record] = collected.records
    if check is not None and check.keys:
        found, trouble = repeated(maker, check, collected.found, collected.keys)
        problem = trouble or problem
    return Sample(tuple(map(maker.raws, found)), () if check is None else (check.id,), problem)


def _known(plan: CompiledPlan, invalid: str) -> BoundCheck:
    """Return the check of an id; UsageError where no check has it."""
    checks = {check.id: check for check in plan.checks}
    if invalid not in checks:
        near = did_you_mean(invalid, checks)
        hint = f"; did you mean {near!r}?" if near else ""
        raise UsageError(f"no check of this spec has the id {invalid!r}{hint}")
    return checks[invalid]


def _found(maker: Maker, count: int, wanted: frozenset[str], collected: _Collected) -> Iterator[tuple[Record, Answer]]:
    """Yield records that do what is wanted, until several batches in turn had none that is of use."""
    fruitless, bases = 0, maker.bases(_BASES) if wanted else []
    while fruitless < _PATIENCE:
        before = len(collected.found)
        size = max(_LEAST_BATCH, min(_BATCH, count - before))
        starts = [bases[at % len(bases)] if bases else maker.fresh() for at in range(size)]
        for record, answer in maker.search(starts, wanted):
            if distance(answer, wanted):
                collected.missed(answer, wanted)
            else:
                yield record, answer
        fruitless = fruitless + 1 if len(collected.found) == before else 0


class _Collected:
    """The records so far, the keys that they have taken, and what stood in the way of others."""

    def __init__(self, plan: CompiledPlan, *, distinct: bool) -> None:
        """Begin with nothing; `distinct` asks for keys that no record before has."""
        self.keys = Keys(plan)
        self._distinct = distinct
        self.found: list[tuple[Record, Answer]] = []
        self._ways: Counter[str] = Counter()

    @property
    def records(self) -> list[Record]:
        """The records alone."""
        return [record for record, _ in self.found]

    def add(self, record: Record, answer: Answer) -> None:
        """Take a record, unless it has a key that was taken."""
        if self._distinct and answer.row is not None:
            if self.keys.met(answer.row):
                self._ways["has the key of an earlier record"] += 1
                return
            self.keys.take(answer.row)
        self.found.append((record, answer))

    def missed(self, answer: Answer, wanted: frozenset[str]) -> None:
        """Note what a record did that it should not."""
        self._ways.update(f"violates {check}" for check in answer.fails - wanted)
        if answer.filtered_by is not None:
            self._ways[f"is filtered by {answer.filtered_by}"] += 1

    def problem(self, count: int, maker: Maker, wanted: frozenset[str]) -> str:
        """Say how many records were found, and what was in the way of the others."""
        kind = f"violate {', '.join(sorted(wanted))} and nothing else" if wanted else "are valid"
        found = f"{len(self.found)} of {count} records that {kind} were found"
        ways = maker.beside if wanted else self._ways
        most = [way for way, _ in sorted(ways.items(), key=lambda item: (-item[1], item[0]))[:_WAYS]]
        if not wanted:
            return f"{found}; what was tried {', or '.join(most)}" if most else found
        also = f"what violates it also violates {' or '.join(most)}" if most else "nothing that was tried violates it"
        return f"{found}; {also}"
