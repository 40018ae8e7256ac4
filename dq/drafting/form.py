"""What a file is: its format, its encoding, its dialect, each a guess with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dq.drafting import delimited, encoding
from dq.engines.inputs import form_of
from dq.errors import SourceError, UsageError
from dq.sources.base import Dialect
from dq.sources.encodings import check_encoding
from dq.sources.files import open_bytes

if TYPE_CHECKING:
    import os

HEAD = 1 << 20  # bytes of a file that its encoding is told from
_TRIED = 1 << 18  # bytes that every dialect is tried on
Format = Literal["csv", "jsonl", "json", "parquet"]


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is read, and what speaks for it.

    `names` are the columns of a CSV file.  `implied` says that the name of the file tells all of the dialect, so that a
    spec needs no source.  `evidence` is by option.
    """

    path: Path
    dialect: Dialect
    names: tuple[str, ...] = ()
    evidence: dict[str, str] = field(default_factory=dict)
    implied: bool = False


def guess(path: str | os.PathLike[str], form: str | None = None, named: str | None = None) -> Form:
    """Return the form of a file.  `form` and `named` are its format and its encoding, where they are known.

    SourceError where it cannot be read, UsageError where nothing can be made of it.
    """
    path = Path(path)
    head, whole = _head(path)
    if head.startswith(b"PAR1"):
        return Form(path, Dialect("", "parquet", {}), implied=form_of(path) == "parquet")
    if not head.strip():
        raise UsageError(f"{path.name}: the file is empty; a spec cannot be drafted from nothing")
    found = _given(named) if named is not None else _encoding(path, head, whole=whole)
    wanted = _format(path, head, found.name, form)
    dialect = Dialect("", wanted, {}, encoding=found.name)
    evidence = {"encoding": found.evidence + ("" if found.sure else "; few bytes to tell from")}
    evidence["format"] = "its name" if form_of(path) == wanted else "the first bytes of the file"
    if wanted != "csv":
        return Form(path, dialect, (), evidence, implied=form_of(path) == wanted and found.name == "utf-8")
    known = "\t" if form == "tsv" or path.name.lower().removesuffix(".gz").endswith(".tsv") else None
    cut = delimited.guess(_lines(head[:_TRIED], whole=whole), dialect, known)
    plain = replace(dialect, delimiter=known or ",")
    implied = cut.dialect == plain and found.name == "utf-8" and form_of(path) in {"csv", "tsv"}
    return Form(path, cut.dialect, cut.names, evidence | cut.evidence, implied)


def _head(path: Path) -> tuple[bytes, bool]:
    """Return the first bytes of a file, decompressed, and whether they are all."""
    with open_bytes(path) as stream:
        parts, length = [], 0
        while length <= HEAD and (part := stream.read(HEAD + 1 - length)):
            parts.append(part)
            length += len(part)
        if stream.fault is not None and not length:
            raise SourceError(f"{path.name}: its compressed bytes cannot be read")
    data = b"".join(parts)
    return data[:HEAD], length <= HEAD


def _given(name: str) -> encoding.Encoding:
    """Return an encoding that is known by its name.  UsageError where records cannot be framed in it."""
    try:
        return encoding.Encoding(check_encoding(name), "as given")
    except ValueError as error:
        raise UsageError(f"encoding {name!r}: {error}") from error


def _encoding(path: Path, head: bytes, *, whole: bool) -> encoding.Encoding:
    """Return the encoding; its complaints name the file."""
    try:
        return encoding.guess(head, whole=whole)
    except UsageError as error:
        raise UsageError(f"{path.name}: {error}") from error


def _format(path: Path, head: bytes, name: str, form: str | None) -> Format:
    """Return the format of a text: as it is given, by its first character, or else by the name of the file."""
    if form is not None:
        return "csv" if form == "tsv" else form  # type: ignore[return-value]
    text = head[:4096].decode(name, "replace").lstrip("\ufeff \t\r\n")
    by_name = form_of(path)
    if text.startswith("{") and by_name != "csv":
        return "jsonl"
    if text.startswith("[") and by_name not in {"csv", "jsonl"}:
        return "json"
    return "csv" if by_name in {None, "tsv", "parquet", "json"} else by_name  # type: ignore[return-value]


def _lines(head: bytes, *, whole: bool) -> bytes:
    """Return the bytes up to the last line end, unless there is none or they are all of the file."""
    end = max(head.rfind(b"\n"), head.rfind(b"\r")) + 1
    return head if (whole and len(head) < _TRIED) or not end else head[:end]
