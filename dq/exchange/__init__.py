"""A specification said in other languages, and read from them; what cannot be carried over is always listed."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from dq.diagnostics import did_you_mean
from dq.errors import SourceError, UsageError
from dq.exchange.base import READERS, WRITERS, Exported, Imported, Loss
from dq.exchange.documents import parse

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan

__all__ = ["READERS", "WRITERS", "Exported", "Imported", "Loss", "export", "import_spec", "load", "read_document"]

FILES = (
    "readers.dbt",
    "readers.great_expectations",
    "readers.iglu",
    "readers.jsonschema",
    "readers.odcs",
    "readers.tableschema",
    "writers.draft7",
    "writers.iglu",
    "writers.jsonschema",
    "writers.odcs",
    "writers.pandera_python",
    "writers.pandera_yaml",
    "writers.pydantic",
    "writers.tableschema",
    "writers.typescript",
)


def load() -> None:
    """Import the files of the languages, each of which registers itself; a second call does nothing."""
    for name in FILES:
        import_module(f"dq.exchange.{name}")


def export(plan: CompiledPlan, language: str) -> Exported:
    """Return a plan in another language.  UsageError if there is none of this name."""
    load()
    writer = WRITERS.find(language)
    if writer is None:
        near = did_you_mean(language, WRITERS.names())
        hint = f"; did you mean {near!r}?" if near else ""
        raise UsageError(f"there is no language {language!r} to export to{hint}")
    return writer().write(plan)


def read_document(data: bytes, name: str, language: str | None = None) -> Imported:
    """Return a specification made of a document, which is called `name`, in a language or in the one it shows to be in.

    UsageError where it is of no language that is known, or not of the one that was named.
    """
    load()
    reader = READERS.find(language) if language is not None else None
    if language is not None and reader is None:
        near = did_you_mean(language, READERS.names())
        hint = f"; did you mean {near!r}?" if near else ""
        raise UsageError(f"there is no language {language!r} to import from{hint}")
    document = parse(data, name)
    try:
        readers = [reader] if reader is not None else [kind for kind in READERS if kind().recognizes(document)]
        if len(readers) == 1:
            return readers[0]().read(document, name)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # Readers take a document at its word; one that breaks the rules of its language stops them somewhere.
        raise UsageError(f"{name}: it is not well-formed in its language") from error
    raise UsageError(f"{name}: its content does not tell its language; name it with --from")


def import_spec(path: str | os.PathLike[str], language: str | None = None) -> Imported:
    """Return a specification made of a file in another language (`dq import` lists them), which lints clean.

    SourceError if it cannot be read, UsageError if it is not of the language, or does not show of which one it is.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise SourceError(f"{os.fspath(path)}: it cannot be read: {error.strerror}") from error
    return read_document(data, Path(path).name, language)
