"""What of a plan a stream cannot be asked, each with its place and what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.catalog import diagnose
from dq.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.diagnostics import Diagnostic
    from dq.plan.plan import CompiledPlan

_LEAVE = "or leave it to batches (--alone)"


def need_for_stream(plan: CompiledPlan, *, has_state: bool, alone: bool, watches_drift: bool = False) -> None:
    """Raise SpecError, with every place, for a plan that no stream can follow.

    `alone` leaves out knowingly what only a batch can answer: uniqueness, ordered deduplication, expectations.  A
    stream that watches drift over a window answers what compares with the state.
    """
    found = list(_of_fits(plan, has_state=has_state))
    if not alone:
        found += _of_sets(plan, watches_drift=watches_drift)
    if found:
        raise SpecError(sorted(found, key=lambda one: (one.span, one.code)))


def _of_fits(plan: CompiledPlan, *, has_state: bool) -> Iterator[Diagnostic]:
    """Yield the steps that need neighbours, and those that learn where no state is given."""
    for fit in (fit for level in plan.fits for fit in level):
        if fit.is_of_batch:
            instead = "fill from another field, or by a statistic and a state"
            yield diagnose("DQ514", fit.span, steps=fit.id, instead=instead)
        elif fit.step.learns and not has_state:
            yield diagnose("DQ513", fit.span, steps=fit.id, instead="fit it from a batch and give the state (--state)")


def _of_sets(plan: CompiledPlan, *, watches_drift: bool) -> Iterator[Diagnostic]:
    """Yield the questions to sets of records."""
    for check in plan.checks:
        if check.keys:
            instead = f"say `dedupe.stream` for a window {_LEAVE}"
            yield diagnose("DQ510", check.span, check=check.id, instead=instead)
    if plan.dedupe is not None and (plan.dedupe.stream is None or plan.dedupe.match is not None):
        near = plan.dedupe.stream is not None
        instead = "near duplicates are found in batches" if near else "say `dedupe.stream: {within: 24h}` for a window"
        yield diagnose("DQ511", plan.dedupe.span, instead=f"{instead} {_LEAVE}")
    for bound in plan.expectations:
        if watches_drift and bound.expectation.compares() is not None:
            continue
        instead = f"ask it of what the stream has written {_LEAVE}"
        yield diagnose("DQ512", bound.span, check=bound.id, instead=instead)
