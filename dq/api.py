"""The library: load a specification, run it over files, frames or records, judge one event."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq import plugins
from dq.conditions import NO_CONDITIONS, Conditions, PathLike, make_terms
from dq.engines.base import Doors, NoDoors, Recorder, Settings, format_now
from dq.engines.batch import BatchRun
from dq.engines.doors import FolderDoors, MemoryDoors
from dq.engines.earlier import open_earlier
from dq.engines.inputs import Input, bind_any
from dq.engines.learn import learn
from dq.engines.ledger import HELD_INDEX_FILE, INDEX_FILE, LEDGER_FILE, NO_TRACING, MemoryTraces, Tracing
from dq.engines.replay import ReplayCounts, bind_stored
from dq.engines.training import open_training
from dq.errors import SourceError, UsageError
from dq.exchange import Exported, export
from dq.plan import compiler
from dq.plan.demands import need_mask_key
from dq.plan.explain import explain
from dq.plan.lower.jsonschema import canonical_schema, raw_schema
from dq.plan.lower.pandera import import_pandera, schema_of
from dq.plan.state import State, read_state
from dq.plan.tally import Tally
from dq.report.build import build, dump
from dq.report.model import Report
from dq.results import Result, about_state
from dq.run_record import run_record
from dq.serving.events import EventPlan
from dq.sinks.folder import OutputFolder
from dq.sinks.parquet import ParquetWriter
from dq.sinks.single import write_file
from dq.sources.stored import StoredFile
from dq.steps.mask import check_key

if TYPE_CHECKING:
    from dq.sampling.sample import Sample


class Plan(EventPlan):
    """A compiled specification.  It is immutable; make it with `dq.load`."""

    def with_mask_key(self, key: bytes) -> Plan:
        """Return the plan with the key (16 bytes or more) for fields that are masked by a hash.

        The key is no part of the plan's identity and stands in no output.  UsageError for a key that is too short.
        """
        return Plan(dataclasses.replace(self.compiled, mask_key=check_key(key)))

    def with_profile(self, name: str | None) -> Plan:
        """Return the plan whose gate is the profile of this name in the spec; with None the plan as it is.

        What becomes of a record is the same under every profile.  UsageError for a name that the spec does not have.
        """
        return self if name is None else Plan(self.compiled.under(name))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the plan's canonical form, in hexadecimal."""
        return self.compiled.fingerprint

    @property
    def pandera(self) -> Any:
        """The `pandera.polars.DataFrameSchema` of an accepted row.  Validate collected frames with it."""
        return schema_of(self.compiled, datetime.now(UTC), import_pandera())

    def json_schema(self, kind: str = "canonical", source: str | None = None) -> dict[str, Any]:
        """Return the JSON Schema of the `canonical` row, or of a `raw` record as a producer sends it."""
        if kind not in {"canonical", "raw"}:
            raise UsageError(f"there is a canonical and a raw schema, not {kind!r}")
        return canonical_schema(self.compiled) if kind == "canonical" else raw_schema(self.compiled, source)

    def export(self, language: str) -> Exported:
        """Say the plan in another language (`dq export` lists them); `losses` are what that language does not say."""
        return export(self.compiled, language)

    def explain(self) -> str:
        """Return the passes of the plan in words, as `dq plan` prints them."""
        return explain(self.compiled)

    def run(
        self,
        source: Any,
        *,
        out: PathLike | None = None,
        replace: bool = False,
        state: State | None = None,
        now: datetime | None = None,
        fail_on: str | None = None,
        profile: str | None = None,
        waivers: PathLike | None = None,
        baseline: PathLike | Report | None = None,
        source_format: str | None = None,
        against: Sequence[PathLike] = (),
        train: Sequence[PathLike] = (),
        index: bool = False,
        ledger: bool = False,
        ledger_key: bytes | None = None,
        memory: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Result:
        """Run over a path or paths, a Polars, pandas or Arrow frame, or an iterable of dicts or JSON lines.

        With `out` the outputs of a run are written there, and nothing is kept in memory.  A batch that fails
        its gate is a result like any other; `raise_for_verdict` makes an exception of it.  With a `state` the
        fitted steps apply what it learnt; without one they learn from this batch.  `against` names output folders
        of earlier runs: a record whose key is among their accepted rows is a duplicate.  `index` leads from accepted
        rows to their records, `ledger` has every change of a cell and brings the index with it; of `pii` fields it
        has hashes under `ledger_key` (16 bytes or more), or nothing without one.  `train` names
        the outputs that a model was trained on: accepted rows are compared with theirs, by the key of `ml`.
        `memory` (bytes) is what keys and counts may take before they go to disk; it changes no outcome.
        `profile` names the profile of the gate that decides.  What the file of `waivers` names, and what is no worse
        than in the report of an earlier run (`baseline`), does not fail the gate.
        """
        plan = self.with_profile(profile)
        given = Conditions(state, against, train, make_terms(plan.compiled, fail_on, waivers, baseline))
        settings, tracing = make_settings(now, progress, memory), Tracing(index, ledger, ledger_key)
        inputs = plan.inputs(source, source_format)
        if out is None:
            return plan.run_in_memory(inputs, settings, given, tracing=tracing)
        return plan.run_to_folder(inputs, out, settings, given, overwrite=replace, tracing=tracing)

    def run_in_memory(
        self,
        inputs: list[Input],
        settings: Settings,
        given: Conditions = NO_CONDITIONS,
        *,
        tracing: Tracing = NO_TRACING,
        recorders: Sequence[Recorder] = (),
    ) -> Result:
        """Run over bound inputs and keep all rows in the frames of the result."""
        need_mask_key(self.compiled)
        doors, traces = MemoryDoors(self.compiled), MemoryTraces()
        recorders = [*tracing.recorders(self.compiled, traces.create), *recorders]
        run = self._batch(inputs, settings, doors, given, recorders)
        tally = run.run()
        if tally.aborted is not None:  # How far the run came depends on the chunks; no row of it is given out.
            doors = MemoryDoors(self.compiled)
            traces.abort()
        result = self._result(run, tally, given, doors)
        return dataclasses.replace(result, index=traces.frame(INDEX_FILE), ledger=traces.frame(LEDGER_FILE))

    def fit(
        self,
        source: Any,
        *,
        now: datetime | None = None,
        source_format: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> State:
        """Learn what the fitted steps need from these records, and the reference profiles for drift; write nothing.

        UsageError for a plan that has nothing to learn.
        """
        return self.learn(self.inputs(source, source_format), make_settings(now, progress))

    def learn(self, inputs: list[Input], settings: Settings) -> State:
        """Learn from bound inputs."""
        return learn(self.compiled, inputs, settings)

    def replay(
        self,
        path: PathLike,
        *,
        out: PathLike | None = None,
        replace: bool = False,
        state: State | None = None,
        fail_on: str | None = None,
        profile: str | None = None,
        waivers: PathLike | None = None,
        against: Sequence[PathLike] = (),
        progress: Callable[[int], None] | None = None,
        command: list[str] | None = None,
    ) -> Result:
        """Judge the records of a `quarantine.jsonl` or `removed.jsonl` again, each alone, from their raw text.

        `now` is for each record what it was.  What concerns a set of records is not asked; with `against`, keys are
        compared with the accepted rows of earlier runs, and with one another.  `report["replay"]` counts by old
        reason what becomes of the records now.  `profile` and `waivers` are as for `run`; a baseline there is none, for
        refused records are no batch.  UsageError for another file, and without a `state` for a plan that learns.
        """
        if self.compiled.learns and state is None:
            raise UsageError("the spec has steps that learn: give the replay a state, such as state.json of the run")
        terms = make_terms(self.compiled, fail_on, waivers)
        plan, file = Plan(self.with_profile(profile).compiled.alone(keys=bool(against))), StoredFile(Path(path))
        inputs, counts = bind_stored(plan.compiled, file), ReplayCounts(self.compiled, plan.compiled, file)
        settings = make_settings(counts.moment(single=bool(against)), progress)
        given = Conditions(state, against, terms=terms)
        if out is None:
            return plan.run_in_memory(inputs, settings, given, recorders=[counts])
        return plan.run_to_folder(inputs, out, settings, given, overwrite=replace, command=command, recorders=[counts])

    def _batch(
        self,
        inputs: list[Input],
        settings: Settings,
        doors: Doors,
        given: Conditions,
        recorders: Sequence[Recorder],
    ) -> BatchRun:
        """Return a run over bound inputs that has not begun."""
        return BatchRun(
            self.compiled,
            inputs,
            settings,
            doors,
            self.fitted(given.state),
            open_earlier(self.compiled, given.against),
            recorders,
            open_training(self.compiled, given.train),
            references=given.state.profiles(self.compiled) if given.state is not None else None,
            waived=given.terms.waived(settings.now),
        )

    def _result(self, run: BatchRun, tally: Tally, given: Conditions, doors: MemoryDoors) -> Result:
        report = build(self.compiled, tally, run.settings.now, given.terms, about_state(given.state, run.state))
        for recorder in run.recorders:
            report |= recorder.report()
        return Result(Report(report), *doors.frames(), seconds=tally.seconds, state=given.state or run.state)

    def check(
        self,
        source: Any,
        *,
        now: datetime | None = None,
        fail_on: str | None = None,
        profile: str | None = None,
        waivers: PathLike | None = None,
        baseline: PathLike | Report | None = None,
        state: State | None = None,
        source_format: str | None = None,
        against: Sequence[PathLike] = (),
        train: Sequence[PathLike] = (),
        progress: Callable[[int], None] | None = None,
    ) -> Report:
        """Judge only: read everything, write nothing, keep nothing, and return the report."""
        plan = self.with_profile(profile)
        given = Conditions(state, against, train, make_terms(plan.compiled, fail_on, waivers, baseline))
        return plan.judge(plan.inputs(source, source_format), make_settings(now, progress), given).report

    def judge(
        self,
        inputs: list[Input],
        settings: Settings,
        given: Conditions = NO_CONDITIONS,
        *,
        recorders: Sequence[Recorder] = (),
    ) -> Result:
        """Judge bound inputs; the frames of the result are empty."""
        run = self._batch(inputs, settings, NoDoors(), given, recorders)
        return self._result(run, run.run(), given, MemoryDoors(self.compiled))

    def inputs(self, source: Any, source_format: str | None = None) -> list[Input]:
        """Return the inputs that a source argument names."""
        return bind_any(self.compiled, source, source_format)

    def sample(
        self,
        n: int,
        seed: int = 0,
        *,
        invalid: str | None = None,
        now: datetime | None = None,
        state: State | None = None,
    ) -> Sample:
        """Return `n` valid records, or with `invalid` records that violate the check of this id and nothing else.

        The same seed and `now` give the same records; `problem` says why there are fewer, where there are.
        """
        from dq.sampling.sample import sample

        return sample(self.compiled, n, now=now or datetime.now(UTC), seed=seed, invalid=invalid, state=state)

    def bytes_to_read(self, inputs: list[Input]) -> int:
        """Return how many bytes a run over these inputs reads, every scan counted; for a progress bar."""
        return (2 if self.compiled.levels else 1) * sum(item.size for item in inputs)

    def bytes_to_learn(self, inputs: list[Input]) -> int:
        """Return how many bytes learning from these inputs reads, every scan counted; for a progress bar."""
        return self.bytes_to_read(inputs) if self.compiled.compared else sum(item.size for item in inputs)

    def run_to_folder(
        self,
        inputs: list[Input],
        out: PathLike,
        settings: Settings,
        given: Conditions = NO_CONDITIONS,
        *,
        overwrite: bool = False,
        command: list[str] | None = None,
        tracing: Tracing = NO_TRACING,
        recorders: Sequence[Recorder] = (),
    ) -> Result:
        """Run and publish an output folder: complete, or absent."""
        need_mask_key(self.compiled)
        with OutputFolder(out, replace=overwrite) as folder:
            doors = FolderDoors(self.compiled, folder, format_now(settings.now))
            traces = tracing.recorders(self.compiled, lambda name, schema: ParquetWriter(folder.create(name), schema))
            try:
                run = self._batch(inputs, settings, doors, given, [*traces, *recorders])
                tally = run.run()
            except BaseException:
                doors.abort()
                raise
            result = self._result(run, tally, given, MemoryDoors(self.compiled))
            if tally.aborted is not None:
                doors.abort()
                return result
            if result.report.verdict == "fail" and tracing.indexes:
                folder.rename(INDEX_FILE, HELD_INDEX_FILE)
            trained = run.trained.outputs if run.trained else ()
            record = run_record(tally, inputs, command, run.earlier.outputs, trained)
            self._publish(folder, doors, result, record)
        return dataclasses.replace(result, folder=Path(out))

    def _publish(
        self,
        folder: OutputFolder,
        doors: FolderDoors,
        result: Result,
        record: dict[str, Any],
    ) -> None:
        if result.report.verdict == "fail":
            doors.hold()
        if result.state is not None:
            folder.write("state.json", result.state.json())
        folder.write("schema.json", dump(self.json_schema()))
        folder.write("report.json", result.report.json())
        folder.write("report.html", result.report.render("html"))
        folder.write("run.json", dump(record))
        folder.commit()


def load(path: PathLike) -> Plan:
    """Load and compile a specification; SpecError with every diagnostic if it is refused."""
    plugins.load()
    return Plan(compiler.load(os.fspath(path)))


def load_state(path: PathLike) -> State:
    """Read a state that `dq fit` or a run wrote.  SourceError if it cannot be read, UsageError if it is none."""
    try:
        return read_state(Path(path).read_bytes(), os.fspath(path))
    except OSError as error:
        raise SourceError(f"{os.fspath(path)}: the state cannot be read: {error.strerror}") from error


def save_state(state: State, path: PathLike, *, overwrite: bool = False) -> None:
    """Write a state to a file of mode 0600, complete or not at all.  SinkError."""
    write_file(Path(path), state.json(), overwrite=overwrite)


def make_settings(
    now: datetime | None = None, progress: Callable[[int], None] | None = None, memory: int | None = None
) -> Settings:
    """Return the settings of a run; `now` is the present moment unless it is given.

    `memory` (bytes) is what keys and counts may take before they go to disk.
    """
    moment = now or datetime.now(UTC)
    if moment.tzinfo is None:
        raise UsageError("now needs a time zone")
    given = {"progress": progress, "memory": memory}
    known: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return Settings(now=moment.astimezone(UTC), **known)
