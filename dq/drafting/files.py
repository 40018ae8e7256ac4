"""What a draft is made from, as files: paths as they are named, frames and records written to a private folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from dq.engines.inputs import as_frame, expand, form_of
from dq.errors import UsageError


@contextmanager
def as_files(sources: Any) -> Iterator[list[Path]]:
    """Yield the files of paths, globs and folders, or the one file of a frame or of records, removed afterwards.

    UsageError for anything else, SourceError for paths that lead nowhere.
    """
    frame = as_frame(sources)
    given = [] if frame is not None else [sources] if isinstance(sources, (str, os.PathLike)) else list(sources)
    if frame is None and not given:
        raise UsageError("there is nothing to draft from: name at least one file")
    if all(isinstance(each, (str, os.PathLike)) for each in given) and frame is None:
        yield [path for each in given for path in expand(os.fspath(each), lambda file: form_of(file) is not None)]
        return
    folder = Path(tempfile.mkdtemp(prefix="dq-draft-"))
    try:
        yield [_of_records(given, folder) if frame is None else _of_frame(frame, folder)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _of_frame(frame: pl.DataFrame, folder: Path) -> Path:
    """Write a frame to a file.  UsageError where it holds Python objects."""
    path = folder / "frame.parquet"
    try:
        frame.write_parquet(path)
    except pl.exceptions.PolarsError as error:
        raise UsageError("a draft is made from a frame whose columns are of types that Parquet has") from error
    return path


def _of_records(records: Sequence[Any], folder: Path) -> Path:
    """Write records to a file.  UsageError where they are no mappings of names to JSON values."""
    if not all(isinstance(record, Mapping) for record in records):
        raise UsageError("a draft is made from paths, a frame, or mappings of names to values")
    path = folder / "records.jsonl"
    try:
        path.write_bytes(b"".join(orjson.dumps(dict(record), default=_text) + b"\n" for record in records))
    except TypeError as error:
        raise UsageError("a draft is made from records of names and JSON values") from error
    return path


def _text(value: Any) -> str:
    """Return a value that JSON has no form for as text; TypeError for one that is no number."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError
