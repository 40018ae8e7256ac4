"""Binding of sources: dialects, marks, and which field is read from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.plan.bound import BoundField, BoundSource
from dq.sources.base import Dialect
from dq.sources.encodings import check_encoding
from dq.sources.paths import parse_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq.plan.notes import Notes
    from dq.spec.model import SourceModel, Spec

CSV_ONLY = ("delimiter", "quote", "header", "skip_rows", "skip_footer", "bare_quotes", "multiline", "recover")


def bind_sources(notes: Notes, spec: Spec, fields: Mapping[str, BoundField]) -> tuple[BoundSource, ...]:
    """Return the bound sources; a spec without any has none, and its inputs imply one by their file names."""
    claimed: dict[str, str] = {}
    bound: list[BoundSource] = []
    for name, source in spec.sources.items():
        files = (source.files,) if isinstance(source.files, str) else tuple(source.files or ())
        for pattern in files:
            if pattern in claimed:
                notes.note("DQ502", notes.at("sources", name, "files"), files=pattern, other=claimed[pattern])
            claimed[pattern] = name
        bound.append(_bind_source(notes, spec, name, source, fields, files))
    return tuple(bound)


def _bind_source(
    notes: Notes, spec: Spec, name: str, source: SourceModel, fields: Mapping[str, BoundField], files: tuple[str, ...]
) -> BoundSource:
    _check_options(notes, name, source)
    header = tuple(source.header) if isinstance(source.header, list) else source.header
    dialect = Dialect(
        name=name,
        format=source.format,
        fields=_paths(notes, name, source, fields),
        required=required_fields(fields),
        explicit=frozenset(source.fields) & frozenset(fields),
        encoding=_encoding(notes, name, source),
        delimiter=source.delimiter,
        quote=None if source.quote in {None, "none", ""} else source.quote,
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
    return frozenset(n for n, f in fields.items() if f.required and f.derive is None and f.impute is None)


def implied_source(spec_fields: Mapping[str, BoundField], name: str, form: str, *, keep_unknown: bool) -> BoundSource:
    """Return the source that a file implies by its name where the spec declares none.

    `form` is csv, tsv, jsonl, json, parquet or frame; every field is read by its own name.
    """
    paths = {
        n: n.replace(".", "\\.") if form in {"jsonl", "json"} else n for n, f in spec_fields.items() if f.derive is None
    }
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
    for field in source.fields:
        span = notes.key("sources", name, "fields", field)
        if field not in fields:
            notes.absent(field, span, fields, f"sources.{name}.fields")
        elif fields[field].derive is not None:
            notes.note("DQ503", span, field=field)
    paths: dict[str, str] = {}
    for field, bound in fields.items():
        if bound.derive is None:
            paths[field] = source.fields.get(field, field)
    if source.format != "csv":
        for field, path in source.fields.items():
            try:
                parse_path(path)
            except ValueError as error:
                span = notes.at("sources", name, "fields", field)
                notes.note("DQ504", span, option=f"path {path}", problem=str(error))
    if isinstance(source.header, list):
        for field, path in source.fields.items():
            if path not in source.header and field in fields:
                notes.absent(path, notes.at("sources", name, "fields", field), source.header, f"sources.{name}.header")
    return paths


def _encoding(notes: Notes, name: str, source: SourceModel) -> str:
    try:
        return check_encoding(source.encoding)
    except ValueError as error:
        notes.note("DQ319", notes.at("sources", name, "encoding"), encoding=source.encoding, problem=str(error))
        return "utf-8"


def _check_options(notes: Notes, name: str, source: SourceModel) -> None:
    """Note options that do not belong to the format, and characters that cannot be what they are declared to be."""

    def refuse(option: str, problem: str) -> None:
        place = ("sources", name, option)
        span = notes.at(*place) if notes.document.places.has(place) else notes.key("sources", name)
        notes.note("DQ504", span, option=option, problem=problem)

    if source.format != "csv":
        for option in CSV_ONLY:
            if option in source.model_fields_set:
                refuse(option, f"{source.format} has no {option}")
    for option, value in (("delimiter", source.delimiter), ("quote", source.quote)):
        if value in {None, "none", ""} and option == "quote":
            continue
        if value is None or len(value) != 1 or value in "\r\n\0" or ord(value) > 0x7E:
            refuse(option, "one ASCII character is expected, no line end")
    if source.delimiter == source.quote:
        refuse("quote", "it is the delimiter")
    marks = {"decimal": source.decimal, "thousands": source.thousands}
    for option, value in marks.items():
        if value is not None and (len(value) != 1 or value.isalnum() or value in "-+"):
            refuse(option, "one character is expected, no letter, digit or sign")
    if source.decimal == source.thousands:
        refuse("thousands", "it is the decimal mark")
    if source.max_record < 64 or source.max_record > 2**30:  # noqa: PLR2004 - the bounds are said in the message
        refuse("max_record", "from 64 bytes to 1 GiB is expected")
