"""Inputs: which paths and frames a run reads, in which order, each bound to a source of the plan."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.diagnostics import did_you_mean
from dq.errors import SourceError, UsageError
from dq.plan.bind_sources import implied_source
from dq.sinks.quarantine import SourceLine
from dq.sources.base import Account, Chunk, Reader
from dq.sources.csv import CsvReader
from dq.sources.files import open_bytes
from dq.sources.frame import FrameReader, IterableReader
from dq.sources.json_array import JsonArrayReader
from dq.sources.jsonl import JsonLinesReader
from dq.sources.parquet import ParquetReader
from dq.sources.recall import Recall

if TYPE_CHECKING:
    from dq.engines.base import Settings
    from dq.plan.bound import BoundSource
    from dq.plan.plan import CompiledPlan
    from dq.sources.base import Dialect

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
}
READERS: dict[str, Callable[..., Reader]] = {"csv": CsvReader, "jsonl": JsonLinesReader, "json": JsonArrayReader}
COMPRESSED = (".gz", ".zst", ".zstd")


Opener = Callable[["Dialect", "Settings", "frozenset[str] | None", "Recall | None"], "Reader"]


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to read: its name in outputs, its source, and a function that opens a reader of it by a dialect."""

    name: str
    source: BoundSource
    opener: Opener
    size: int = 0
    path: Path | None = None

    def open(self, settings: Settings, columns: frozenset[str] | None, recall: Recall | None) -> Reader:
        """Return a reader; it can be asked for once per scan.

        `columns` are the canonical fields that are wanted (None for all), `recall` is what is remembered from one scan
        to the next.
        """
        return self.opener(self.source.dialect, settings, columns, recall)

    def reading(self, fields: Mapping[str, str]) -> Input:
        """Return the input with the same framing, of which other paths are read, by the names given."""
        nothing: frozenset[str] = frozenset()
        asked = self.source.dialect
        dialect = replace(asked, fields=fields, required=nothing, explicit=nothing, keep_unknown=False)
        return replace(self, source=replace(self.source, dialect=dialect))


class NamedReader:
    """A reader whose errors name their input: of several files one must know which."""

    def __init__(self, name: str, reader: Reader) -> None:
        """Read by another reader."""
        self.account = reader.account
        self._name = name
        self._reader = reader

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks in order.  SourceError where the input cannot be read at all."""
        try:
            yield from self._reader.chunks()
        except SourceError as error:
            if self._name in str(error):
                raise
            raise SourceError(f"{self._name}: {error}") from error


def bind_paths(plan: CompiledPlan, items: Sequence[str | os.PathLike[str]], form: str | None = None) -> list[Input]:
    """Return the inputs that these arguments name: paths, globs, folders, `NAME=PATH`.

    The order given is kept; globs and folders are sorted.  `form` is the format of inputs whose name does
    not tell it.  UsageError for what binds to nothing, SourceError for what is not there.
    """
    inputs: list[Input] = []
    names: dict[str, int] = {}
    for item in items:
        wanted, pattern = _split(plan, os.fspath(item))
        for path in expand(pattern, partial(_readable, plan)):
            source = source_of(plan, path, wanted, form)
            name = path.name
            names[name] = names.get(name, 0) + 1
            if names[name] > 1:
                name = f"{name}#{names[name]}"
            inputs.append(_file_input(name, source, path))
    if not inputs:
        raise UsageError("there is nothing to read: name at least one file")
    return inputs


def _split(plan: CompiledPlan, item: str) -> tuple[BoundSource | None, str]:
    """Split `NAME=PATH`; a path that itself holds `=` stays whole if it exists."""
    name, equals, rest = item.partition("=")
    if not equals or Path(item).exists():
        return None, item
    known = {source.name: source for source in plan.sources}
    if name in known:
        return known[name], rest
    near = did_you_mean(name, known)
    hint = f"; did you mean {near!r}?" if near else ""
    raise UsageError(f"{item}: there is no such file, and the spec has no source called {name!r}{hint}")


def expand(pattern: str, readable: Callable[[Path], bool]) -> list[Path]:
    """Return the files that a path, a glob or a folder names; of a folder those that are `readable`.  SourceError."""
    path = Path(pattern)
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith(".") and readable(p))
        if not found:
            raise SourceError(f"{pattern}: the folder has no file that a source reads")
        return found
    if path.exists():
        return [path]
    if any(character in pattern for character in "*?["):
        anchor = Path(path.anchor) if path.is_absolute() else Path()
        relative = path.relative_to(anchor) if path.is_absolute() else path
        found = sorted(p for p in anchor.glob(str(relative)) if p.is_file())
        if found:
            return found
        raise SourceError(f"{pattern}: no file matches")
    raise SourceError(f"{pattern}: there is no such file")


def _readable(plan: CompiledPlan, path: Path) -> bool:
    if any(source.files for source in plan.sources):
        return any(_matches(source, path) for source in plan.sources)
    return form_of(path) is not None


def form_of(path: Path) -> str | None:
    """Return the format that a file's name tells, or None."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    while suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    return SUFFIXES.get(suffixes[-1]) if suffixes else None


def _matches(source: BoundSource, path: Path) -> bool:
    text = path.as_posix()
    return any(
        fnmatch.fnmatchcase(path.name, pattern)
        or fnmatch.fnmatchcase(text, pattern)
        or fnmatch.fnmatchcase(text, f"*/{pattern}")
        for pattern in source.files
    )


def source_of(plan: CompiledPlan, path: Path, wanted: BoundSource | None, form: str | None) -> BoundSource:
    """Return the source that a path binds to: named, by its glob, or the only one."""
    if wanted is not None:
        return wanted
    if not plan.sources:
        implied = form or form_of(path)
        if implied is None:
            known = ", ".join(sorted(SUFFIXES))
            raise UsageError(f"{path}: its name does not tell its format ({known}); declare a source in the spec")
        return implied_source(plan.by_name, f"({implied})", implied, keep_unknown=plan.unknown_fields != "ignore")
    matching = [source for source in plan.sources if _matches(source, path)]
    if len(matching) == 1:
        return matching[0]
    names = ", ".join(source.name for source in plan.sources)
    if len(matching) > 1:
        raise UsageError(f"{path}: it matches the files of several sources; write NAME={path} with one of: {names}")
    if len(plan.sources) == 1 and not plan.sources[0].files:
        return plan.sources[0]
    if len(plan.sources) == 1:
        raise UsageError(f"{path}: it does not match the files of the source {names}; write {names}={path}")
    raise UsageError(f"{path}: which source is it? write NAME={path} with one of: {names}")


def _file_input(name: str, source: BoundSource, path: Path) -> Input:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise SourceError(f"{path}: it cannot be read: {error.strerror}") from error

    def open_reader(
        dialect: Dialect, settings: Settings, columns: frozenset[str] | None, recall: Recall | None
    ) -> Reader:
        """Return a reader of the file by the format of its source."""
        if dialect.format == "parquet":
            return ParquetReader(dialect, path, chunk_records=settings.chunk_records, columns=columns)
        remembering = {"recall": recall} if dialect.format in {"csv", "jsonl"} else {}
        reader = READERS[dialect.format](
            dialect,
            lambda: open_bytes(path, dialect.compression),
            block_size=settings.block_size,
            chunk_records=settings.chunk_records,
            columns=columns,
            **remembering,
        )
        return NamedReader(name, reader)

    return Input(name, source, open_reader, size, path)


def bind_frame(plan: CompiledPlan, frame: pl.DataFrame, name: str = "frame") -> Input:
    """Return the input of a Polars frame; its columns are read by the names of the fields."""
    source = memory_source(plan, "frame")

    def open_reader(
        dialect: Dialect, settings: Settings, columns: frozenset[str] | None, _recall: Recall | None
    ) -> Reader:
        return FrameReader(dialect, frame, chunk_records=settings.chunk_records, columns=columns)

    return Input(name, source, open_reader)


def bind_items(plan: CompiledPlan, items: Iterable[Any], name: str = "records", source: str | None = None) -> Input:
    """Return the input of an iterable of dicts or of JSON texts.  It is kept, since a barrier reads it twice."""
    bound = plan.source(source) if source is not None else memory_source(plan, "jsonl")
    kept = list(items)

    def open_reader(
        dialect: Dialect, settings: Settings, columns: frozenset[str] | None, _recall: Recall | None
    ) -> Reader:
        return IterableReader(dialect, kept, chunk_records=settings.chunk_records, columns=columns)

    return Input(name, bound, open_reader)


def memory_source(plan: CompiledPlan, form: str) -> BoundSource:
    """Return the source of frames and records in memory: the only JSON-like source of the spec, or its own names."""
    fitting = [source for source in plan.sources if source.dialect.format in {"jsonl", "json"}]
    if form == "jsonl" and len(fitting) == 1 and len(plan.sources) == 1:
        return fitting[0]
    implied = implied_source(plan.by_name, f"({form})", form, keep_unknown=plan.unknown_fields != "ignore")
    if form == "frame":
        return replace(implied, dialect=replace(implied.dialect, format="frame"))
    return implied


def as_frame(source: Any) -> pl.DataFrame | None:
    """Return a Polars, pandas or Arrow frame as a collected Polars frame; None for anything else."""
    if isinstance(source, pl.LazyFrame):
        return source.collect()
    if isinstance(source, pl.DataFrame):
        return source
    if hasattr(source, "iloc"):
        return pl.from_pandas(source, nan_to_null=True)
    return pl.DataFrame(source) if hasattr(source, "__arrow_c_stream__") else None


def is_path(item: object) -> bool:
    """Whether an item names a file, rather than being a record: JSON texts begin with a bracket."""
    return isinstance(item, os.PathLike) or (isinstance(item, str) and item.lstrip()[:1] not in {"{", "["})


def source_line(item: Input, account: Account) -> SourceLine:
    """Return what the files of records say of an input that was read whole."""
    return SourceLine(item.name, account.header, describe(item), account.sha256)


def describe(item: Input) -> dict[str, Any]:
    """Return the dialect of an input as JSON values, for the quarantine's first lines."""
    return dialect_of(item.source)


def dialect_of(source: BoundSource) -> dict[str, Any]:
    """Return the dialect of a source as JSON values."""
    dialect = source.dialect
    described: dict[str, Any] = {"name": dialect.name, "format": dialect.format, "encoding": dialect.encoding}
    if dialect.format == "csv":
        described |= {"delimiter": dialect.delimiter, "quote": dialect.quote, "decimal": source.decimal_mark}
    return described


def bind_any(plan: CompiledPlan, source: Any, source_format: str | None = None) -> list[Input]:
    """Return the inputs that path, paths, a frame or records give; UsageError for anything else."""
    frame = as_frame(source)
    if frame is not None:
        return [bind_frame(plan, frame)]
    if isinstance(source, (str, os.PathLike)):
        return bind_paths(plan, [source], source_format)
    if not isinstance(source, Iterable):
        raise UsageError(f"nothing can be read from a {type(source).__name__}")
    items = list(source)
    if items and all(is_path(item) for item in items):
        return bind_paths(plan, items, source_format)
    return [bind_items(plan, items)]
