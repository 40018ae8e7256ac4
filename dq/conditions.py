"""What a run is given beside its plan and its inputs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from dq.plan.plan import CompiledPlan
from dq.plan.state import State
from dq.plan.waivers import load_waivers
from dq.report.baseline import Baseline
from dq.report.model import Report, load_report
from dq.report.terms import PLAIN_TERMS, Terms

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is learnt already, what went before, and on which terms the batch is judged; a run needs none of it.

    Fitted steps apply the `state`.  `against` and `train` name output folders of earlier runs.
    """

    state: State | None = None
    against: Sequence[PathLike] = ()
    train: Sequence[PathLike] = ()
    terms: Terms = PLAIN_TERMS


NO_CONDITIONS = Conditions()


def make_terms(
    plan: CompiledPlan,
    fail_on: str | None = None,
    waivers: PathLike | None = None,
    baseline: PathLike | Report | None = None,
) -> Terms:
    """Return the terms on which a plan's batches are judged, with the files that were named.

    SpecError for waivers that do not fit the plan, UsageError for what is no report or one of another event,
    SourceError for a report that cannot be read.
    """
    known = None
    if baseline is not None:
        report = baseline if isinstance(baseline, Report) else load_report(baseline)
        known = Baseline.of(report.data, report.json(), plan)
    return Terms(fail_on, load_waivers(os.fspath(waivers), plan) if waivers is not None else None, known)
