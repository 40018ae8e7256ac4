"""The accepted rows of earlier runs, which deduplication and uniqueness of a run may be judged against.

An output folder is taken only whole and unchanged, as its manifest says.  Its rows are read back, from Parquet or
from the canonical text of CSV and JSON Lines, to the types of the plan that asks.  They carry ordinals below 0, in
the order of the folders, so that they come before every record of the run and can be told from them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dq.dtypes.cast import CastOptions, cast
from dq.engines.keys import asked_keys
from dq.errors import SourceError, UsageError
from dq.plan.levels import unique_checks
from dq.plan.rows import ORDINAL, Rows
from dq.sinks import manifest
from dq.sources.base import KIND_SUFFIX, Dialect
from dq.sources.files import open_bytes
from dq.sources.jsonl import JsonLinesReader

if TYPE_CHECKING:
    from datetime import datetime

    from dq.dtypes.types import Type
    from dq.plan.plan import CompiledPlan

_BATCH = 100_000
_LONGEST = 1 << 30  # bytes of a line: what dq wrote itself has no bound


@dataclass(frozen=True, slots=True)
class EarlierOutput:
    """The accepted file of one earlier run; `name` is `folder/file`, `sha256` and `rows` are of its manifest."""

    name: str
    path: Path
    sha256: str
    rows: int

    def frames(self, types: Mapping[str, Type]) -> Iterator[pl.DataFrame]:
        """Yield these columns, typed, in the order of the rows.

        UsageError where one is absent or of another type, SourceError where the file cannot be read.
        """
        readers = {".parquet": self._parquet, ".csv": self._csv, ".jsonl": self._json_lines}
        try:
            yield from readers[self.path.suffix](types)
        except (pl.exceptions.PolarsError, OSError) as error:  # Its words may hold values, and are dropped.
            raise SourceError(f"{self.name}: it cannot be read ({type(error).__name__})") from error

    def _batches(self, scan: pl.LazyFrame, types: Mapping[str, Type]) -> Iterator[pl.DataFrame]:
        self._require(scan.collect_schema().names(), types)
        yield from scan.select(*types).collect_batches(chunk_size=_BATCH, maintain_order=True, lazy=True)

    def _require(self, present: Sequence[str], types: Mapping[str, Type]) -> None:
        absent = [name for name in types if name not in present]
        if absent:
            raise UsageError(f"{self.name} has no column {absent[0]!r}, which this spec compares records by")

    def _parquet(self, types: Mapping[str, Type]) -> Iterator[pl.DataFrame]:
        scan = pl.scan_parquet(self.path, glob=False, hive_partitioning=False)
        schema = scan.collect_schema()
        for name, kind in types.items():
            if name in schema and schema[name] != kind.polars:
                raise UsageError(f"{self.name}: the column {name!r} is not of the type {kind} that this spec gives it")
        yield from self._batches(scan, types)

    def _csv(self, types: Mapping[str, Type]) -> Iterator[pl.DataFrame]:
        for texts in self._batches(pl.scan_csv(self.path, infer_schema=False, glob=False), types):
            yield self._cast(texts, types)

    def _json_lines(self, types: Mapping[str, Type]) -> Iterator[pl.DataFrame]:
        paths = {name: name.replace(".", "\\.") for name in types}
        dialect = Dialect("", "jsonl", paths, max_record=_LONGEST)
        reader = JsonLinesReader(dialect, lambda: open_bytes(self.path, "none"), chunk_records=_BATCH)
        for chunk in reader.chunks():
            if chunk.unreadable:
                raise SourceError(f"{self.name}: line {chunk.unreadable[0].line} cannot be read")
            yield self._cast(chunk.cells, types)
        present = [name for name in types if not reader.account.records or reader.account.present.get(name)]
        self._require(present, types)

    def _cast(self, texts: pl.DataFrame, types: Mapping[str, Type]) -> pl.DataFrame:
        """Return canonical texts as values."""
        columns = []
        for name, kind in types.items():
            cells = pl.col(name + KIND_SUFFIX) if name + KIND_SUFFIX in texts.columns else None
            columns.append(cast(kind, CastOptions()).expression(pl.col(name), cells).alias(name))
        values = texts.select(columns)
        for name, kind in types.items():
            if values[name].null_count() != texts[name].null_count():
                raise UsageError(f"{self.name}: the column {name!r} is not of the type {kind} that this spec gives it")
        return values


@dataclass(frozen=True, slots=True)
class EarlierOutputs:
    """All earlier outputs of a run, in the order given."""

    outputs: tuple[EarlierOutput, ...] = ()
    types: Mapping[str, Type] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(output.rows for output in self.outputs)

    def frames(self) -> Iterator[pl.DataFrame]:
        """Yield the columns that keys and their conditions read, with the ordinal of each row.

        SourceError where a file has another number of rows than its manifest says.
        """
        first = -self.rows
        for output in self.outputs:
            end = first + output.rows
            for frame in output.frames(self.types):
                ordinals = np.arange(first, first + frame.height)
                first += frame.height
                yield frame.with_columns(pl.Series(ORDINAL, ordinals, dtype=pl.Int64))
            if first != end:
                raise SourceError(f"{output.name}: it has not the {output.rows} rows of its manifest")

    def asked(self, plan: CompiledPlan, now: datetime) -> Iterator[pl.DataFrame]:
        """Yield the keys as the plan's checks of uniqueness see them."""
        checks = unique_checks(plan)
        for frame in self.frames():
            yield asked_keys(Rows(frame, frame.clear()), checks, now, [ORDINAL])

    def place(self, ordinal: int) -> tuple[int, int]:
        """Return the number of the output and the row in it, from 1, that a negative ordinal stands for."""
        at = ordinal + self.rows
        for number, output in enumerate(self.outputs):
            if at < output.rows:
                return number, at + 1
            at -= output.rows
        raise IndexError(ordinal)

    def verify(self) -> None:
        """SourceError if a folder is not what it was: nothing may be published then."""
        for output in self.outputs:
            verify_folder(output.path.parent)


NO_EARLIER = EarlierOutputs()


def open_earlier(plan: CompiledPlan, folders: Sequence[str | os.PathLike[str]]) -> EarlierOutputs:
    """Return the accepted rows of these output folders, for the keys of a plan.

    UsageError for a folder that is no output, whose rows were held, or that cannot be compared with; SourceError
    for one that is not what its manifest says.
    """
    if not folders:
        return NO_EARLIER
    types = _types(plan)
    return EarlierOutputs(open_folders(folders), types)


def open_folders(folders: Sequence[str | os.PathLike[str]]) -> tuple[EarlierOutput, ...]:
    """Return the accepted file of each of these output folders; folders of one name are numbered from the second on.

    UsageError for a folder that is no output, or whose rows were held; SourceError for one that is not what its
    manifest says.
    """
    outputs: list[EarlierOutput] = []
    names: dict[str, int] = {}
    for folder in map(Path, folders):
        name = folder.resolve().name
        names[name] = names.get(name, 0) + 1
        outputs.append(_open(folder, name if names[name] == 1 else f"{name}#{names[name]}"))
    return tuple(outputs)


def _not_masked(plan: CompiledPlan) -> None:
    """Raise UsageError where a key is masked in the outputs, so that it could only be compared with hashes."""
    keys = {key for check in plan.checks for key in check.keys} | set(plan.dedupe.key if plan.dedupe else ())
    for name in sorted(keys):
        if plan.by_name[name].mask is not None:
            raise UsageError(f"{name} is masked in what is written, so earlier outputs cannot be compared by it")


def _types(plan: CompiledPlan) -> dict[str, Type]:
    """Return the fields that keys are made of and conditions read.  UsageError where there is nothing to compare by."""
    names: set[str] = set()
    _not_masked(plan)
    if plan.dedupe is not None and plan.dedupe.key:
        names |= set(plan.dedupe.key)
        for name in plan.dedupe.key:
            if plan.by_name[name].changed_late:
                raise UsageError(
                    f"earlier outputs cannot be compared with: {name} is a key of dedupe, and repaired or filled after "
                    "it, so that an output does not tell what it was"
                )
    for check in unique_checks(plan):
        names |= {*check.keys, *(check.where.fields if check.where is not None else ())}
    if not names:
        raise UsageError("the spec neither deduplicates by a key nor asks for unique ones: nothing can be compared")
    return {bound.name: bound.type for bound in plan.fields if bound.name in names}


def _open(folder: Path, name: str) -> EarlierOutput:
    if not (folder / manifest.MANIFEST).is_file():
        raise UsageError(f"{folder}: this is no output folder of dq, for it has no {manifest.MANIFEST}")
    verify_folder(folder)
    entries = manifest.read(folder)
    if any(entry.startswith("held.") for entry in entries):
        raise UsageError(f"{folder}: its batch failed the gate, so its rows were held and nothing was accepted")
    found = [entry for entry in entries if entry.startswith("accepted.") and not entry.startswith("accepted.index.")]
    if not found:
        raise UsageError(f"{folder}: it has no accepted rows")
    entry = entries[found[0]]
    return EarlierOutput(f"{name}/{found[0]}", folder / found[0], entry["sha256"], int(entry["rows"]))


def verify_folder(folder: Path) -> None:
    """SourceError if an output folder is not what its manifest says."""
    problems = manifest.verify(folder)
    if problems:
        raise SourceError(f"{folder}: the output is not what was written: {problems[0]}")
