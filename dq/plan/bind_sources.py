"""Binding of sources: dialects, marks, and which field is read from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.diagnostics import did_you_mean
from dq.plan.bound import BoundField, BoundSource
from dq.sources.base import Dialect
from dq.sources.encodings import MULTI_BYTE, SINGLE_BYTE, WIDE, check_encoding, is_multi_byte
from dq.sources.paths import parse_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dq.plan.notes import Notes
    from dq.spec.model import SourceModel, Spec

NO_QUOTE = frozenset({None, "none", ""})
RECORD_LIMITS = (64, 2**30)
ENCODINGS = ("utf-8", "latin-1", "windows-1251", *SINGLE_BYTE, *MULTI_BYTE, *WIDE)
CSV_ONLY = ("delimiter", "quote", "header", "skip_rows", "skip_footer", "bare_quotes", "multiline", "recover")


def bind_sources(notes: Notes, spec: Spec, fields: Mapping[str, BoundField]) -> tuple[BoundSource, ...]:
    """Return the bound sources; a spec without any has none, and its inputs imply one by their file names."""
    claimed: dict[str, str] = {}
    bound: list[BoundSource] = []
    for name, source in spec.sources.items():
        files = (source.files,) if isinstance(source.files, str) else tuple(source.files or ())
        for index, pattern in enumerate(files):
            if pattern in claimed:
                notes.note("DQ502", notes.at("sources", name, "files", index), files=pattern)
            claimed[pattern] = name
        bound.append(_bind_source(notes, spec, name, source, fields, files))
    return tuple(bound)


def _bind_source(
    notes: Notes, spec: Spec, name: str, source: SourceModel, fields: Mapping[str, BoundField], files: tuple[str, ...]
) -> BoundSource:
    encoding = _encoding(notes, name, source)
    _check_options(notes, name, source, encoding)
    header = tuple(source.header) if isinstance(source.header, list) else source.header
    dialect = Dialect(
        name=name,
        format=source.format,
        fields=_paths(notes, name, source, fields),
        required=required_fields(fields),
        explicit=frozenset(source.fields) & frozenset(fields),
        encoding=encoding,
        delimiter=source.delimiter,
        quote=None if source.quote in NO_QUOTE else source.quote,
        header=header,
        skip_rows=source.skip_rows,
        skip_footer=source.skip_footer,
        bare_quotes=source.bare_quotes,
        multiline=source.multiline,
        recover=source.recover,
        max_record=source.max_record,
        compression=source.compression,
        keep_unknown=spec.unknown_fields != "ignore",
    )
    missing = tuple(source.missing) if source.missing is not None else None
    return BoundSource(name, dialect, files, source.decimal, source.thousands, missing)


def required_fields(fields: Mapping[str, BoundField]) -> frozenset[str]:
    """Return the fields whose column a source must have: required, read, and filled by nothing."""
    return frozenset(n for n, f in fields.items() if f.required and f.is_read and not f.filled)


def implied_source(spec_fields: Mapping[str, BoundField], name: str, form: str, *, keep_unknown: bool) -> BoundSource:
    """Return the source that a file implies by its name where the spec declares none.

    `form` is csv, tsv, jsonl, json, parquet or frame; every field is read by its own name.
    """
    paths = {n: n.replace(".", "\\.") if form in {"jsonl", "json"} else n for n, f in spec_fields.items() if f.is_read}
    dialect = Dialect(
        name=name,
        format="csv" if form == "tsv" else form,  # type: ignore[arg-type]
        fields=paths,
        required=required_fields(spec_fields),
        delimiter="\t" if form == "tsv" else ",",
        keep_unknown=keep_unknown,
    )
    return BoundSource(name, dialect, (), ".", None, None)


def _paths(notes: Notes, name: str, source: SourceModel, fields: Mapping[str, BoundField]) -> dict[str, str]:
    """Return where each field is read from, after noting paths that cannot be meant."""
    for field, path in source.fields.items():
        span = notes.key("sources", name, "fields", field)
        if field not in fields:
            notes.absent(field, span, fields, f"sources.{name}.fields")
        elif not fields[field].is_read:
            notes.note("DQ503", span, field=field)
        elif isinstance(source.header, list) and path not in source.header:
            problem = f"the header has no column '{path}'"
            near = did_you_mean(path, source.header)
            notes.note("DQ504", notes.at("sources", name, "fields", field), near, option="fields", problem=problem)
        if source.format != "csv":
            _check_path(notes, name, field, path)
    return {field: source.fields.get(field, field) for field, bound in fields.items() if bound.is_read}


def _check_path(notes: Notes, name: str, field: str, path: str) -> None:
    try:
        parse_path(path)
    except ValueError as error:
        notes.note("DQ504", notes.at("sources", name, "fields", field), option="fields", problem=error)


def _encoding(notes: Notes, name: str, source: SourceModel) -> str:
    try:
        return check_encoding(source.encoding)
    except ValueError as error:
        near = did_you_mean(source.encoding, ENCODINGS)
        notes.note("DQ319", notes.at("sources", name, "encoding"), near, encoding=source.encoding, problem=error)
        return "utf-8"


def _check_options(notes: Notes, name: str, source: SourceModel, encoding: str) -> None:
    """Note options that do not belong to the format, and characters that cannot be what they are declared to be."""
    for option, problem in (*_misplaced(source), *_bad_marks(source), *_bad_characters(source, encoding)):
        place = ("sources", name, option)
        span = notes.at(*place) if notes.document.places.has(place) else notes.key("sources", name)
        notes.note("DQ504", span, option=option, problem=problem)


def _misplaced(source: SourceModel) -> Iterator[tuple[str, str]]:
    """Yield the options that the format does not have, and why."""
    if source.format != "csv":
        yield from ((o, f"{source.format} has no {o}") for o in CSV_ONLY if o in source.model_fields_set)
    if source.format == "parquet" and "encoding" in source.model_fields_set:
        yield "encoding", "parquet is not text"
    low, high = RECORD_LIMITS
    if not low <= source.max_record <= high:
        yield "max_record", "from 64 bytes to 1 GiB is expected"


def _bad_marks(source: SourceModel) -> Iterator[tuple[str, str]]:
    """Yield the marks of numbers that could not be told from a number's other characters."""
    for option, mark in (("decimal", source.decimal), ("thousands", source.thousands)):
        if mark is not None and (len(mark) != 1 or mark.isalnum() or mark in "-+"):
            yield option, "one character is expected, no letter, digit or sign"
    if source.decimal == source.thousands:
        yield "thousands", "it is the decimal mark"


def _bad_characters(source: SourceModel, encoding: str) -> Iterator[tuple[str, str]]:
    """Yield a delimiter or quote that cannot be found byte by byte."""
    characters = {"delimiter": source.delimiter}
    if source.quote not in NO_QUOTE:
        characters["quote"] = source.quote or ""
    for option, character in characters.items():
        if len(character) != 1 or character in "\r\n\0" or not character.isascii():
            yield option, "one ASCII character is expected, no line end"
        elif is_multi_byte(encoding) and not (character < "0" or character in ":;"):
            yield option, f"in {encoding} it may be a part of another character"
    if source.delimiter == source.quote:
        yield "quote", "it is the delimiter"
    if source.format == "json" and is_multi_byte(encoding):
        yield "encoding", f"a JSON array cannot be framed in {encoding}"
