"""What must be given before a plan can be run: a mask key, a state; and what a plan cannot be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.errors import UsageError

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan
    from dq.plan.state import State


def need_mask_key(plan: CompiledPlan) -> None:
    """Raise UsageError where something is written as a keyed hash, and no key was given."""
    if plan.hashed and plan.mask_key is None:
        names = ", ".join(plan.hashed)
        raise UsageError(f"{names}: masked by a keyed hash, and no key is given (--mask-key, Plan.with_mask_key)")


def need_for_one_event(plan: CompiledPlan, state: State | None) -> None:
    """Raise UsageError for a plan that cannot judge one event, or not write what comes out of it."""
    need_nothing_of_others(plan, state)
    need_mask_key(plan)


def need_nothing_of_others(plan: CompiledPlan, state: State | None) -> None:
    """Raise UsageError for a plan that looks at the records around one, or that learns and has no state."""
    if plan.of_batch:
        names = ", ".join(plan.of_batch)
        raise UsageError(
            f"{names}: filled from the records around it, and one event has none; "
            "for single events fill it from another field, or by a statistic and a state"
        )
    if plan.learns and state is None:
        raise UsageError("the spec has steps that learn: one event needs the state of a fit (`dq fit`, Plan.fit)")
