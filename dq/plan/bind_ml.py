"""Binding of `ml`: what the records are for, and the questions that are asked of the batch as a training set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dq.checks.base import suited
from dq.checks.membership import AcceptedValues
from dq.checks.ml import ML_CHECKS, MlCheck, Training
from dq.diagnostics import did_you_mean
from dq.dtypes.types import Family
from dq.params import ParamError, Scalar, describe
from dq.plan.bound import BoundField, BoundMl, BoundMlCheck
from dq.spec.language import home_of
from dq.spec.model import CheckOptions, KindNode, MlModel

if TYPE_CHECKING:
    from dq.checks.ml.base import Task
    from dq.plan.notes import Notes
    from dq.spec.model import Spec

TARGETS = frozenset({Family.TEXT, Family.BOOLEAN, Family.NUMBER})
_NESTED = frozenset({Family.LIST, Family.OBJECT})
_FLAT = frozenset(Family) - _NESTED


def bind_ml(notes: Notes, spec: Spec, fields: Mapping[str, BoundField]) -> BoundMl | None:
    """Return what `ml` says, or None where there is none; mistakes are noted."""
    model = spec.ml
    if model is None:
        return None
    before = len(notes.diagnostics)
    _target(notes, model, fields)
    _features(notes, model, fields)
    key = _key(notes, spec, model, fields)
    _named(notes, "groups", model.groups, fields)
    wanted = {name: raw for name, raw in model.questions.items() if _known(notes, name)}
    task = _task(notes, model, fields)
    if len(notes.diagnostics) > before:
        return None
    training = Training(
        target=model.target,
        task=task,
        features=tuple(model.features),
        groups=tuple(model.groups),
        key=key,
        types={name: field.type for name, field in fields.items()},
        declared=_declared(fields),
        pii=frozenset(name for name, field in fields.items() if field.pii),
    )
    asked = (_question(notes, kind, wanted, training) for kind in ML_CHECKS)
    return BoundMl(training, model.min_rows, tuple(bound for bound in asked if bound is not None))


def _target(notes: Notes, model: MlModel, fields: Mapping[str, BoundField]) -> None:
    if model.target is None:
        return
    span = notes.at("ml", "target")
    if model.target not in fields:
        notes.absent(model.target, span, fields, "ml.target")
        return
    target = fields[model.target]
    if target.changed_late or target.mask is not None:
        notes.note("DQ317", span, field=model.target)
    if target.type.family not in TARGETS:
        notes.note("DQ304", span, check="ml.target", field=model.target, type=str(target.type), fits=suited(TARGETS))


def _features(notes: Notes, model: MlModel, fields: Mapping[str, BoundField]) -> None:
    notes.once(model.features, ("ml", "features"))
    for index, name in enumerate(model.features):
        span = notes.at("ml", "features", index)
        if name not in fields:
            notes.absent(name, span, fields, "ml.features")
        elif name == model.target:
            notes.note("DQ321", span, option="ml.features", problem=f"{name} is what is to be predicted")
        elif model.target in _sources(name, fields):
            problem = f"{name} is computed or filled from {model.target}, which is to be predicted"
            notes.note("DQ321", span, option="ml.features", problem=problem)


def _sources(name: str, fields: Mapping[str, BoundField]) -> set[str]:
    """Return the fields whose values may show in a field: what it is cleaned, computed, filled or repaired by."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        field = fields.get(waiting.pop())
        if field is None or field.name in found:
            continue
        found.add(field.name)
        waiting += [*field.operands, *field.beside, *(read for fit in field.fits for read in fit.step.reads)]
        waiting += [field.indicates] if field.indicates is not None else []
    return found


def _key(notes: Notes, spec: Spec, model: MlModel, fields: Mapping[str, BoundField]) -> tuple[str, ...]:
    """Return what a record is about: as `ml` says, or as `dedupe` does."""
    if model.key is None:
        return tuple(spec.dedupe.key or ()) if spec.dedupe is not None else ()
    _named(notes, "key", model.key, fields)
    return tuple(model.key)


def _named(notes: Notes, option: str, names: list[str], fields: Mapping[str, BoundField]) -> None:
    """Note what is wrong with a list of fields whose values are told apart."""
    notes.once(names, ("ml", option))
    for index, name in enumerate(names):
        span = notes.at("ml", option, index)
        if name not in fields:
            notes.absent(name, span, fields, f"ml.{option}")
        elif fields[name].type.family in _NESTED:
            kind = str(fields[name].type)
            notes.note("DQ304", span, check=f"ml.{option}", field=name, type=kind, fits=suited(_FLAT))


def _task(notes: Notes, model: MlModel, fields: Mapping[str, BoundField]) -> Task | None:
    """Return the task: as given, or as the target's type and its accepted values say."""
    target = fields.get(model.target or "")
    if target is None or target.type.family not in TARGETS:
        return None
    if model.task is None:
        listed = any(isinstance(check.check, AcceptedValues) for check in target.checks)
        numbers = target.type.family is Family.NUMBER and not (listed and target.type.name == "integer")
        return "regression" if numbers else "classification"
    if model.task == "regression" and target.type.family is not Family.NUMBER:
        problem = f"{target.name} is {target.type}, and a number is to be predicted"
        notes.note("DQ321", notes.at("ml", "task"), option="ml.task: regression", problem=problem)
    return model.task


def _declared(fields: Mapping[str, BoundField]) -> dict[str, tuple[Any, ...]]:
    """Return the values that a field's own list accepts, for fields with such a list for every row."""
    found: dict[str, tuple[Any, ...]] = {}
    for name, field in fields.items():
        for bound in field.checks:
            if isinstance(bound.check, AcceptedValues) and bound.where is None:
                found[name] = tuple(dict.fromkeys(bound.check.values))
    return found


def _known(notes: Notes, name: str) -> bool:
    """Return whether there is a question of this name; note a key that is none."""
    if ML_CHECKS.find(name) is not None:
        return True
    known = (*MlModel.model_fields, *ML_CHECKS.names())
    elsewhere = home_of(name)
    meant = None if elsewhere else did_you_mean(name, known)
    notes.note("DQ201", notes.key("ml", name), meant, key=name, where=f"'ml'{elsewhere}")
    return False


def _question(notes: Notes, kind: type[MlCheck], wanted: Mapping[str, Any], training: Training) -> BoundMlCheck | None:
    """Return one question: as the spec states it, or by default wherever it can be asked; None where it is not."""
    written = next((name for name in (kind.kind, *kind.aliases) if name in wanted), None)
    if written is not None:
        node = _node(notes, written, wanted[written])
        return _stated(notes, kind, node, training) if node is not None else None
    if kind.missing(training) is not None:
        return None
    params = kind.Params.model_validate({})
    return BoundMlCheck(f"ml.{kind.kind}", params.severity, kind(params, training), notes.key("ml"))


def _stated(notes: Notes, kind: type[MlCheck], node: KindNode, training: Training) -> BoundMlCheck | None:
    """Return a question that the spec states, or None after noting why it cannot be asked."""
    missing = kind.missing(training)
    if missing is not None:
        notes.note("DQ321", node.span, option=f"ml.{node.name}", problem=f"ml does not name {missing}")
        return None
    params: Any = notes.params(kind.Params, node)
    if params is None:
        return None
    try:
        return BoundMlCheck(f"ml.{kind.kind}", params.severity, kind(params, training), node.span, stated=True)
    except ParamError as error:
        notes.param_error(error, node)
        return None


def _node(notes: Notes, name: str, raw: Any) -> KindNode | None:
    """Return the entry of a question as a node; None where it is `false`, or nothing, which is noted."""
    if isinstance(raw, Scalar):
        if raw.is_null:
            expected = "true, false, its threshold, or its parameters in braces"
            notes.note("DQ203", notes.at("ml", name), key=name, expected=expected, found=describe(raw))
            return None
        if raw.truth is False:
            return None
    asked = None if isinstance(raw, Scalar) and raw.truth else raw
    options = CheckOptions.model_validate({})
    return KindNode(name=name, params=asked, options=options, span=notes.key("ml", name), path=("ml",))
