"""Two versions of a spec compared: every change of meaning, what it does, and the record that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from dq.comparison.aspects import Aspects, aspects_of, telling
from dq.comparison.batches import changes_of_batches
from dq.comparison.change import Change, Effect, Part, Witness, compatibility, consumers, part_of, producers
from dq.comparison.fields import changes_of_fields
from dq.comparison.finder import Pair
from dq.comparison.rows import changes_of_rows
from dq.comparison.sets import witness_of_sets
from dq.comparison.versions import is_enough, least

if TYPE_CHECKING:
    from datetime import datetime

    from dq.plan.plan import CompiledPlan

_SHOWN = (Effect.NARROWS, Effect.WIDENS)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed in meaning between two versions of a spec."""

    old: CompiledPlan
    new: CompiledPlan
    changes: tuple[Change, ...]

    @property
    def effects(self) -> frozenset[Effect]:
        """All that the changes do together."""
        return reduce(frozenset.union, (change.effects for change in self.changes), frozenset())

    @property
    def part(self) -> Part | None:
        """The part of the version that the changes force; None where nothing changed."""
        return part_of(self.effects) if self.changes else None

    @property
    def says_so(self) -> bool:
        """Whether the version of the new spec says what the changes need."""
        return is_enough(self.old.version, self.new.version, self.part)

    @property
    def needed(self) -> str | None:
        """The least version that would say so; None where nothing changed."""
        return None if self.part is None else least(self.old.version, self.part)

    def verdict(self) -> dict[str, Any]:
        """Return the judgement as JSON values."""
        return {
            "compatibility": compatibility(self.effects),
            "producers": producers(self.effects),
            "consumers": consumers(self.effects),
            "part": self.part,
            "needed": self.needed,
            "says_so": self.says_so,
        }


def compare(old: CompiledPlan, new: CompiledPlan, now: datetime) -> Comparison:
    """Return every change from one spec to another, each settled and shown by records where records can show it."""
    found = [*changes_of_fields(old, new), *changes_of_rows(old, new), *changes_of_batches(old, new)]
    found = [change for change in found if change.effects]
    if not found:
        return Comparison(old, new, ())
    pair = Pair(old, new, now)
    explained = frozenset(each for change in found for each in (*change.old_ids, *change.new_ids))
    return Comparison(old, new, tuple(_settled(change, pair, explained) for change in found))


def _settled(change: Change, pair: Pair, explained: frozenset[str]) -> Change:
    """Return a change with its witnesses, and with the effects that it has.

    A change that is open keeps only what records show.  Where they show nothing, another way to a value is said to
    change values, and of another question all is kept that it may do: nobody has shown that it does not.
    """
    witnesses = _witnesses(change, pair, explained)
    if not change.is_open:
        return replace(change, witnesses=witnesses)
    settled = frozenset(witnesses)
    if not settled:
        settled = change.effects & ({Effect.VALUES} if Effect.VALUES in change.effects else {*_SHOWN})
    return replace(change, effects=(change.effects - {*_SHOWN, Effect.VALUES}) | settled, witnesses=witnesses)


def _witnesses(change: Change, pair: Pair, explained: frozenset[str]) -> Mapping[Effect, Witness]:
    """Return a witness for every effect of a change that was shown."""
    if change.where == "dedupe" or any(check.keys for check in _named(change, pair)):
        effect = next(iter(change.effects))
        shown = witness_of_sets(pair)
        return {} if shown is None else {effect: shown}
    found: dict[Effect, Witness] = {}
    for effect in (each for each in _SHOWN if each in change.effects):
        ids = change.new_ids if effect is Effect.NARROWS else change.old_ids
        field = change.where.removeprefix("fields.") if change.where.startswith("fields.") else None
        shown = pair.witness(effect, ids, field, _tries(field, pair)) if ids else None
        if shown is not None:
            found[effect] = shown
    if Effect.VALUES in change.effects and change.fields:
        name = change.where.removeprefix("fields.")
        compared = (name,) if name in pair.new.by_name else change.fields
        more = pair.experiment(change.fields, compared, explained)
        found |= {effect: shown for effect, shown in more.items() if effect in change.effects and effect not in found}
    return found


def _named(change: Change, pair: Pair) -> list[Any]:
    """Return the checks that a change names."""
    olds = [check for check in pair.old.checks if check.id in change.old_ids]
    return olds + [check for check in pair.new.checks if check.id in change.new_ids]


def _tries(field: str | None, pair: Pair) -> list[Any]:
    """Return canonical values of a field that its checks of then and of now are seen to judge differently."""
    if field is None:
        return []
    old, new = (_aspects(plan, field) for plan in (pair.old, pair.new))
    return [value for key in {**old, **new} for value in telling(old.get(key), new.get(key))]


def _aspects(plan: CompiledPlan, field: str) -> Aspects:
    """Return the aspects of a field, none where the spec does not have it."""
    bound = plan.by_name.get(field)
    return {} if bound is None else aspects_of(bound.checks, bound.type)
