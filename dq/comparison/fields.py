"""Changes of fields: which there are, how their values come about, what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dq.comparison.aspects import EITHER, Aspect, Terms, aspects_of, leftovers, relation
from dq.comparison.change import Change, Effect
from dq.comparison.normal_form import normal_form
from dq.dtypes.types import Family, Type

if TYPE_CHECKING:
    from dq.plan.bound import BoundField
    from dq.plan.plan import CompiledPlan

_NARROWS, _WIDENS, _VALUES = (frozenset({each}) for each in (Effect.NARROWS, Effect.WIDENS, Effect.VALUES))
_ANY = EITHER | _VALUES
_INTEGER_DIGITS = 19  # of a whole number of 64 bits
_NEAR = 0.6  # the likeness of names that makes a renaming of a removal and an addition


def changes_of_fields(old: CompiledPlan, new: CompiledPlan) -> Iterator[Change]:
    """Yield the changes of fields, in the order of the new spec and then of what it lacks."""
    renamed = dict(_renamed(old, new))
    for field in new.fields:
        if field.indicates is None and field.name in old.by_name:
            yield from _changed(old.by_name[field.name], field, new)
        elif field.indicates is None:
            yield _added(field, renamed.get(field.name))
    for field in old.fields:
        if field.indicates is None and field.name not in new.by_name and field.name not in renamed.values():
            effects = {Effect.SHAPE} | ({Effect.NARROWS} if new.unknown_fields == "quarantine" else set())
            ids = ("unknown_fields",) if Effect.NARROWS in effects else ()
            yield Change(_at(field), "field removed", str(field.type), None, frozenset(effects), new_ids=ids)


def _at(field: BoundField) -> str:
    return f"fields.{field.name}"


def _renamed(old: CompiledPlan, new: CompiledPlan) -> Iterator[tuple[str, str]]:
    """Yield (new name, old name) where a field that is gone has a namesake in all but the name."""
    gone = [field for field in old.fields if field.name not in new.by_name]
    for field in new.fields:
        if field.name in old.by_name:
            continue
        alike = [each for each in gone if _fingerprint(each) == _fingerprint(field)]
        best = max(alike, key=lambda each: _likeness(each.name, field.name), default=None)
        if best is not None and (_likeness(best.name, field.name) >= _NEAR or len(alike) == len(gone) == 1):
            gone.remove(best)
            yield field.name, best.name


def _likeness(first: str, second: str) -> float:
    return SequenceMatcher(None, first.lower(), second.lower()).ratio()


def _fingerprint(field: BoundField) -> Any:
    """Return what a field is, but for its name."""
    checks = sorted(repr((check.kind, check.check and check.check.identity())) for check in field.checks)
    identity = {key: value for key, value in field.identity().items() if key not in {"name", "set_null"}}
    return repr(identity), checks


def _added(field: BoundField, was: str | None) -> Change:
    """Return the change of a field that is new; `was` is the name that it seems to have had."""
    needed = [check.id for check in field.checks if check.kind == "required" and check.refuses]
    narrows = bool(needed) and field.is_read and not field.filled
    effects = {Effect.EXTENDS} if was is None else {Effect.SHAPE}
    return Change(
        _at(field),
        "field added" if was is None else "field renamed, it seems",
        was,
        str(field.type) if was is None else field.name,
        frozenset(effects | ({Effect.NARROWS} if narrows else set())),
        new_ids=tuple(needed) if narrows else (),
        fields=(field.name,),
    )


def _changed(old: BoundField, new: BoundField, plan: CompiledPlan) -> Iterator[Change]:
    """Yield the changes of a field that both specs have."""
    if old.type != new.type:
        ids = tuple(f"{each.name}.type" for each in (old, new))
        effects = _of_types(old, new)
        yield Change(
            _at(new), "type changed", str(old.type), str(new.type), effects, ids[:1], ids[1:], (new.name,), is_open=True
        )
    yield from _ways(old, new, plan)
    yield from _fitted(old, new)
    yield from _told(old, new)
    yield from changes_of_aspects(_at(new), old, new)


def _of_types(old: BoundField, new: BoundField) -> frozenset[Effect]:
    """Return what another type may do; of a field that no record brings, only the column is another."""
    effects = {Effect.SHAPE}
    if new.is_read and not _takes(new.type, old.type):
        effects.add(Effect.NARROWS)
    if old.is_read and not _takes(old.type, new.type):
        effects.add(Effect.WIDENS)
    return frozenset(effects)


def _takes(wide: Type, narrow: Type) -> bool:
    """Whether every text that is of one type is of another."""
    if wide.name == "string" or (wide.name == "number" and narrow.family is Family.NUMBER):
        return True
    if wide.name != "decimal" or narrow.name not in {"integer", "decimal"}:
        return False
    places, others = wide.scale or 0, narrow.scale or 0
    digits = _INTEGER_DIGITS if narrow.precision is None else narrow.precision - others
    return places >= others and (wide.precision or 0) - places >= digits


def _ways(old: BoundField, new: BoundField, plan: CompiledPlan) -> Iterator[Change]:
    """Yield the changes of how a record's value is read or computed; what they do, records must show."""
    operands = tuple(sorted({new.name, *plan.closure(frozenset({new.name}))}))
    for what, first, second in (
        ("missing words changed", _sorted(old.missing), _sorted(new.missing)),
        ("cleaning changed", _steps(old), _steps(new)),
        ("reading changed", _cast(old), _cast(new)),
        ("derivation changed", normal_form(old.derive), normal_form(new.derive)),
        ("lookup changed", _lookup(old), _lookup(new)),
        ("constant changed", old.impute, new.impute),
    ):
        if first != second:
            shown = [None if field.derive is None else field.derive.canonical for field in (old, new)]
            said = shown if what == "derivation changed" else [_said(first), _said(second)]
            yield Change(_at(new), what, said[0], said[1], _ANY, fields=operands, is_open=True)


def _sorted(words: tuple[str, ...] | None) -> list[str] | None:
    return None if words is None else sorted(words)


def _steps(field: BoundField) -> list[Any]:
    return [bound.step.identity() for bound in field.steps]


def _cast(field: BoundField) -> dict[str, Any]:
    """Return how a field is read, but for what each source decides."""
    options = field.options
    return {key: getattr(options, key) for key in sorted(options.__slots__) if key not in {"decimal_mark", "thousands"}}


def _lookup(field: BoundField) -> dict[str, Any] | None:
    return None if field.lookup is None else field.lookup.identity()


def _said(value: Any) -> str | None:
    """Say what cleaning or reading was, briefly: of a list of steps their kinds."""
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return ", ".join(f"{each['kind']}{_brief(each['params'])}" for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items() if each not in (None, (), [])) or "none"
    return None if value is None else str(value)


def _brief(params: Any) -> str:
    return f" {params}" if params and len(str(params)) <= 60 else ""  # noqa: PLR2004 - what a line bears


def _fitted(old: BoundField, new: BoundField) -> Iterator[Change]:
    """Yield the changes of what is learnt: other values of the same records, which models are trained on."""
    for stage in ("repair", "outliers", "impute"):
        steps = [[fit.step for fit in field.fits if fit.stage == stage] for field in (old, new)]
        first, second = ([step.identity() for step in each] for each in steps)
        if first != second:
            said = ["; ".join(step.words() for step in each) or None for each in steps]
            words = {"repair": "repair", "outliers": "outliers", "impute": "imputation"}[stage]
            yield Change(_at(new), f"{words} changed", said[0], said[1], _VALUES)
    before, after = ([name for name in field.indicators if name] for field in (old, new))
    if before != after:
        gone = set(before) - set(after)
        effects = frozenset({Effect.SHAPE if gone else Effect.EXTENDS})
        yield Change(_at(new), "indicators changed", ", ".join(before) or None, ", ".join(after) or None, effects)


def _told(old: BoundField, new: BoundField) -> Iterator[Change]:
    """Yield the changes of what is written or told of a value."""
    if old.mask != new.mask:
        yield Change(_at(new), "mask changed", old.mask, new.mask, frozenset({Effect.SHAPE}))
    elif old.pii != new.pii:
        said = ["personal data" if field.pii else "no personal data" for field in (old, new)]
        yield Change(_at(new), "privacy changed", said[0], said[1], frozenset({Effect.TELLS}))


def changes_of_aspects(where: str, old: BoundField, new: BoundField) -> Iterator[Change]:
    """Yield the changes of what is asked of a field."""
    first, second = aspects_of(old.checks, old.type), aspects_of(new.checks, new.type)
    for key in [key for key in second if key in first]:
        found, certain = relation(first[key], second[key])
        if found:
            yield _of_aspect(where, first[key], second[key], key[1], found, certain=certain)
    gone, come = list(leftovers(first, second)), list(leftovers(second, first))
    for key, aspect in come:
        partner = next((each for each in gone if each[0][0] == key[0]), None)
        if partner is None:
            effects = _consequence(frozenset({Effect.NARROWS}), key[1])
            yield Change(where, "check added", None, aspect.said, effects, (), tuple(aspect.ids), (new.name,))
        else:
            gone.remove(partner)
            yield _on_other_terms(where, partner, (key, aspect))
    for key, aspect in gone:
        effects = _consequence(frozenset({Effect.WIDENS}), key[1])
        yield Change(where, "check removed", aspect.said, None, effects, tuple(aspect.ids), (), (old.name,))


def _of_aspect(
    where: str, old: Aspect, new: Aspect, terms: Terms, found: frozenset[Effect], *, certain: bool
) -> Change:
    """Return the change of an aspect that is asked on the same terms."""
    words = {frozenset({Effect.NARROWS}): "narrowed", frozenset({Effect.WIDENS}): "widened"}.get(found, "changed")
    effects = _consequence(found, terms)
    name = where.removeprefix("fields.")
    return Change(
        where, f"check {words}", old.said, new.said, effects, tuple(old.ids), tuple(new.ids), (name,), not certain
    )


def _consequence(found: frozenset[Effect], terms: Terms) -> frozenset[Effect]:
    """Return what a narrower or wider check does, by what its failure does."""
    if terms.refuses:
        return found
    if terms.on_fail == "set_null":
        return frozenset({Effect.VALUES})
    if terms.severity == "warning" and terms.mostly is None:
        return frozenset({Effect.TELLS})
    turned = {Effect.NARROWS: Effect.TIGHTENS, Effect.WIDENS: Effect.LOOSENS}
    return frozenset(turned[effect] for effect in found)


def _on_other_terms(where: str, old: tuple[tuple[str, Terms], Aspect], new: tuple[tuple[str, Terms], Aspect]) -> Change:
    """Return the change of a check that is asked on other terms, and maybe asks something else as well."""
    (_, before), first = old
    (_, after), second = new
    effects = set(changed_terms(before, after))
    if first.name != "kind:type":
        effects |= _consequence(relation(first, second)[0], after)
    is_open = before.where != after.where and bool(effects & EITHER)
    said = [f"{aspect.said} ({words(terms)})" for aspect, terms in ((first, before), (second, after))]
    name = (where.removeprefix("fields."),)
    return Change(
        where, "check on other terms", said[0], said[1], frozenset(effects), tuple(first.ids), tuple(second.ids), name,
        is_open,
    )  # fmt: skip


def words(terms: Terms) -> str:
    """Say the terms of a check."""
    parts = [terms.severity, terms.on_fail]
    parts += [f"mostly {terms.mostly}"] if terms.mostly is not None else []
    return ", ".join(parts + (["where"] if terms.where is not None else []))


def changed_terms(old: Terms, new: Terms) -> frozenset[Effect]:
    """Return what it does that a check is asked on other terms."""
    effects: set[Effect] = set()
    if old.where != new.where:
        effects |= EITHER if old.refuses or new.refuses else {Effect.TELLS}
    if old.refuses != new.refuses:
        effects.add(Effect.NARROWS if new.refuses else Effect.WIDENS)
    if "set_null" in {old.on_fail, new.on_fail} and old.on_fail != new.on_fail:
        effects.add(Effect.VALUES)
    if "abort" in {old.on_fail, new.on_fail} and old.on_fail != new.on_fail:
        effects.add(Effect.TIGHTENS if new.on_fail == "abort" else Effect.LOOSENS)
    if _demand(old) != _demand(new):
        effects.add(Effect.TIGHTENS if _demand(new) > _demand(old) else Effect.LOOSENS)
    return frozenset(effects)


def _demand(terms: Terms) -> tuple[bool, Any]:
    """Return how much of a batch must pass, for a comparison of two terms."""
    return terms.severity == "error", Fraction(terms.mostly) if terms.mostly is not None else Fraction(1)
