"""Records that two specs judge differently, found by trying and confirmed by the kernel of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from dq.comparison.change import Effect, Witness
from dq.outcome import Door
from dq.sampling.hints import hints_of
from dq.sampling.judge import Answer, Judge
from dq.sampling.maker import UNKNOWN, Maker, Record, distance
from dq.sampling.pools import Candidate, pool_of, raws_of
from dq.sampling.raw import raw_of

if TYPE_CHECKING:
    from datetime import datetime

    from dq.plan.plan import CompiledPlan

_VARIETY = 40  # valid values of a field
_LENT = 15  # typical values that the other spec lends, beside what its checks propose
_BASES = 24
_STARTS = 8  # records that a search begins with
_TRIED = 400  # values of one field in an experiment
_GROUNDS = 3  # records whose fields an experiment varies


def _other(fault: str) -> str:
    """Return the name of a fault that the other spec finds."""
    return f"other:{fault}"


class Finder(Maker):
    """Finds records that the `strict` spec refuses and the `lax` one accepts.

    A fault for which the lax spec does not accept a record counts like any other, and the search leads away from it.
    """

    def __init__(
        self, strict: CompiledPlan, lax: CompiledPlan, now: datetime, more: Mapping[str, Sequence[Any]]
    ) -> None:
        """Prepare values for the fields of both; `more` are raw ones that the lax spec takes."""
        super().__init__(strict, now, variety=_VARIETY, more=more)
        self._lax = Judge(lax, now)
        for field in lax.fields:
            if field.is_read and field.name not in self.pools:
                self.pools[field.name] = pool_of(lax, field, now, self._rng, _VARIETY)
        for check in self._lax.plan.checks:
            reads = check.reads | ({check.field} if check.field else set())
            self._related[_other(check.id)] = tuple(name for name in self.pools if name in reads)
        for bound in lax.filters:
            names = tuple(name for name in self.pools if name in bound.keep.fields)
            self._related[_other(f"filtered:{bound.id}")] = names
        self._hits: list[tuple[Record, Answer]] = []
        self._grounds: list[Record] = []

    def raws(self, record: Record) -> dict[str, Any]:
        """Return the record as a source would give it; of a field that the spec does not have, only what is there."""
        known = {*(field.name for field in self.plan.fields), UNKNOWN}
        return {name: each.raw for name, each in record.items() if name in known or each.raw is not None}

    def ask(self, records: Sequence[Record]) -> list[Answer]:
        """Return what both specs say of records, as one answer."""
        raws = [self.raws(record) for record in records]
        answers = [
            Answer(Door.ACCEPTED, strict.faults | frozenset(map(_other, () if lax.row is not None else lax.faults)))
            for strict, lax in zip(self.judge.ask(raws), self._lax.ask(raws), strict=True)
        ]
        self._hits += list(zip(records, answers, strict=True))
        return answers

    def grounds(self) -> list[Record]:
        """Return records of which both specs say as little as could be reached."""
        if not self._grounds:
            self._grounds = self.bases(_BASES)
        return self._grounds

    def refused_by(self, ids: Iterable[str], field: str | None, tries: Sequence[Any]) -> dict[str, Any] | None:
        """Return a record that the lax spec accepts and that fails one of these checks of the strict one, or None.

        `tries` are canonical values of the field that are worth trying first.
        """
        for check in ids:
            wanted = frozenset({check})
            self._hits.clear()
            self.ask(list(self._first(check, field, tries)))
            if not any(answer.fails == wanted for _, answer in self._hits):
                grounds = self.grounds()
                self.search([grounds[at % len(grounds)] for at in range(_STARTS)], wanted)
            found = [(record, answer) for record, answer in self._hits if check in answer.fails and _is_lax(answer)]
            if found:
                return self.raws(min(found, key=lambda pair: distance(pair[1], wanted))[0])
        return None

    def _first(self, check: str, field: str | None, tries: Sequence[Any]) -> Iterator[Record]:
        """Yield records in which the field has values that are known to fail the check, or worth trying."""
        if field is None or field not in self.pools:
            return
        bound = self.plan.by_name.get(field)
        values = [] if bound is None else [Candidate(raw_of(each, bound.type, bound.options), each) for each in tries]
        values += self.pools[field].violating(check)[:_TRIED]
        for ground in self.grounds()[:_GROUNDS]:
            yield from (ground | {field: value} for value in values)

    def varied(self, fields: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Yield records in which one of these fields has one of all the values that were ever thought of."""
        for ground in self.grounds()[:_GROUNDS]:
            for name in fields:
                if name in self.pools:
                    yield from (self.raws(ground | {name: each}) for each in self.pools[name].candidates[:_TRIED])


def _is_lax(answer: Answer) -> bool:
    """Whether the lax spec accepts a record."""
    return not any(fault.startswith("other:") for fault in answer.fails)


class Pair:
    """Two specs side by side, and what is found by asking both."""

    def __init__(self, old: CompiledPlan, new: CompiledPlan, now: datetime) -> None:
        """Prepare to ask; values are made when the first record is wanted."""
        self.old, self.new, self.now = old, new, now
        self._judges = Judge(old, now), Judge(new, now)
        self._finders: dict[bool, Finder] = {}

    def finder(self, *, narrowing: bool) -> Finder:
        """Return what finds records that the new spec refuses (`narrowing`), or that the old one does."""
        if narrowing not in self._finders:
            strict, lax = (self.new, self.old) if narrowing else (self.old, self.new)
            chance = Random(0)  # noqa: S311 - the same records again, and no secret
            hints = hints_of(lax, self.now, chance)
            more = {
                each.name: [
                    *(raw_of(value, each.type, each.options) for value in hints[each.name]),
                    *raws_of(lax, each, self.now, chance, _LENT),
                ]
                for each in lax.fields
                if each.is_read
            }
            self._finders[narrowing] = Finder(strict, lax, self.now, more)
        return self._finders[narrowing]

    def witness(
        self, effect: Effect, ids: Sequence[str], field: str | None = None, tries: Sequence[Any] = ()
    ) -> Witness | None:
        """Return a record that shows that a check narrows or widens, or None where none was found."""
        finder = self.finder(narrowing=effect is Effect.NARROWS)
        record = finder.refused_by(ids, field, tries)
        return None if record is None else self.told(record)

    def told(self, record: Mapping[str, Any]) -> Witness:
        """Return a witness with what both specs make of it."""
        old, new = (judge.ask([record])[0] for judge in self._judges)
        return Witness((record,), outcome(old), outcome(new))

    def experiment(
        self, fields: Sequence[str], compared: Sequence[str], explained: frozenset[str]
    ) -> dict[Effect, Witness]:
        """Return, by effect, a record that shows it when only some fields are varied.

        `compared` are the fields whose values are looked at; faults in `explained` are the doing of other changes.
        """
        records = list(self.finder(narrowing=True).varied(fields))
        olds, news = (judge.ask(records) for judge in self._judges)
        found: dict[Effect, Witness] = {}
        for record, old, new in zip(records, olds, news, strict=True):
            effect = self._effect(old, new, compared, explained)
            if effect is not None and effect not in found:
                found[effect] = Witness((record,), outcome(old), outcome(new))
        return found

    def _effect(self, old: Answer, new: Answer, compared: Sequence[str], explained: frozenset[str]) -> Effect | None:
        """Return what a record shows: another door, or other values."""
        if old.row is not None and new.row is not None:
            first = dict(zip(self.old.canonical_columns, old.row, strict=True))
            second = dict(zip(self.new.canonical_columns, new.row, strict=True))
            differs = any(first[name] != second[name] for name in compared if name in first and name in second)
            return Effect.VALUES if differs else None
        if old.row is not None and not new.faults & explained:
            return Effect.NARROWS
        return Effect.WIDENS if new.row is not None and not old.faults & explained else None


def outcome(answer: Answer) -> str:
    """Say what a spec makes of a record."""
    if answer.filtered_by is not None:
        return f"filtered by {answer.filtered_by}"
    if answer.door is Door.ACCEPTED:
        return "accepted" if not answer.fails else f"accepted, failing {', '.join(sorted(answer.fails))}"
    return f"quarantined by {', '.join(sorted(answer.fails))}"
