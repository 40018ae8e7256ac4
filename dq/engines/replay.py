"""Replays: the refused records of an earlier run, read again by the sources of a plan, and what becomes of them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dq.engines.inputs import Input, source_of
from dq.errors import SourceError, UsageError
from dq.outcome import Door
from dq.plan.bind_sources import implied_source
from dq.sources.stored import CUT, StoredFile, StoredRaws, StoredReader

if TYPE_CHECKING:
    from datetime import datetime

    from dq.engines.base import Settings
    from dq.outcome import Outcome
    from dq.plan.bound import BoundSource
    from dq.plan.plan import CompiledPlan
    from dq.sources.base import Chunk, Dialect, Reader
    from dq.sources.recall import Recall
    from dq.sources.stored import StoredSource

_NUMBERED = re.compile(r"#[0-9]+\Z")  # the second of two inputs of one name is `name#2`


def bind_stored(plan: CompiledPlan, file: StoredFile) -> list[Input]:
    """Return one input for each source of a quarantine that has records.  UsageError where one binds to nothing."""
    size = file.path.stat().st_size
    used, _ = file.survey()
    return [_input(plan, file, stored, size) for name, stored in file.sources.items() if name in used]


def _input(plan: CompiledPlan, file: StoredFile, stored: StoredSource, size: int) -> Input:
    source = _source(plan, stored)
    source = replace(source, dialect=replace(source.dialect, explicit=frozenset()))  # a question of whole inputs

    def open_reader(
        dialect: Dialect, settings: Settings, columns: frozenset[str] | None, _recall: Recall | None
    ) -> Reader:
        return StoredReader(file, stored, dialect, chunk_records=settings.chunk_records, columns=columns)

    return Input(stored.name, source, open_reader, size, file.path)


def _source(plan: CompiledPlan, stored: StoredSource) -> BoundSource:
    """Return the plan's source of the same name, else the one that the input's name binds to, else the implied one."""
    form, name = str(stored.dialect["format"]), stored.dialect.get("name")
    named = {source.name: source for source in plan.sources}
    if name in named:
        return named[name]
    if plan.sources:
        return source_of(plan, Path(_NUMBERED.sub("", stored.name)), None, None)
    if form == "csv" and stored.dialect.get("delimiter") == "\t":
        form = "tsv"
    implied = "jsonl" if form in {"parquet", "frame"} else form
    return implied_source(plan.by_name, f"({form})", implied, keep_unknown=plan.unknown_fields != "ignore")


def file_sum(path: Path) -> str:
    """Return the SHA-256 of a file.  SourceError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(f"{path}: it cannot be read: {error.strerror}") from error


class ReplayCounts:
    """Counts, for each old reason, through which doors its records go now: a `Recorder`."""

    def __init__(self, whole: CompiledPlan, plan: CompiledPlan, file: StoredFile) -> None:
        """Begin with no record; `plan` judges alone what `whole` judges together."""
        self._file = file
        asked = {check.id for check in plan.checks}
        self._not_asked = [check.id for check in whole.checks if check.id not in asked]
        self._not_asked += ["dedupe"] if whole.dedupe is not None and plan.dedupe is None else []
        self._not_asked += [bound.id for bound in whole.expectations]
        self._doors: dict[str, Counter[str]] = {}
        self._all: Counter[str] = Counter()
        self._cut = 0

    def moment(self, *, single: bool) -> datetime | None:
        """Return the latest moment at which a record was judged, or None where there is no record.

        UsageError where there must be only one: keys are compared as of one moment.
        """
        _, moments = self._file.survey()
        if single and len(moments) > 1:
            raise UsageError(f"{self._file.path}: its records were judged at different moments; leave out --against")
        return max(moments, default=None)

    def record(self, item: Input, chunk: Chunk, outcome: Outcome) -> None:
        """Count the records of one chunk."""
        del item
        raws = chunk.raws
        if not isinstance(raws, StoredRaws):
            return
        doors = np.full(len(chunk.record), Door.ACCEPTED, dtype=object)
        doors[outcome.refused.rows] = Door.QUARANTINED
        doors[outcome.filtered_rows] = Door.FILTERED
        doors[outcome.deduplicated_rows] = Door.DEDUPLICATED
        for number, door in zip(chunk.record.tolist(), doors, strict=True):
            self._count(raws, number, door)
        for unread in chunk.unreadable:
            self._count(raws, unread.record, Door.QUARANTINED)
            self._cut += unread.code == CUT

    def _count(self, raws: StoredRaws, number: int, door: str) -> None:
        self._all[door] += 1
        for check in raws.every[number].checks:
            self._doors.setdefault(check, Counter())[door] += 1

    def close(self) -> None:
        """Nothing is to be completed."""

    def report(self) -> dict[str, Any]:
        """Return the counts by old reason, those that most records had first."""
        listed = [{"check": check, **_by_door(doors)} for check, doors in self._doors.items()]
        listed.sort(key=lambda one: (-one["records"], one["check"]))
        counts = {**_by_door(self._all), "not_replayable": self._cut}
        told = {"sha256": file_sum(self._file.path), **counts, "not_asked": self._not_asked, "reasons": listed}
        return {"replay": told}


def _by_door(doors: Counter[str]) -> dict[str, Any]:
    return {"records": sum(doors.values()), **{str(door): doors[door] for door in Door}}
