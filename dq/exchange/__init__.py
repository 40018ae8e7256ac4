"""A specification said in other languages, and read from them; what cannot be carried over is always listed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq.diagnostics import did_you_mean
from dq.errors import SourceError, UsageError
from dq.exchange.base import READERS, WRITERS, Exported, Imported, ImportedTables, Loss, Reader
from dq.exchange.documents import parse
from dq.exchange.draft import free_name

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan

__all__ = [
    "READERS",
    "WRITERS",
    "Exported",
    "Imported",
    "ImportedTables",
    "Loss",
    "export",
    "import_spec",
    "import_tables",
    "load",
    "read_document",
    "read_tables",
]

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


def read_document(data: bytes, name: str, language: str | None = None, table: str | None = None) -> Imported:
    """Return a specification made of a document, which is called `name`, in a language or in the one it shows to be in.

    Of a document of several tables it is made of the `table` of this name, or else of the first one, and the others
    are losses.  UsageError where it is of no language that is known, or not of the one that was named, and where there
    is no such table.
    """
    document = parse(data, name)
    reader = _reader(document, name, language)
    if table is not None:
        document = _table(_tables(reader, document, name), table, name)
    return _read(reader, document, name)


def read_tables(data: bytes, name: str, language: str | None = None) -> ImportedTables:
    """Return the specifications of all tables of a document; none for a document that describes one thing.

    What keeps a single table from being read is a loss.  UsageError as `read_document`, and where no table is left.
    """
    document = parse(data, name)
    reader = _reader(document, name, language)
    specs: dict[str, Imported] = {}
    losses: list[Loss] = []
    parts = _tables(reader, document, name)
    for table, part in parts.items():
        try:
            specs[table] = _read(reader, part, name)
        except UsageError as error:
            losses.append(Loss(f"table {table}", str(error)))
    if parts and not specs:
        raise UsageError(str(losses[0].what))
    return ImportedTables(specs, tuple(losses))


def import_spec(path: str | os.PathLike[str], language: str | None = None, table: str | None = None) -> Imported:
    """Return a specification made of a file in another language (`dq import` lists them), which lints clean.

    `table` names one of several tables; without it the first is taken, and the others are losses.  SourceError if the
    file cannot be read, UsageError if it is not of the language, or does not show of which one it is.
    """
    return read_document(_bytes(path), Path(path).name, language, table)


def import_tables(path: str | os.PathLike[str], language: str | None = None) -> ImportedTables:
    """Return the specifications of all tables of a file in another language, by the names of the tables.

    There are none where the file describes one thing only: then it is `import_spec` that reads it.
    """
    return read_tables(_bytes(path), Path(path).name, language)


def _bytes(path: str | os.PathLike[str]) -> bytes:
    """Return the content of a file.  SourceError."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SourceError(f"{os.fspath(path)}: it cannot be read: {error.strerror}") from error


def _reader(document: Any, name: str, language: str | None) -> Reader:
    """Return the reader of a language, or of the one that a document shows to be in.  UsageError."""
    load()
    if language is not None:
        found = READERS.find(language)
        if found is None:
            near = did_you_mean(language, READERS.names())
            hint = f"; did you mean {near!r}?" if near else ""
            raise UsageError(f"there is no language {language!r} to import from{hint}")
        return found()
    with _at_its_word(name):
        readers = [kind() for kind in READERS if kind().recognizes(document)]
    if len(readers) != 1:
        raise UsageError(f"{name}: its content does not tell its language; name it with --from")
    return readers[0]


def _tables(reader: Reader, document: Any, name: str) -> dict[str, Any]:
    """Return a document of each table by the table's name; a name that occurs again is numbered."""
    found: dict[str, Any] = {}
    with _at_its_word(name):
        for table, part in reader.tables(document):
            found[free_name(table, found)] = part
    return found


def _table(tables: dict[str, Any], table: str, name: str) -> Any:
    """Return the document of one table.  UsageError."""
    if table in tables:
        return tables[table]
    if not tables:
        raise UsageError(f"{name}: it describes one thing, so there is no table to choose")
    near = did_you_mean(table, tables)
    hint = f"; did you mean {near!r}?" if near else f": there are {', '.join(tables)}"
    raise UsageError(f"{name}: there is no table {table!r}{hint}")


def _read(reader: Reader, document: Any, name: str) -> Imported:
    """Return what a reader makes of a document.  UsageError."""
    with _at_its_word(name):
        return reader.read(document, name)


@contextmanager
def _at_its_word(name: str) -> Iterator[None]:
    """Refuse a document that breaks the rules of its language: readers take it at its word, and stop somewhere."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{name}: it is not well-formed in its language") from error
