"""Records with wanted faults, found by trying: a record is changed field by field until the kernel says what is wanted.

A record is put together from valid values of its fields.  Where it then fails something else than it should, the fields
that this depends on are given other values, and the best of some attempts goes on.  Nothing is taken for granted: what
a record violates is what dq's kernel says of it.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias

from dq.expressions import Typed
from dq.expressions.evaluate import evaluate
from dq.sampling.form import AS_JSON, Form
from dq.sampling.hints import convert, hints_of
from dq.sampling.judge import Answer, Judge, filtered
from dq.sampling.pools import Candidate, pool_of
from dq.sampling.raw import raw_of
from dq.sampling.scope import around

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dq.plan.bound import BoundCheck, BoundField
    from dq.plan.plan import CompiledPlan
    from dq.plan.state import State

Record: TypeAlias = "dict[str, Candidate]"
ROUNDS = 12  # of changes to a record
_ATTEMPTS = 6  # a round
_NULLS = 0.1  # the share of missing values, where they are allowed
_EMPTIED = 0.2  # the share of changes that take a value away, where that is allowed
_SOLVED = 0.5  # the share of changes that take a value from an expression
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
UNKNOWN = "unknown_field"  # the name of a field that no spec declares


class Maker:
    """Makes records for one plan."""

    def __init__(
        self,
        plan: CompiledPlan,
        now: datetime,
        *,
        seed: int = 0,
        variety: int = 50,
        state: State | None = None,
        more: Mapping[str, Sequence[Any]] | None = None,
        form: Form = AS_JSON,
    ) -> None:
        """Make the pools, of about `variety` valid values a field; `more` are raw values to try, by field."""
        self.plan, self.now, self.form = plan, now, form
        self.judge = Judge(plan, now, state, form.source)
        self._rng = Random(seed)  # noqa: S311 - records must be the same again, and keep no secret
        hints = hints_of(plan, now, self._rng)
        read = [field for field in plan.fields if field.is_read]
        self.pools = {
            field.name: pool_of(
                plan, field, now, self._rng, variety, hints[field.name], (more or {}).get(field.name, ()), form
            )
            for field in read
        }
        self.beside: Counter[str] = Counter()  # what the records that failed a wanted check failed as well
        self._checks = {check.id: check for check in self.judge.plan.checks}
        self._related = {check: self._fields_of(bound) for check, bound in self._checks.items()}
        self._related |= {filtered(bound.id): self._read_in(bound.keep.fields) for bound in plan.filters}

    def _fields_of(self, check: BoundCheck) -> tuple[str, ...]:
        """Return the read fields that the answer of a check depends on."""
        names = set(check.reads) | ({check.field} if check.field else set())
        names |= set(check.where.fields) if check.where is not None else set()
        return self._read_in(frozenset(names))

    def fields_of_key(self, check: BoundCheck) -> tuple[str, ...]:
        """Return the read fields that the key of a check of uniqueness is made of."""
        return self._read_in(frozenset(check.keys))

    def _read_in(self, names: frozenset[str]) -> tuple[str, ...]:
        closure = self.plan.closure(names & frozenset(self.plan.by_name))
        return tuple(name for name in self.plan.by_name if name in closure and name in self.pools)

    def fresh(self) -> Record:
        """Return a record of values that are valid each for itself."""
        return {name: self._valid(name) for name in self.pools}

    def bases(self, count: int) -> list[Record]:
        """Return some records to begin with: valid ones, or as near to that as could be found."""
        found = self.search([self.fresh() for _ in range(count)], frozenset())
        least = min(distance(answer, frozenset()) for _, answer in found)
        return [record for record, answer in found if distance(answer, frozenset()) == least]

    def _valid(self, name: str) -> Candidate:
        pool = self.pools[name]
        if pool.null is not None and (not pool.valid or self._rng.random() < _NULLS):
            return pool.null
        return self._rng.choice(pool.valid) if pool.valid else Candidate(None)

    def raws(self, record: Record) -> dict[str, Any]:
        """Return the record as a source would give it."""
        return {name: candidate.raw for name, candidate in record.items()}

    def search(self, records: Sequence[Record], wanted: frozenset[str]) -> list[tuple[Record, Answer]]:
        """Return records that come as near as could be found to failing exactly the wanted checks, with the answers."""
        self.beside.clear()
        pairs = list(zip(records, self.ask(records), strict=True))
        for _ in range(ROUNDS):
            open_ones = [at for at, (_, answer) in enumerate(pairs) if distance(answer, wanted)]
            if not open_ones:
                break
            changed = [self._changed(*pairs[at], wanted) for at in open_ones for _ in range(_ATTEMPTS)]
            answers = self.ask(changed)
            self._note(answers, wanted)
            for turn, at in enumerate(open_ones):
                block = range(turn * _ATTEMPTS, (turn + 1) * _ATTEMPTS)
                best = min(block, key=lambda index: distance(answers[index], wanted))
                if distance(answers[best], wanted) <= distance(pairs[at][1], wanted):
                    pairs[at] = changed[best], answers[best]
        return pairs

    def _note(self, answers: Sequence[Answer], wanted: frozenset[str]) -> None:
        """Count what stands beside the wanted checks where they fail."""
        for answer in answers:
            if wanted <= answer.faults:
                self.beside.update(answer.faults - wanted)

    def ask(self, records: Sequence[Record]) -> list[Answer]:
        """Return what the kernel says of records."""
        return self.judge.ask([self.raws(record) for record in records])

    def _changed(self, record: Record, answer: Answer, wanted: frozenset[str]) -> Record:
        """Return a record in which a field that something wrong depends on has another value."""
        check = self._rng.choice(sorted(wanted ^ answer.faults))
        bound = self._checks.get(check)
        if bound is not None and bound.kind == "unknown_fields":
            return record | {UNKNOWN: Candidate("x")}
        names = self._related.get(check, ())
        if not names:
            return record
        name = self._rng.choice(names)
        return record | {name: self._value_for(name, check, record, missing=check in wanted)}

    def _value_for(self, name: str, check: str, record: Record, *, missing: bool) -> Candidate:
        """Return another value of a field; `missing` says that the check passes and should fail."""
        pool, bound = self.pools[name], self._checks.get(check)
        violating = pool.violating(check) if missing and bound is not None and bound.field == name else ()
        if violating:
            return self._rng.choice(violating)
        solved = self._solved(name, check, record) if self._rng.random() < _SOLVED else []
        if solved:
            return self._rng.choice(solved)
        if pool.null is not None and self._rng.random() < _EMPTIED:
            return pool.null
        return self._rng.choice(pool.fitting) if pool.fitting else Candidate(None)

    def _solved(self, name: str, check: str, record: Record) -> list[Candidate]:
        """Return values for which a comparison of the check's expressions is just met, and just not met."""
        field = self.pools[name].field
        found: list[Candidate] = []
        for typed in self._expressions(check):
            for term in typed.root.walk():
                if term.operator in _COMPARISONS:
                    found += self._met(field, term, record)
        return found

    def _met(self, field: BoundField, term: Any, record: Record) -> list[Candidate]:
        """Return values of a field that are equal to the other side of a comparison, or next to it."""
        for side, other in (term.operands, term.operands[::-1]):
            plain = side.operands[0] if side.operator == "convert" else side
            if plain.operator == "field" and plain.value == field.name and other.type.family is field.type.family:
                value = convert(evaluate(Typed(other), self._row(record), self.now), field.type)
                values = around(value, field.type) if value is not None else ()
                raws = ((raw_of(each, field.type, field.options), each) for each in values)
                return [Candidate(self.form.of(raw, field), each) for raw, each in raws]
        return []

    def _expressions(self, check: str) -> list[Typed]:
        """Return the expressions that decide about a check or filter, derived fields that it reads included."""
        bound = self._checks.get(check)
        found = [bound.where, bound.assertion] if bound is not None else []
        found += [each.keep for each in self.plan.filters if check in {each.id, filtered(each.id)}]
        reads = frozenset(bound.reads) | ({bound.field} if bound.field else set()) if bound is not None else frozenset()
        found += [self.plan.by_name[name].derive for name in sorted(reads) if name in self.plan.by_name]
        return [each for each in found if each is not None]

    def _row(self, record: Record) -> dict[str, Any]:
        """Return the canonical values of a record, derived ones included; what is looked up is not known here."""
        row: dict[str, Any] = {field.name: None for field in self.plan.fields}
        row |= {name: candidate.value for name, candidate in record.items()}
        for field in self.plan.derived:
            if field.derive is not None:
                row[field.name] = convert(evaluate(field.derive, row, self.now), field.type)
        return row


def distance(answer: Answer, wanted: frozenset[str]) -> int:
    """Return how far an answer is from failing exactly the wanted checks; 0 where it does."""
    return len(wanted ^ answer.faults)
