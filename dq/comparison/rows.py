"""Changes of what concerns whole rows: assertions, uniqueness, filters, deduplication."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq.comparison.aspects import EITHER, Terms, terms_of
from dq.comparison.change import Change, Effect
from dq.comparison.fields import changed_terms, words
from dq.comparison.normal_form import normal_form
from dq.sampling.judge import filtered

if TYPE_CHECKING:
    from collections.abc import Callable

    from dq.plan.bound import BoundDedupe
    from dq.plan.plan import CompiledPlan


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule about rows: its id, what it asks in normal form, on which terms, and in words."""

    id: str
    asks: str
    terms: Terms
    said: str


def changes_of_rows(old: CompiledPlan, new: CompiledPlan) -> Iterator[Change]:
    """Yield the changes of rules about rows."""
    yield from _of_rules("checks", _assertions(old), _assertions(new))
    yield from _of_rules("checks", _unique(old), _unique(new))
    yield from _of_filters(old, new)
    if _key_of(old.dedupe) != _key_of(new.dedupe):
        said = [
            None if each is None else f"key {', '.join(each.key)}, keep {each.keep}"
            for each in (old.dedupe, new.dedupe)
        ]
        yield Change("dedupe", _named("deduplication", *said), said[0], said[1], frozenset({Effect.VALUES}))


def _named(what: str, old: str | None, new: str | None) -> str:
    return f"{what} {'added' if old is None else 'removed' if new is None else 'changed'}"


def _key_of(dedupe: BoundDedupe | None) -> object:
    """Return a rule of deduplication in a form in which the order of a key does not matter."""
    return None if dedupe is None else {**dedupe.identity(), "key": sorted(dedupe.key)}


def _assertions(plan: CompiledPlan) -> list[_Rule]:
    """Return the assertions of a plan."""
    return [
        _Rule(check.id, str(normal_form(check.assertion)), terms_of(check), check.assertion.canonical)
        for check in plan.checks
        if check.assertion is not None
    ]


def _unique(plan: CompiledPlan) -> list[_Rule]:
    """Return the checks of uniqueness of a plan, those of single fields included."""
    return [
        _Rule(check.id, repr(sorted(check.keys)), terms_of(check), f"unique {', '.join(check.keys)}")
        for check in plan.checks
        if check.keys
    ]


def _of_rules(where: str, old: list[_Rule], new: list[_Rule]) -> Iterator[Change]:
    """Yield the changes between two lists of rules: equal ones go, then those of one id are paired."""
    gone = _without(old, new, lambda rule: (rule.asks, rule.terms))
    come = _without(new, old, lambda rule: (rule.asks, rule.terms))
    for rule in come:
        partner = next((each for each in gone if each.asks == rule.asks), None)
        partner = partner or next((each for each in gone if each.id == rule.id), None)
        if partner is not None:
            gone.remove(partner)
            yield _changed_rule(where, partner, rule)
        else:
            effects = _of_one(rule, Effect.NARROWS, Effect.TIGHTENS)
            yield Change(f"{where}.{rule.id}", "check added", None, rule.said, effects, (), (rule.id,))
    for rule in gone:
        effects = _of_one(rule, Effect.WIDENS, Effect.LOOSENS)
        yield Change(f"{where}.{rule.id}", "check removed", rule.said, None, effects, (rule.id,), ())


def _without(rules: list[_Rule], others: list[_Rule], key: Callable[[_Rule], object]) -> list[_Rule]:
    """Return the rules that have no equal among the others."""
    known = [key(each) for each in others]
    return [rule for rule in rules if key(rule) not in known]


def _of_one(rule: _Rule, refusing: Effect, counting: Effect) -> frozenset[Effect]:
    """Return what it does that a rule is added or removed."""
    if rule.terms.refuses:
        return frozenset({refusing})
    warns = rule.terms.severity == "warning" and rule.terms.mostly is None
    return frozenset({Effect.TELLS if warns else counting})


def _changed_rule(where: str, old: _Rule, new: _Rule) -> Change:
    """Return the change of a rule; what another question does, records must show."""
    effects = changed_terms(old.terms, new.terms)
    is_open = old.asks != new.asks or old.terms.where != new.terms.where
    if old.asks != new.asks:
        effects |= EITHER if new.terms.refuses else {Effect.TIGHTENS, Effect.LOOSENS}
    said = [each.said if old.asks != new.asks else f"{each.said} ({words(each.terms)})" for each in (old, new)]
    what = "check changed" if old.asks != new.asks else "check on other terms"
    return Change(
        f"{where}.{new.id}",
        what,
        said[0],
        said[1],
        effects,
        (old.id,),
        (new.id,),
        is_open=is_open and bool(effects & EITHER),
    )


def _of_filters(old: CompiledPlan, new: CompiledPlan) -> Iterator[Change]:
    """Yield the changes of filters: all of them together say which records are relevant."""
    gone = {normal_form(each.keep): each for each in old.filters}
    come = {normal_form(each.keep): each for each in new.filters}
    lost = [each for form, each in gone.items() if form not in come]
    for bound in (each for form, each in come.items() if form not in gone):
        partner = next((each for each in lost if each.id == bound.id), lost[0] if len(lost) == 1 else None)
        if partner is not None:
            lost.remove(partner)
        ids = (filtered(bound.id), bound.id)
        before = (filtered(partner.id), partner.id) if partner is not None else ()
        said = partner.keep.canonical if partner is not None else None
        effects = EITHER if partner is not None else frozenset({Effect.NARROWS})
        what = "filter changed" if partner is not None else "filter added"
        yield Change(
            f"filter.{bound.id}", what, said, bound.keep.canonical, effects, before, ids, is_open=partner is not None
        )
    for bound in lost:
        ids = (filtered(bound.id), bound.id)
        yield Change(
            f"filter.{bound.id}", "filter removed", bound.keep.canonical, None, frozenset({Effect.WIDENS}), ids
        )
