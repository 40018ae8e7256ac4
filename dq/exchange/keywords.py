"""Checks as keywords of JSON Schema: the tongue that the languages of this room have in common.

`sayable` is what a language may promise of one record: checks that refuse, of one value, whatever the other
fields are.  A check whose fragment has a keyword that a language does not know is a loss there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.dtypes.types import STRING
from dq.plan.lower.pandera import gated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.dtypes.types import Type
    from dq.plan.bound import BoundCheck, BoundField
    from dq.plan.plan import CompiledPlan

Keywords = dict[str, Any]


def sayable(bound: BoundField) -> Iterator[tuple[BoundCheck, Keywords]]:
    """Yield the checks of a field that stand for themselves, each with its keywords; not `type` and `required`."""
    for check in bound.checks:
        if check.kind in {"type", "required"} or not alone(check):
            continue
        fragment = check.check.json_schema() if check.check is not None else None
        if fragment:
            yield check, fragment


def alone(check: BoundCheck) -> bool:
    """Whether a record that fails the check is refused, whatever its other fields and the other records are."""
    return gated(check) and check.where is None and check.field is not None


def sent(plan: CompiledPlan) -> list[BoundField]:
    """Return the fields that a producer sends: those that are read."""
    return [bound for bound in plan.fields if bound.is_read]


def given(plan: CompiledPlan) -> list[BoundField]:
    """Return the fields that a consumer gets: those that are written, in the order of the output."""
    fields = (plan.by_name[name] for name in plan.output_fields)
    return [bound for bound in fields if bound.mask != "drop"]


def must_be_sent(bound: BoundField) -> bool:
    """Whether a record without a value in this field is refused."""
    return not bound.filled and must_be_there(bound)


def must_be_there(bound: BoundField) -> bool:
    """Whether every accepted row has a value in this field."""
    return bound.indicates is not None or required_id(bound) is not None


def required_id(bound: BoundField) -> str | None:
    """Return the id of the check that refuses a record without a value, if there is one that always does."""
    asked = (check.id for check in bound.checks if check.kind == "required" and alone(check))
    return next(asked, None)


def missing_words(plan: CompiledPlan, bound: BoundField) -> tuple[str, ...]:
    """Return the words that mean no value in a field."""
    return plan.missing if bound.missing is None else bound.missing


def written_type(bound: BoundField) -> Type:
    """Return the type of what is written of a field: a masked value is text."""
    return bound.type if bound.mask is None else STRING


def written(bound: BoundField) -> Iterator[tuple[BoundCheck, Keywords]]:
    """Yield the checks that hold for what is written of a field; of a masked value, none does."""
    return sayable(bound) if bound.mask is None else iter(())


def keys(plan: CompiledPlan) -> Iterator[tuple[BoundCheck, tuple[str, ...]]]:
    """Yield the checks of uniqueness that refuse records, with the fields of their keys."""
    names = {bound.name for bound in given(plan)}
    for check in plan.checks:
        if check.keys and check.where is None and check.refuses and names.issuperset(check.keys):
            yield check, check.keys
