"""Binding of fitted steps: `repair`, `outliers` and `impute` of a field.

Each is a mapping with one kind in it, `{median: {by: [country]}}`; parameters may stand beside the kind,
`{iqr: 3, action: clip}`.  `repair` and `impute` may be lists: their entries are learnt one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dq.checks.base import suited
from dq.diagnostics import did_you_mean
from dq.dtypes.types import Family
from dq.params import ParamError, Scalar, describe
from dq.plan.bind_impute import CONSTANT, INDICATOR, entries, indicator_of, is_constant
from dq.plan.bound import BoundFit
from dq.spec.model import CheckOptions, KindNode
from dq.steps.fitted.base import FITTED_STEPS, SCALARS, STAGES, FitTarget, Stage

if TYPE_CHECKING:
    from dq.dtypes.types import Type
    from dq.plan.notes import Notes
    from dq.spec.model import FieldModel


def bind_fits(
    notes: Notes, name: str, field: FieldModel, types: Mapping[str, Type], reference: Any
) -> tuple[BoundFit, ...]:
    """Return the fitted steps of a field, in the order in which they are applied; mistakes are noted."""
    bound: list[BoundFit] = []
    for stage in STAGES:
        for turn, (path, entry) in enumerate(entries(name, stage, getattr(field, stage))):
            if stage == "impute" and is_constant(entry):
                continue
            fit = _bind(notes, FitTarget(name, types, reference), stage, path, entry)
            if fit is not None:
                given = f"{name}.{stage}" + (f"#{turn + 1}" if turn else "")
                indicator = indicator_of(entry) if stage == "impute" else None
                bound.append(BoundFit(given, fit, stage, turn, notes.at(*path), indicator))
    return tuple(bound)


def _bind(notes: Notes, target: FitTarget, stage: Stage, path: tuple[str | int, ...], raw: Any) -> Any:
    node = _node(notes, stage, path, raw)
    if node is None:
        return None
    kind = FITTED_STEPS.find(node.name)
    if kind is None:
        return None
    family = target.type.family
    if (kind.families is not None and family not in kind.families) or family in {Family.LIST, Family.OBJECT}:
        fits = suited((kind.families or SCALARS) & SCALARS)
        notes.note("DQ304", node.span, check=node.name, field=target.name, type=str(target.type), fits=fits)
        return None
    params = notes.params(kind.Params, node)
    if params is None:
        return None
    try:
        return kind(params, target)
    except ParamError as error:
        notes.param_error(error, node)
        return None


def _node(notes: Notes, stage: Stage, path: tuple[str | int, ...], raw: Any) -> KindNode | None:
    """Return the entry as a node: its kind, its parameters, and the parameters beside the kind."""
    names = [kind.kind for kind in FITTED_STEPS if kind.stage == stage]
    known = names + ([CONSTANT] if stage == "impute" else [])
    plain = CheckOptions.model_validate({})
    if isinstance(raw, Scalar) and not raw.is_null:
        span = notes.at(*path)
        if not _known(notes, stage, raw.text, known, span):
            return None
        return KindNode(name=raw.text, params=None, options=plain, span=span, path=path)
    if not isinstance(raw, Mapping) or not raw:
        notes.note("DQ203", notes.at(*path), key=stage, expected=f"one of {', '.join(known)}", found=describe(raw))
        return None
    name = next((key for key in raw if _stage_of(key) == stage), next(iter(raw)))
    if not _known(notes, stage, name, known, notes.key(*path, name)):
        return None
    own = {name, INDICATOR} if stage == "impute" else {name}
    beside = {key: value for key, value in raw.items() if key not in own}
    return KindNode(name=name, params=raw[name], options=plain, span=notes.key(*path, name), path=path, siblings=beside)


def _stage_of(name: str) -> Stage | None:
    kind = FITTED_STEPS.find(name)
    return kind.stage if kind is not None else None


def _known(notes: Notes, stage: Stage, name: str, known: list[str], span: Any) -> bool:
    """Note a kind that is none, or one of another stage."""
    if _stage_of(name) == stage:
        return True
    notes.note("DQ302", span, did_you_mean(name, known), name=name)
    return False
