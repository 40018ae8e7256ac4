"""Freezing: what a run learnt becomes a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.plan.levels import reference_parts
from dq.plan.state import FrozenReference, FrozenStep, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dq.plan.plan import CompiledPlan
    from dq.states.measures import Measured


def freeze(
    plan: CompiledPlan,
    sources: Sequence[tuple[str, str]],
    records: int,
    steps: Mapping[str, dict[str, Any]],
    measured: Measured | None = None,
) -> State | None:
    """Return the state of what was learnt, or None where the plan has nothing to learn.

    `sources` are the names of the inputs with their SHA-256, `records` is how many took part, `steps` what each fitted
    step froze, by id, and `measured` what was found in the accepted rows, from which reference profiles are made.
    """
    if not steps and (measured is None or not plan.compared):
        return None
    frozen = {
        fit.id: FrozenStep(level.fingerprints[fit.id], fit.step.kind, steps[fit.id])
        for level in plan.levels
        for fit in level.fits
        if fit.id in steps
    }
    references: dict[str, FrozenReference] = {}
    if measured is not None:
        for name, measure in plan.compared.items():
            references[name] = FrozenReference(str(measure.type), reference_parts(plan, name), measured.of(measure))
    return State(plan.event, plan.version, records, tuple(sources), frozen, references)
