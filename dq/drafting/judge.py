"""Holding a draft to what it promises: it lints, and its own source passes it, or what does not is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dq.diagnostics import Severity
from dq.engines.base import NoDoors, Settings
from dq.engines.batch import BatchRun
from dq.engines.inputs import bind_paths
from dq.plan.compiler import compile_document
from dq.report.build import build
from dq.spec.loader import reads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dq.diagnostics import Diagnostic
    from dq.plan.plan import CompiledPlan

NAME = "draft.dq.yaml"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a run over its own source makes of a draft.

    `records` are the counts by door, `failed` the checks that any record failed with how many did.
    """

    verdict: str
    records: Mapping[str, int]
    failed: tuple[tuple[str, int], ...]
    because: tuple[str, ...]


def compiled(text: str) -> tuple[CompiledPlan | None, list[Diagnostic]]:
    """Return the plan of a draft, or None, and the errors of the draft."""
    document, diagnostics = reads(text, NAME, Path())
    plan, more = compile_document(document) if document is not None else (None, [])
    errors = [each for each in (*diagnostics, *more) if each.severity is Severity.ERROR]
    return (None if errors else plan), errors


def judge(
    plan: CompiledPlan, paths: Sequence[str], form: str | None, progress: Callable[[int], None] | None = None
) -> Judgement:
    """Run a draft over its own sources, whole, and write nothing."""
    settings = Settings(now=datetime.now(UTC), profile=False)
    if progress is not None:
        settings = Settings(now=settings.now, profile=False, progress=progress)
    tally = BatchRun(plan, bind_paths(plan, paths, form), settings, NoDoors()).run()
    report = build(plan, tally, settings.now)
    failed = [(each["id"], each["failed"]) for each in report["checks"] if each["failed"]]
    return Judgement(report["verdict"], report["records"], tuple(failed), tuple(report["because"]))
