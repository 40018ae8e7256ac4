"""One file by itself, complete under its name or absent."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from dq.errors import SinkError
from dq.sinks.file import OutputFile, refusal


def write_file(path: Path, data: bytes, *, overwrite: bool = False, mode: int = 0o600) -> None:
    """Write a file through a private one beside it, durably.  SinkError; then the file is what it was before."""
    if os.path.lexists(path) and not overwrite:
        raise SinkError(f"{path} exists already: choose another name, or replace it")
    if os.path.lexists(path) and not path.is_file():
        raise SinkError(f"{path} is not a file: it is not replaced")
    partial = path.with_name(f".{path.name}.dq-partial-{os.getpid()}")
    try:
        with OutputFile(partial, mode) as file:
            file.write(data)
        partial.replace(path)
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise refusal(f"write {path}", error) from error
    finally:
        with suppress(OSError):
            partial.unlink()
