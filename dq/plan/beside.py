"""Fields whose cleaning reads the cleaned text of other fields: which may, in what order, and what follows from it.

A telephone number may be read by the rules of the record's own country.  Only fields that records bring can be read
so, for what is computed is computed from typed values, after all cleaning.
"""

from __future__ import annotations

from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from dq.dtypes.types import Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dq.dtypes.types import Type
    from dq.plan.bound import BoundField
    from dq.plan.notes import Notes
    from dq.spec.model import KindNode
    from dq.steps.base import TextStep


def names_read_fields(notes: Notes, step: TextStep, node: KindNode, types: Mapping[str, Type]) -> bool:
    """Whether every field that a step reads beside its own is one that records bring; others are noted.

    `types` are those of all fields, those included that say where others were filled.
    """
    sound = True
    for parameter in step.field_params:
        name = getattr(step.params, parameter)
        if name is None:
            continue
        span = notes.document.places.value(node.param_path(parameter))
        problem = _unreadable(notes, name, types)
        if name not in types:
            notes.absent(name, span, types, f"{node.name}.{parameter}")
        elif problem is not None:
            what, expected = f"'{parameter}' of '{node.name}'", "a field that is read, of one value"
            notes.note("DQ307", span, what=what, expected=expected, found=problem)
        sound = sound and name in types and problem is None
    return sound


def _unreadable(notes: Notes, name: str, types: Mapping[str, Type]) -> str | None:
    """Return what is wrong with reading the text of a field, or None."""
    model = notes.document.spec.fields.get(name)
    if name in types and types[name].family in {Family.LIST, Family.OBJECT}:
        return f"{name}, which is a {types[name]}"
    if model is None or model.derive is not None or (model.lookup is not None and not model.lookup.fill):
        return f"{name}, which is computed"
    return None


def cleaning_order(fields: Iterable[BoundField]) -> list[str]:
    """Return the names of the fields, each behind those that its cleaning reads; CycleError if there is no such order.

    What a field reads is among the fields.
    """
    return list(TopologicalSorter({field.name: field.beside for field in fields}).static_order())


def bind_beside(notes: Notes, fields: Mapping[str, BoundField]) -> dict[str, BoundField]:
    """Return the fields; one whose cleaning reads personal data is personal data.  A circle is noted."""
    bound = dict(fields)
    try:
        order = cleaning_order(fields.values())
    except CycleError as error:
        circle = error.args[1][::-1]  # each reads the next
        span = next(bound.span for bound in fields[circle[0]].steps if circle[1] in bound.step.beside)
        notes.note("DQ505", span, fields=" -> ".join(circle))
        return bound
    for name in order:
        if name in bound and any(other in bound and bound[other].pii for other in bound[name].beside):
            bound[name] = replace(bound[name], pii=True)
    return bound
