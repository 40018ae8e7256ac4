"""In which form records are given out: as JSON or CSV, by the names of the fields or as a source has them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dq.errors import UsageError
from dq.sampling.raw import cell_text, json_text
from dq.sources.paths import parse_path

if TYPE_CHECKING:
    from dq.plan.bound import BoundField, BoundSource
    from dq.plan.plan import CompiledPlan


@dataclass(frozen=True, slots=True)
class Form:
    """Values as JSON has them, or, with `as_text`, as the cells of a CSV file; `source` says whose names and marks."""

    as_text: bool = False
    source: BoundSource | None = None
    missing: tuple[str, ...] = ("",)  # the words of the spec for no value

    def of(self, raw: Any, field: BoundField) -> Any:
        """Return a raw value of a field in this form; what is missing is a word for no value."""
        if not self.as_text:
            return raw
        if raw is None:
            words = field.missing if field.missing is not None else self.missing
            return "" if "" in words or not words else words[0]
        marked = isinstance(raw, Decimal) and self.source is not None
        return cell_text(raw).replace(".", self.source.decimal_mark) if marked and self.source else cell_text(raw)

    def write(self, plan: CompiledPlan, records: Iterable[Mapping[str, Any]]) -> bytes:
        """Return the bytes of a file of these records."""
        dialect = self.source.dialect if self.source is not None else None
        encoding = dialect.encoding if dialect is not None else "utf-8"
        if self.as_text:
            return self._csv(plan, records).encode(encoding)
        paths = dialect.fields if dialect is not None else {}
        shaped = [json_text(_shaped(record, paths)) for record in records]
        if dialect is not None and dialect.format == "json":
            return f"[{','.join(shaped)}]\n".encode(encoding)
        return "".join(f"{line}\n" for line in shaped).encode(encoding)

    def _csv(self, plan: CompiledPlan, records: Iterable[Mapping[str, Any]]) -> str:
        """Return the text of a CSV file."""
        dialect = self.source.dialect if self.source is not None else None
        listed = list(records)
        names = [field.name for field in plan.fields if field.is_read]
        names += sorted({name for record in listed for name in record} - set(names))
        columns = [dialect.fields.get(name, name) if dialect is not None else name for name in names]
        header = dialect.header if dialect is not None else True
        if isinstance(header, tuple):  # The file has no header of its own, and these are its columns.
            names, columns = _by_header(names, columns, header)
        out = io.StringIO()
        quote = dialect.quote if dialect is not None else '"'
        writer = csv.writer(
            out,
            delimiter=dialect.delimiter if dialect is not None else ",",
            quotechar=quote,
            quoting=csv.QUOTE_MINIMAL if quote is not None else csv.QUOTE_NONE,
            lineterminator="\n",
        )
        if header is True:
            writer.writerow(columns)
        writer.writerows([record.get(name, "") for name in names] for record in listed)
        return out.getvalue()


AS_JSON = Form()


def form_of(plan: CompiledPlan, name: str, source: str | None) -> Form:
    """Return the form called `name` (jsonl or csv) in the shape of a source.

    Without a name of a source it is the only one that the spec has, if that is of the format; else records have the
    names of the fields.  UsageError for a source that is not there, or of another format.
    """
    as_text = name == "csv"
    formats = {"csv"} if as_text else {"json", "jsonl"}
    fitting = [each for each in plan.sources if each.dialect.format in formats]
    if source is None:
        only = fitting[0] if len(plan.sources) == 1 and fitting else None
    else:
        only = next((each for each in fitting if each.name == source), None)
        if only is None:
            names = ", ".join(each.name for each in fitting) or "none"
            raise UsageError(f"the spec has no source {source!r} of format {' or '.join(sorted(formats))}: {names}")
    words = only.missing if only is not None and only.missing is not None else plan.missing
    return Form(as_text, only, words)


def _shaped(record: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, Any]:
    """Return a record with its values at the paths of a source; an array has nulls before the element that is named."""
    shaped: dict[str, Any] = {}
    for name, value in record.items():
        parts = parse_path(paths[name]).parts if name in paths else (name,)
        _place(shaped, list(parts), value)
    return shaped


def _place(inside: Any, parts: list[str | int], value: Any) -> None:
    """Put a value at a path inside an object or array, which grows as it must."""
    key, rest = parts[0], parts[1:]
    if isinstance(key, int):
        inside.extend([None] * (key + 1 - len(inside)))
    present = inside[key] if isinstance(key, int) else inside.get(key)
    if not rest:
        inside[key] = value
        return
    if present is None:
        present = inside[key] = [] if isinstance(rest[0], int) else {}
    _place(present, rest, value)


def _by_header(names: list[str], columns: list[str], header: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return names and columns in the order of a header, with names that no record has where it has more columns."""
    by_column = dict(zip(columns, names, strict=True))
    return [by_column.get(column, f"\x00{column}") for column in header], list(header)
