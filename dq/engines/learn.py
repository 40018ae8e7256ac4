"""Learning alone: what fitted steps apply and what drift compares with, without an output."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dq.engines.base import NoDoors
from dq.engines.batch import BatchRun
from dq.engines.freeze import freeze
from dq.engines.narrow import NarrowScan
from dq.errors import InternalError, UsageError

if TYPE_CHECKING:
    from dq.engines.base import Settings
    from dq.engines.inputs import Input
    from dq.plan.plan import CompiledPlan
    from dq.plan.state import State


def learn(plan: CompiledPlan, inputs: list[Input], settings: Settings) -> State:
    """Learn what fitted steps apply and what drift compares with; write nothing.

    UsageError for a plan that has nothing to learn, or whose run is aborted.
    """
    if not plan.learns and not plan.compared:
        words = "no step that learns (repair, outliers, impute by a statistic), and expects nothing about drift"
        raise UsageError(f"the spec has {words}")
    state = _from_accepted(plan, inputs, settings) if plan.compared else _from_scan(plan, inputs, settings)
    if state is None:
        raise InternalError("a plan that learns has learnt nothing")
    return state


def _from_scan(plan: CompiledPlan, inputs: list[Input], settings: Settings) -> State | None:
    """Learn what fitted steps need, which the narrow scan sees."""
    scan = NarrowScan(plan, settings)
    sums = scan.learn(inputs).sums
    sources = [(item.name, sum_of) for item, sum_of in zip(inputs, sums, strict=True)]
    return freeze(plan, sources, scan.records, scan.frozen)


def _from_accepted(plan: CompiledPlan, inputs: list[Input], settings: Settings) -> State | None:
    """Learn from a whole run, because reference profiles are of accepted rows."""
    run = BatchRun(plan, inputs, replace(settings, profile=False), NoDoors())
    aborted = run.run().aborted
    if aborted is not None:
        raise UsageError(f"nothing was learnt: {aborted} asks to abort the run, and a row failed it")
    return run.state
