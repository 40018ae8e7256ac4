"""Changes of what concerns a batch and its surroundings: sources, output, expectations, gate, what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dq.checks.references import References
from dq.comparison.change import Change, Effect

if TYPE_CHECKING:
    from dq.plan.bound import BoundExpectation, BoundMl, BoundSource
    from dq.plan.plan import CompiledPlan, Gate

_LEAST, _MOST = {"min"}, {"max", "psi", "js", "ks", "new_values", "values", "keys", "missing"}


def changes_of_batches(old: CompiledPlan, new: CompiledPlan) -> Iterator[Change]:
    """Yield the changes of everything that is not about a field or a row."""
    if old.event != new.event:
        yield Change("event", "event renamed", old.event, new.event, frozenset({Effect.SHAPE}))
    if old.missing != new.missing and sorted(old.missing) != sorted(new.missing):
        fields = tuple(field.name for field in new.fields if field.is_read and field.missing is None)
        effects = frozenset({Effect.VALUES, Effect.NARROWS, Effect.WIDENS})
        said = [", ".join(map(repr, plan.missing)) for plan in (old, new)]
        yield Change("missing", "missing words changed", said[0], said[1], effects, fields=fields, is_open=True)
    yield from _unknown_fields(old, new)
    yield from _sources(old, new)
    yield from _files(old, new)
    yield from _output(old, new)
    yield from _expectations(old, new)
    yield from _gates(old, new)
    yield from _ml(old.ml, new.ml)


def _unknown_fields(old: CompiledPlan, new: CompiledPlan) -> Iterator[Change]:
    """Yield the change of what becomes of fields that nobody declared."""
    if old.unknown_fields == new.unknown_fields:
        return
    effects = {
        "quarantine": {Effect.NARROWS}, "keep": {Effect.EXTENDS}, "ignore": set()
    }[new.unknown_fields] | {"quarantine": {Effect.WIDENS}, "keep": {Effect.SHAPE}, "ignore": set()}[
        old.unknown_fields
    ]  # fmt: skip
    ids = ("unknown_fields",)
    yield Change(
        "unknown_fields", "unknown fields treated otherwise", old.unknown_fields, new.unknown_fields,
        frozenset(effects), ids, ids,
    )  # fmt: skip


def _sources(old: CompiledPlan, new: CompiledPlan) -> Iterator[Change]:
    """Yield the changes of sources, field by field where the mapping differs."""
    first, second = ({source.name: source for source in plan.sources} for plan in (old, new))
    for name, source in second.items():
        if name not in first:
            effect = Effect.LOOSENS if first else Effect.FORM  # The first source takes the place of the implied one.
            yield Change(f"sources.{name}", "source added", None, source.dialect.format, frozenset({effect}))
        elif (parts := _parts(first[name], source, old, new)) != {}:
            said = ["; ".join(f"{key} {pair[at]}" for key, pair in parts.items()) for at in (0, 1)]
            yield Change(f"sources.{name}", "source changed", said[0], said[1], frozenset({Effect.FORM}))
    for name, source in first.items():
        if name not in second:
            yield Change(f"sources.{name}", "source removed", source.dialect.format, None, frozenset({Effect.FORM}))


def _parts(first: BoundSource, second: BoundSource, old: CompiledPlan, new: CompiledPlan) -> dict[str, tuple[Any, Any]]:
    """Return what differs between two sources of one name; paths of fields that only one spec has do not."""
    shared = old.by_name.keys() & new.by_name.keys()
    flat = [_flat(source, shared) for source in (first, second)]
    pairs = {key: (flat[0].get(key), flat[1].get(key)) for key in sorted({*flat[0], *flat[1]})}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _flat(source: BoundSource, shared: set[str]) -> dict[str, Any]:
    identity = source.identity()
    dialect = identity.pop("dialect")
    derived = {"fields", "required", "explicit", "keep_unknown", "name"}
    return {
        **{key: value for key, value in dialect.items() if key not in derived},
        **{f"path of {name}": path for name, path in dialect["fields"].items() if name in shared},
        **identity,
    }


def _files(old: CompiledPlan, new: CompiledPlan) -> Iterator[Change]:
    """Yield the changes of tables of aliases: those of lookups and references are changes of their fields."""
    told = {field.lookup.file for field in new.fields if field.lookup is not None}
    told |= {check.check.params.file for check in new.checks if isinstance(check.check, References)}
    first, second = dict(old.references), dict(new.references)
    for file in sorted(first.keys() & second.keys() - told):
        if first[file] != second[file]:
            yield Change(f"files.{file}", "table changed", None, None, frozenset({Effect.VALUES}))


def _output(old: CompiledPlan, new: CompiledPlan) -> Iterator[Change]:
    """Yield the changes of what is written; a field that is gone from the spec is told as such."""
    if old.output_format != new.output_format:
        yield Change("output.format", "output changed", old.output_format, new.output_format, frozenset({Effect.SHAPE}))
    shared = old.by_name.keys() & new.by_name.keys()
    for name in sorted(shared & (set(old.output_fields) ^ set(new.output_fields))):
        gone = name in old.output_fields
        effect = Effect.SHAPE if gone else Effect.EXTENDS
        what = "output lost a field" if gone else "output gained a field"
        yield Change("output.fields", what, name if gone else None, None if gone else name, frozenset({effect}))


def _expectations(old: CompiledPlan, new: CompiledPlan) -> Iterator[Change]:
    """Yield the changes of expectations; one of a kind about a field is taken for the same with other thresholds."""
    gone, come = ([_Expected(each) for each in plan.expectations] for plan in (old, new))
    for each in [each for each in come if each in gone]:
        gone.remove(each)
        come.remove(each)
    for each in come:
        partner = next((other for other in gone if other.about == each.about), None)
        if partner is not None:
            gone.remove(partner)
        what = "expectation added" if partner is None else "expectation changed"
        effects = each.effect(Effect.TIGHTENS) if partner is None else _stricter(partner, each)
        yield Change(each.id, what, partner.said if partner is not None else None, each.said, effects)
    for each in gone:
        yield Change(each.id, "expectation removed", each.said, None, each.effect(Effect.LOOSENS))


class _Expected:
    """An expectation, comparable by what it asks and not by its id."""

    def __init__(self, bound: BoundExpectation) -> None:
        identity = bound.expectation.identity()
        self.id, self.severity, self.params = bound.id, bound.severity, identity["params"]
        self.about = (identity["kind"], bound.field, identity.get("field"))
        self.said = f"{identity['kind']} {self.params}" + (" (warning)" if bound.severity == "warning" else "")

    def __eq__(self, other: object) -> bool:
        """Whether both ask the same."""
        return isinstance(other, _Expected) and (self.about, self.severity, self.params) == (
            other.about, other.severity, other.params
        )  # fmt: skip

    __hash__ = None  # type: ignore[assignment]

    def effect(self, effect: Effect) -> frozenset[Effect]:
        """Return what it does that it comes or goes: of a warning, only what is told."""
        return frozenset({effect if self.severity == "error" else Effect.TELLS})


def _stricter(old: _Expected, new: _Expected) -> frozenset[Effect]:
    """Return what other thresholds do; where their direction is not known, both."""
    if old.severity == new.severity == "warning":
        return frozenset({Effect.TELLS})
    effects = set()
    if old.severity != new.severity:
        effects.add(Effect.TIGHTENS if new.severity == "error" else Effect.LOOSENS)
    for key in sorted({*old.params, *new.params}):
        first, second = old.params.get(key), new.params.get(key)
        if first != second:
            effects |= _direction(key, first, second)
    return frozenset(effects)


def _direction(key: str, first: Any, second: Any) -> set[Effect]:
    """Return what another value of a threshold does."""
    if (first is None or second is None) and key in _LEAST | _MOST:
        return {Effect.TIGHTENS if first is None else Effect.LOOSENS}
    try:
        rises = Fraction(str(second)) > Fraction(str(first))
    except ValueError:
        return {Effect.TIGHTENS, Effect.LOOSENS}
    if key in _LEAST | _MOST:
        return {Effect.TIGHTENS if rises is (key in _LEAST) else Effect.LOOSENS}
    return {Effect.TIGHTENS, Effect.LOOSENS}


def _gates(old: CompiledPlan, new: CompiledPlan) -> Iterator[Change]:
    """Yield the changes of the gate and of its profiles."""
    first, second = ({gate.profile or "": gate for gate in (*plan.profiles, plan.gate)} for plan in (old, new))
    for name in sorted(first.keys() | second.keys()):
        where = f"gate.profiles.{name}" if name else "gate"
        if name not in first:
            yield Change(where, "profile added", None, _gate_said(second[name]), frozenset({Effect.LOOSENS}))
        elif name not in second:
            yield Change(where, "profile removed", _gate_said(first[name]), None, frozenset({Effect.TIGHTENS}))
        elif effects := _of_gate(first[name], second[name]):
            yield Change(where, "gate changed", _gate_said(first[name]), _gate_said(second[name]), effects)


def _gate_said(gate: Gate) -> str:
    share = "every check decides" if gate.quarantined is None else f"quarantined {float(gate.quarantined):.4%}"
    return f"{share}, fail on {gate.fail_on}"


def _of_gate(old: Gate, new: Gate) -> frozenset[Effect]:
    """Return what another gate does; without a share, each refused record fails it."""
    effects = set()
    first, second = (gate.quarantined or Fraction(0) for gate in (old, new))
    if first != second or (old.quarantined is None) != (new.quarantined is None):
        effects.add(Effect.TIGHTENS if second < first or new.quarantined is None else Effect.LOOSENS)
    if old.fail_on != new.fail_on:
        effects.add(Effect.TIGHTENS if new.fail_on == "warning" else Effect.LOOSENS)
    return frozenset(effects)


def _ml(old: BoundMl | None, new: BoundMl | None) -> Iterator[Change]:
    """Yield the changes of what the records are for."""
    if old is None or new is None:
        if old is not new:
            said = [None if each is None else str(each.training.target) for each in (old, new)]
            effect = Effect.EXTENDS if old is None else Effect.TRAINING
            what = "training described" if old is None else "training no longer described"
            yield Change("ml", what, said[0], said[1], frozenset({effect}))
        return
    for key in ("target", "task", "features"):
        first, second = (getattr(each.training, key) for each in (old, new))
        first, second = (sorted(each) if isinstance(each, (list, tuple)) else each for each in (first, second))
        if first != second:
            yield Change(f"ml.{key}", f"{key} changed", str(first), str(second), frozenset({Effect.TRAINING}))
    if _questions(old) != _questions(new):
        yield Change("ml", "questions to the training set changed", None, None, frozenset({Effect.TELLS}))


def _questions(ml: BoundMl) -> dict[str, Any]:
    """Return what is asked of a training set, and of which rows."""
    return {key: value for key, value in ml.identity().items() if key not in {"target", "task", "features"}}
