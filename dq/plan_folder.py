"""A folder of specs: every record goes to the one that takes it, and old versions stay usable beside new ones."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import orjson
from pydantic_core import PydanticCustomError

from dq.api import Plan, load, make_settings
from dq.conditions import Conditions
from dq.diagnostics import Diagnostic
from dq.engines.base import Settings
from dq.engines.inputs import Input
from dq.engines.ledger import Tracing
from dq.engines.replay import bind_stored
from dq.engines.routing import Routed, Router, refuse_equal, route_of, same_framing
from dq.errors import GateError, InternalError, SpecError, UsageError
from dq.folder_conditions import FolderConditions
from dq.params import read_share
from dq.report.model import Report
from dq.report.overall import overall
from dq.results import Result
from dq.sinks.file import OutputFile
from dq.sinks.folder import OutputFolder
from dq.sources.stored import StoredFile

PathLike = str | os.PathLike[str]
Judge = Callable[[Plan, list[Input], Conditions], Result]
UNMATCHED_FILE = "unmatched.jsonl"


@dataclass(frozen=True, slots=True)
class FolderResult:
    """What a run over a folder of specs gave: the report of all, and the result of each by event and version.

    `unmatched` are the records that went to no spec, as they stand in `unmatched.jsonl`; empty where there is such a
    file.  `folder` is None where nothing was published.
    """

    report: Report
    results: Mapping[tuple[str, str], Result]
    unmatched: list[dict[str, Any]]
    folder: Path | None = None

    def raise_for_verdict(self) -> None:
        """Raise GateError if any spec's batch failed its gate, or too many records went to none; for ETL jobs."""
        if self.report.verdict == "fail":
            reasons = "; ".join(self.report["because"])
            raise GateError(f"the batch failed its gate: {reasons}", self.report)


@dataclass(frozen=True, slots=True)
class _Routing:
    """What is routed: a source, how it is read, and the share of records without a spec that is tolerated."""

    source: Any
    source_format: str | None
    settings: Settings
    tolerated: float | str


class PlanFolder:
    """The plans of a folder of specs.  Make it with `dq.load_folder`."""

    def __init__(self, plans: list[Plan]) -> None:
        """Keep the plans.  UsageError where two have one event and version, or take the same records."""
        self.plans = {(plan.compiled.event, plan.compiled.version): plan for plan in plans}
        if len(self.plans) < len(plans):
            raise UsageError("two specs of the folder have the same event and version")
        refuse_equal([route_of(plan.compiled) for plan in plans])

    def run(
        self,
        source: Any,
        *,
        out: PathLike | None = None,
        replace: bool = False,
        now: datetime | None = None,
        fail_on: str | None = None,
        profile: str | None = None,
        state: PathLike | None = None,
        against: Sequence[PathLike] = (),
        train: Sequence[PathLike] = (),
        waivers: PathLike | None = None,
        baseline: PathLike | None = None,
        index: bool = False,
        ledger: bool = False,
        ledger_key: bytes | None = None,
        mask_key: bytes | None = None,
        memory: int | None = None,
        unmatched: float | str = 0,
        source_format: str | None = None,
        progress: Callable[[int], None] | None = None,
        command: list[str] | None = None,
    ) -> FolderResult:
        """Send every record to the spec that takes it, and run each spec over its records.

        With `out`, each spec writes its outputs to `event/version` in that folder, and records that no spec takes are
        in `unmatched.jsonl`; the folder is complete, or absent.  `unmatched` is the share of them that is tolerated.
        `state`, `against`, `train` and `baseline` name such output folders: each spec is given what is its own in
        them.  `waivers` names a folder of files `event-version.waivers.yaml`, and `profile` concerns the specs whose
        gate has it.  UsageError for what fits no spec, and for one that learns and has no state in the folder.
        """
        asked = FolderConditions(fail_on, profile, state, against, train, waivers, baseline, mask_key)
        settings, tracing = make_settings(now, progress, memory), Tracing(index, ledger, ledger_key)
        routing = _Routing(source, source_format, settings, unmatched)
        if out is None:
            return self._route(
                routing,
                asked,
                lambda plan, inputs, given: plan.run_in_memory(inputs, settings, given, tracing=tracing),
            )
        with OutputFolder(out, replace=replace) as folder:

            def judge(plan: Plan, inputs: list[Input], given: Conditions) -> Result:
                place = folder.place(plan.compiled.event, plan.compiled.version)
                result = plan.run_to_folder(inputs, place, settings, given, command=command, tracing=tracing)
                if result.folder is not None:
                    folder.adopt(place)
                return result

            done = self._route(routing, asked, judge, folder.create(UNMATCHED_FILE))
            if any(result.folder is None for result in done.results.values()):
                return done
            folder.write("report.json", done.report.json())
            folder.commit()
        placed = {
            (event, version): replaced(result, folder=Path(out) / event / version)
            for (event, version), result in done.results.items()
        }
        return FolderResult(done.report, placed, [], Path(out))

    def check(
        self,
        source: Any,
        *,
        now: datetime | None = None,
        fail_on: str | None = None,
        profile: str | None = None,
        state: PathLike | None = None,
        against: Sequence[PathLike] = (),
        train: Sequence[PathLike] = (),
        waivers: PathLike | None = None,
        baseline: PathLike | None = None,
        memory: int | None = None,
        unmatched: float | str = 0,
        source_format: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> FolderResult:
        """Judge only: write nothing and keep no rows.  Options are those of `run`."""
        asked = FolderConditions(fail_on, profile, state, against, train, waivers, baseline)
        settings = make_settings(now, progress, memory)
        routing = _Routing(source, source_format, settings, unmatched)
        return self._route(routing, asked, lambda plan, inputs, given: plan.judge(inputs, settings, given))

    def bytes_to_read(self, source: Any, source_format: str | None = None) -> int:
        """Return how many bytes the routing pass reads; for a progress bar."""
        return sum(item.size for item in next(iter(self.plans.values())).inputs(source, source_format))

    def _route(
        self, routing: _Routing, asked: FolderConditions, judge: Judge, rest: OutputFile | None = None
    ) -> FolderResult:
        """Send the records to their specs, and let `judge` run each; without a file for the rest, it is kept."""
        asked.refuse_strangers(list(self.plans.values()))
        plans, share = [asked.plan(plan) for plan in self.plans.values()], _share(routing.tolerated)
        given = [asked.conditions(plan) for plan in plans]
        source = routing.source
        source = list(source) if isinstance(source, Iterator) else source  # every plan is shown it
        bound = [plan.inputs(source, routing.source_format) for plan in plans]
        same_framing(bound)
        router = Router([route_of(plan.compiled) for plan in plans], routing.settings)
        with _spool() as spool:
            files = [spool / f"{number}.jsonl" for number in range(len(plans))]
            unmatched = rest or OutputFile(spool / UNMATCHED_FILE)
            routed = router.distribute(bound[0], files, unmatched)
            judged = [
                judge(plan, bind_stored(plan.compiled, StoredFile(file)), conditions)
                for plan, file, conditions in zip(plans, files, given, strict=True)
            ]
            kept = [] if rest is not None else list(_records(spool / UNMATCHED_FILE, len(routed.accounts)))
        _check_conservation(routed, judged)
        reports = [result.report.data for result in judged]
        told = overall(reports, routed.read, routed.refused, routed.accounts, routing.settings.now, share)
        return FolderResult(Report(told), dict(zip(self.plans, judged, strict=True)), kept)


def load_folder(path: PathLike) -> PlanFolder:
    """Load every `*.dq.yaml` of a folder; SpecError with every diagnostic of all of them if one is refused."""
    files = sorted(Path(path).glob("*.dq.yaml"))
    if not files:
        raise UsageError(f"{os.fspath(path)}: there is no *.dq.yaml in this folder")
    plans: list[Plan] = []
    diagnostics: list[Diagnostic] = []
    for file in files:
        try:
            plans.append(load(file))
        except SpecError as error:
            diagnostics += error.diagnostics
    if diagnostics:
        raise SpecError(diagnostics)
    return PlanFolder(plans)


def _share(stated: float | str) -> Fraction:
    """Return the share of unmatched records that is tolerated.  UsageError if it is none."""
    try:
        return read_share(stated)
    except PydanticCustomError as error:
        raise UsageError(f"unmatched: {error.message()}") from error


@contextmanager
def _spool() -> Iterator[Path]:
    """Yield a private folder for the records of each spec, which is removed in the end."""
    folder = Path(tempfile.mkdtemp(prefix="dq-routes-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _records(path: Path, sources: int) -> Iterator[dict[str, Any]]:
    """Yield the records of a file, which stand behind the lines of its sources."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if number >= sources:
                yield orjson.loads(line)


def _check_conservation(routed: Routed, judged: list[Result]) -> None:
    """InternalError unless every record went to one spec or to none, and left that spec through one door."""
    given = [result.report.records["read"] for result in judged]
    if given != routed.taken or sum(given) + sum(routed.refused.values()) != routed.read:
        raise InternalError(f"{routed.read} records were read, {sum(routed.taken)} sent to specs, {sum(given)} judged")
