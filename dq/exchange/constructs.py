"""Everything that a plan says, piece by piece, so that no language can leave a piece out in silence.

A writer strikes out what it has said; what is left over at the end are its losses.  A part of the language that is
new is a loss everywhere until a writer learns to say it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.dtypes.cast import CastOptions
from dq.exchange.base import Loss

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.plan.bound import BoundCheck, BoundField
    from dq.plan.plan import CompiledPlan

Piece = tuple[str, str]
PLAIN = CastOptions()
READING = ("formats", "timezone", "ambiguous", "precision", "true_words", "false_words", "separator")


class Saying:
    """What a language has still to say of a plan."""

    def __init__(self, plan: CompiledPlan) -> None:
        """Begin with everything."""
        self._left = dict(pieces(plan))

    def said(self, *places: str) -> None:
        """Strike out what was said; a place that holds nothing is passed over."""
        for place in places:
            self._left.pop(place, None)

    def partly(self, place: str, what: str) -> None:
        """Note what is lost of something that was said but for that."""
        self._left[place] = what

    def losses(self) -> tuple[Loss, ...]:
        """Return what was not said, in the order of the specification."""
        return tuple(Loss(place, what) for place, what in self._left.items())


def pieces(plan: CompiledPlan) -> Iterator[Piece]:
    """Yield every piece of a plan: its place in the specification or its id, and what it is, in words."""
    yield from _head(plan)
    for bound in plan.fields:
        if bound.indicates is None:
            yield from _of_field(bound)
    for bound_filter in plan.filters:
        yield bound_filter.id, f"records are kept where {bound_filter.keep.canonical}"
    for check in plan.checks:
        if check.field is None and check.kind not in {"filter", "unknown_fields"}:
            yield from _of_check(check)
    if plan.dedupe is not None:
        key = ", ".join(plan.dedupe.reads)
        yield "dedupe", f"of records that are one by {key}, the {plan.dedupe.keep} stays"
    for expectation in plan.expectations:
        yield expectation.id, f"of the whole batch: {expectation.expectation.title}"
    if plan.gate.quarantined is not None or plan.gate.fail_on != "error":
        yield "gate", "when a batch is refused as a whole"
    if plan.ml is not None:
        yield "ml", "what the records are to be fit for"


def _head(plan: CompiledPlan) -> Iterator[Piece]:
    """Yield what concerns the record as a whole, where it is not what every specification has."""
    if plan.title:
        yield "description", "what one record is"
    if plan.owner:
        yield "owner", "who answers for it"
    for source in plan.sources:
        yield f"sources.{source.name}", f"the shape of {source.dialect.format} records, and where fields stand in them"
    if plan.missing != ("",):
        yield "missing", "words that mean no value"
    if plan.unknown_fields != "ignore":
        yield "unknown_fields", f"fields that are not declared: {plan.unknown_fields}"
    if plan.output_fields != tuple(plan.by_name):
        yield "output.fields", "which fields are written, and in which order"


def _of_field(bound: BoundField) -> Iterator[Piece]:
    """Yield what is said of one field."""
    place = f"fields.{bound.name}"
    yield f"{place}.type", f"the type {bound.type}"
    if bound.description:
        yield f"{place}.description", "what the field means"
    if bound.pii:
        yield f"{place}.pii", "personal data"
    if bound.mask is not None:
        yield f"{place}.mask", f"what is written of the value: {bound.mask}"
    if bound.missing is not None:
        yield f"{place}.missing", "words that mean no value"
    reading = [name for name in READING if getattr(bound.options, name) != getattr(PLAIN, name)]
    if reading:
        yield f"{place}.reading", f"how texts are read: {', '.join(reading)}"
    if bound.steps:
        yield f"{place}.clean", f"cleaning: {', '.join(step.step.kind for step in bound.steps)}"
    yield from _computed(bound, place)
    for check in bound.checks:
        yield from _of_check(check)


def _computed(bound: BoundField, place: str) -> Iterator[Piece]:
    """Yield how a value that is not read, or not good, comes to be."""
    if bound.derive is not None:
        yield f"{place}.derive", f"computed as {bound.derive.canonical}"
    if bound.lookup is not None:
        yield f"{place}.lookup", "taken from a table beside the specification"
    for stage in ("repair", "outliers"):
        if any(fit.stage == stage for fit in bound.fits):
            yield f"{place}.{stage}", "values that are changed by what other records say"
    if bound.impute is not None or any(fit.stage == "impute" for fit in bound.fits):
        yield f"{place}.impute", "how a missing value is filled"


def _of_check(check: BoundCheck) -> Iterator[Piece]:
    """Yield what a check asks and what its answer is good for; the type itself is a piece of its field."""
    usual = check.on_fail == "quarantine" and check.severity == "error"
    if check.kind == "type" and usual and check.mostly is None:
        return
    asked = f" where {check.where.canonical}" if check.where is not None else ""
    consequence = "" if usual else f" ({check.severity}, {check.on_fail})"
    yield check.id, f"{check.expected}{asked}{consequence}"
    if check.mostly is not None:
        yield f"{check.id}.mostly", f"the share that must pass: {check.mostly}"
