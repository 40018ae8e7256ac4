"""The doors of a run: into an output folder, or into frames in memory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.dtypes.types import OBJECT, STRING, Type
from dq.outcome import Door
from dq.sinks.csv import CsvWriter
from dq.sinks.jsonl import JsonLinesWriter
from dq.sinks.parquet import ParquetWriter
from dq.sinks.quarantine import (
    DoorsOf,
    LostTo,
    QuarantineWriter,
    ReasonsOf,
    RecordBatch,
    RemovedWriter,
    SourceLine,
    raw_member,
    reason_texts,
    resolve,
)
from dq.sources.base import UNKNOWN_COLUMN
from dq.steps.mask import masked

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan
    from dq.plan.tally import SourceTally
    from dq.sinks.base import Writer
    from dq.sinks.folder import OutputFolder

UNKNOWN_NAME = "unknown_fields"
SUFFIX = {"parquet": "parquet", "csv": "csv", "jsonl": "jsonl"}


def output_types(plan: CompiledPlan) -> dict[str, Type]:
    """Return the columns of an accepted file, in order, with their types: what is masked is text, or absent."""
    fields = [plan.by_name[name] for name in plan.output_fields]
    types = {field.name: field.type if field.mask is None else STRING for field in fields if field.mask != "drop"}
    if plan.unknown_fields == "keep":
        types[UNKNOWN_NAME] = OBJECT
    return types


def output_frame(plan: CompiledPlan, frame: pl.DataFrame) -> pl.DataFrame:
    """Return accepted rows as they are written: the output's fields, in its order, masked where they are."""
    columns = []
    for field in (plan.by_name[name] for name in plan.output_fields):
        if field.mask != "drop":
            values = frame.get_column(field.name)
            columns.append(values if field.mask is None else masked(values, field.type, field.mask, plan.mask_key))
    if plan.unknown_fields == "keep":
        columns.append(frame[UNKNOWN_COLUMN].alias(UNKNOWN_NAME))
    return pl.DataFrame(columns)


class FolderDoors:
    """Writes accepted rows, refused and removed records into an output folder.

    The accepted file is called `accepted.*` while it is written; `hold` renames it when the gate fails.
    """

    def __init__(self, plan: CompiledPlan, folder: OutputFolder, now: str) -> None:
        """Create the files.  SinkError where the folder refuses them."""
        self.plan = plan
        self.folder = folder
        spec = {"event": plan.event, "version": plan.version, "fingerprint": plan.fingerprint}
        self._begun = False
        self._writer = self._accepted_writer()
        self._quarantine = QuarantineWriter(folder.create("quarantine.jsonl"), spec, now)
        self._removed = RemovedWriter(folder.create("removed.jsonl"), spec, now)

    @property
    def accepted_name(self) -> str:
        """The name of the file of accepted rows."""
        return f"accepted.{SUFFIX[self.plan.output_format]}"

    def _accepted_writer(self) -> Writer:
        file = self.folder.create(self.accepted_name)
        types = output_types(self.plan)
        if self.plan.output_format == "parquet":
            return ParquetWriter(file, pl.Schema({name: kind.polars for name, kind in types.items()}))
        if self.plan.output_format == "csv":
            return CsvWriter(file, types)
        return JsonLinesWriter(file, types)

    def begin(self, sources: Sequence[SourceLine]) -> None:
        """Write down the sources: now that their sums are known, refused records need not wait for them."""
        self._begun = True
        for source in sources:
            self._quarantine.add_source(source)
            self._removed.add_source(source)
        self._quarantine.begin()

    def accepted(self, frame: pl.DataFrame) -> None:
        """Append canonical rows."""
        if not frame.is_empty():
            self._writer.write(output_frame(self.plan, frame))

    def quarantined(self, batch: RecordBatch) -> None:
        """Append refused records."""
        self._quarantine.write(batch)

    def removed(self, batch: RecordBatch, lost_to: Sequence[LostTo | None]) -> None:
        """Append filtered and deduplicated records."""
        self._removed.write(batch, lost_to)

    def finish(self, sources: list[SourceTally], doors_of: DoorsOf, reasons_of: ReasonsOf) -> None:
        """Complete the three files."""
        if not self._begun:
            self.begin([SourceLine(s.name, s.account.header, s.dialect, s.account.sha256) for s in sources])
        self._writer.close()
        self._quarantine.close()
        self._removed.close(doors_of, reasons_of)

    def hold(self) -> None:
        """Rename the accepted rows to `held.*`: the batch failed its gate."""
        self.folder.rename(self.accepted_name, self.accepted_name.replace("accepted", "held", 1))

    def abort(self) -> None:
        """Give up; it never raises."""
        for writer in (self._writer, self._quarantine, self._removed):
            with suppress(Exception):
                writer.abort()


_RECORD_SCHEMA = {
    "source": pl.String,
    "record": pl.Int64,
    "line": pl.Int64,
    "offset": pl.Int64,
    "length": pl.Int64,
    "raw": pl.String,
    "reasons": pl.String,
}


class MemoryDoors:
    """Keeps everything in memory, for the library: `accepted`, `quarantined` and `removed` are Polars frames.

    Frames of records have the columns source, record, line, offset, length, raw (text; undecodable bytes as
    base64) and reasons (JSON text, an array); `removed` also has outcome, lost_source, lost_record and,
    of near duplicates, lost_score.
    """

    def __init__(self, plan: CompiledPlan) -> None:
        """Begin empty."""
        self.plan = plan
        self._accepted: list[pl.DataFrame] = []
        self._quarantined: list[pl.DataFrame] = []
        self._removed: list[pl.DataFrame] = []

    def begin(self, sources: Sequence[SourceLine]) -> None:
        """Nothing is written, so nothing waits."""

    def accepted(self, frame: pl.DataFrame) -> None:
        """Keep canonical rows."""
        self._accepted.append(output_frame(self.plan, frame))

    def quarantined(self, batch: RecordBatch) -> None:
        """Keep refused records."""
        self._quarantined.append(_records(batch))

    def removed(self, batch: RecordBatch, lost_to: Sequence[LostTo | None]) -> None:
        """Keep filtered and deduplicated records."""
        outcomes = [Door.FILTERED if winner is None else Door.DEDUPLICATED for winner in lost_to]
        sources = [winner and winner.source for winner in lost_to]
        records = [winner and winner.record for winner in lost_to]
        self._removed.append(
            _records(batch).with_columns(
                pl.Series("outcome", outcomes, dtype=pl.String),
                pl.Series("lost_source", sources, dtype=pl.String),
                pl.Series("lost_record", records, dtype=pl.Int64),
                pl.Series("lost_score", [winner and winner.score for winner in lost_to], dtype=pl.Float64),
            )
        )

    def finish(self, sources: list[SourceTally], doors_of: DoorsOf, reasons_of: ReasonsOf) -> None:
        """Put in the reasons that were not known when their records came."""
        del sources
        for number, frame in enumerate(self._removed):
            texts = resolve("\n".join(frame["reasons"]).encode(), doors_of, reasons_of).decode().split("\n")
            self._removed[number] = frame.with_columns(pl.Series("reasons", texts, dtype=pl.String))

    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Return the frames of accepted, quarantined and removed records."""
        schema: Any = {name: kind.polars for name, kind in output_types(self.plan).items()}
        removed: Any = _RECORD_SCHEMA | {"outcome": pl.String, "lost_source": pl.String, "lost_record": pl.Int64}
        removed["lost_score"] = pl.Float64
        return (
            pl.concat([pl.DataFrame(schema=schema), *self._accepted]),
            pl.concat([pl.DataFrame(schema=_RECORD_SCHEMA), *self._quarantined]),
            pl.concat([pl.DataFrame(schema=removed), *self._removed]),
        )


def _records(batch: RecordBatch) -> pl.DataFrame:
    count = len(batch.record)
    raw = [raw_member(raw, batch.encoding)[1] for raw in batch.raw]
    return pl.DataFrame(
        {
            "source": [batch.source] * count,
            "record": list(batch.record),
            "line": list(batch.line) if batch.line is not None else [None] * count,
            "offset": list(batch.offset) if batch.offset is not None else [None] * count,
            "length": list(batch.length) if batch.length is not None else [None] * count,
            "raw": raw,
            "reasons": [text.decode() for text in reason_texts(batch)],
        },
        schema=_RECORD_SCHEMA,
    )
