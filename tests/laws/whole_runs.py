"""What the laws over whole runs share: a run whose doors keep every record, and what can be compared of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl

import dq
from dq.engines.base import Settings
from dq.engines.batch import BatchRun
from dq.engines.inputs import bind_paths
from dq.plan.tally import SourceTally, Tally
from dq.report.build import build
from dq.sinks.quarantine import DoorsOf, LostTo, ReasonsOf, RecordBatch, SourceLine, reason_texts, resolve

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SETTINGS = Settings(now=NOW, profile=True, gate=False)


@dataclass(frozen=True)
class Kept:
    """One record that was refused or removed."""

    record: int
    offset: int | None
    length: int | None
    raw: bytes
    reasons: Any
    door: str = "quarantined"
    lost_to: int | None = None


@dataclass
class Keep:
    """Doors that keep everything in memory."""

    frames: list[pl.DataFrame] = field(default_factory=list)
    refused: list[Kept] = field(default_factory=list)
    gone: list[Kept] = field(default_factory=list)
    late: list[tuple[RecordBatch, Sequence[LostTo | None]]] = field(default_factory=list)

    def begin(self, sources: Sequence[SourceLine]) -> None:
        """Nothing waits."""

    def accepted(self, frame: pl.DataFrame) -> None:
        self.frames.append(frame)

    def quarantined(self, batch: RecordBatch) -> None:
        self.refused += records(batch)

    def removed(self, batch: RecordBatch, lost_to: Sequence[LostTo | None]) -> None:
        self.late.append((batch, lost_to))

    def finish(self, sources: list[SourceTally], doors_of: DoorsOf, reasons_of: ReasonsOf) -> None:
        for batch, lost_to in self.late:
            reasons = [resolve(text, doors_of, reasons_of) for text in reason_texts(batch)]
            for kept, winner in zip(records(replace(batch, reasons=reasons)), lost_to, strict=True):
                door = "filtered" if winner is None else "deduplicated"
                self.gone.append(replace(kept, door=door, lost_to=winner and winner.record))

    def rows(self) -> list[dict[str, Any]]:
        return [row for frame in self.frames for row in frame.to_dicts()]


def records(batch: RecordBatch) -> list[Kept]:
    count = len(batch.record)
    offsets = batch.offset if batch.offset is not None else [None] * count
    lengths = batch.length if batch.length is not None else [None] * count
    found = []
    for record, offset, length, raw, reasons in zip(
        batch.record, offsets, lengths, batch.raw, batch.reasons, strict=True
    ):
        text = reasons if isinstance(reasons, bytes) else orjson.dumps(reasons)
        data = raw if isinstance(raw, bytes) else raw.encode()
        place = (None, None) if offset is None or length is None else (int(offset), int(length))
        found.append(Kept(int(record), *place, data, orjson.loads(text)))
    return found


def load(folder: Path, text: str) -> dq.Plan:
    path = folder / "spec.dq.yaml"
    path.write_text(text, encoding="utf-8")
    return dq.load(path)


def run(plan: dq.Plan, paths: Sequence[Path], settings: Settings = SETTINGS) -> tuple[Keep, Tally, dict[str, Any]]:
    """Run over files; return what went through the doors, the tally and the report."""
    doors = Keep()
    tally = BatchRun(plan.compiled, bind_paths(plan.compiled, paths), settings, doors).run()
    return doors, tally, build(plan.compiled, tally, settings.now)
