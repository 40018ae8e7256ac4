"""Waivers that are bound to a plan: every check that they name exists, and no one is waived twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dq.catalog import diagnose
from dq.diagnostics import did_you_mean
from dq.errors import SpecError
from dq.outcome import READABLE
from dq.spec.waivers import read_waivers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.diagnostics import Diagnostic, Span
    from dq.plan.plan import CompiledPlan
    from dq.spec.nodes import Places
    from dq.spec.waivers import WaiversModel


@dataclass(frozen=True, slots=True)
class Waiver:
    """A failure that is put up with: of which check, why, by whom, and until the end of which day in UTC."""

    check: str
    reason: str
    owner: str
    expires: date
    span: Span

    def holds(self, now: datetime) -> bool:
        """Whether it has not expired at this moment."""
        return now.astimezone(UTC).date() <= self.expires


@dataclass(frozen=True, slots=True)
class Waivers:
    """The waivers of one file, in their order, with the file's name and SHA-256."""

    file: str
    sha256: str
    entries: tuple[Waiver, ...]

    def of(self, check: str, now: datetime) -> Waiver | None:
        """Return the waiver of a check that holds at this moment, or None."""
        return next((waiver for waiver in self.entries if waiver.check == check and waiver.holds(now)), None)

    def waived(self, now: datetime) -> frozenset[str]:
        """Return the ids of the checks that are waived at this moment."""
        return frozenset(waiver.check for waiver in self.entries if waiver.holds(now))


def load_waivers(path: str | Path, plan: CompiledPlan) -> Waivers:
    """Return the waivers in a file for a plan.

    SpecError with every diagnostic if they are refused; UsageError if the file cannot be read.
    """
    waivers, diagnostics = bind_waivers(path, plan)
    if waivers is None:
        raise SpecError(diagnostics)
    return waivers


def bind_waivers(path: str | Path, plan: CompiledPlan) -> tuple[Waivers | None, list[Diagnostic]]:
    """Return the waivers in a file for a plan, or None, with every mistake in them, in order of place."""
    model, places, data, diagnostics = read_waivers(path)
    if model is None or places is None:
        return None, sorted(diagnostics, key=lambda one: one.span)
    mistakes = list(_mistakes(model, places, plan))
    if mistakes:
        return None, mistakes
    entries = tuple(
        Waiver(waiver.check, waiver.reason, waiver.owner, waiver.expires, places.value(("waivers", number, "check")))
        for number, waiver in enumerate(model.waivers)
    )
    return Waivers(Path(path).name, hashlib.sha256(data).hexdigest(), entries), []


def _mistakes(model: WaiversModel, places: Places, plan: CompiledPlan) -> Iterator[Diagnostic]:
    """Yield a diagnostic for every waiver of nothing, of what another waives, and of a check that aborts the run."""
    aborting = {check.id for check in plan.checks if check.on_fail == "abort"}
    known = promises(plan)
    seen: set[str] = set()
    for number, waiver in enumerate(model.waivers):
        span = places.value(("waivers", number, "check"))
        if waiver.check not in known:
            yield diagnose("DQ330", span, did_you_mean(waiver.check, known), id=waiver.check)
        elif waiver.check in seen:
            yield diagnose("DQ331", span, id=waiver.check)
        elif waiver.check in aborting:
            yield diagnose("DQ332", span, id=waiver.check)
        seen.add(waiver.check)


def promises(plan: CompiledPlan) -> tuple[str, ...]:
    """Return the ids of everything that a report judges by an id, in the order of the report."""
    checks = (READABLE, *(check.id for check in plan.checks))
    asked = plan.ml.checks if plan.ml is not None else ()
    return (*checks, *(bound.id for bound in plan.expectations), *(bound.id for bound in asked))
