"""What a draft is written from: the sources, the sample, and every guess about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dq.drafting import (
    dependencies,
    fields,
    form,
    keys,
    marks,
    missing_words,
    names,
    order,
    reading,
    records,
)
from dq.drafting.column import columns
from dq.dtypes.cast import CastOptions
from dq.errors import UsageError

if TYPE_CHECKING:
    from dq.drafting.fields import FieldDraft
    from dq.drafting.finding import Finding
    from dq.drafting.form import Form
    from dq.drafting.reading import Sample


@dataclass
class Material:
    """Everything that a draft is written from."""

    event: str
    forms: list[Form]
    paths: dict[str, str]
    sample: Sample
    marks: CastOptions
    fields: list[FieldDraft]
    left_out: list[str]
    missing: Finding | None
    dedupe: list[str]
    row_checks: list[str]


def gather(
    paths: list[Path],
    source_format: str | None,
    encoding: str | None,
    most: int,
    progress: Callable[[int], None] | None,
) -> Material:
    """Read the sources and make every guess."""
    forms = [form.guess(path, source_format, encoding) for path in paths]
    _need_one_shape(forms)
    named, left_out = _fields_of(forms[0])
    if not named:
        raise UsageError(f"{forms[0].path.name}: it has no record with a field that a draft could speak of")
    forms = [reading.with_fields(each, named) for each in forms]
    sample = reading.read(forms, most, progress)
    if sample.refused:
        raise UsageError("; ".join(sample.refused))
    if not sample.looked_at:
        if forms[0].dialect.format != "csv" or sample.unreadable:
            raise UsageError(f"{forms[0].path.name}: it has no record that can be read, so nothing can be drafted")
        sample.cells = pl.DataFrame(schema=dict.fromkeys(named, pl.String))  # the header tells the names
    seen = columns(sample.cells, named)
    how = marks.guess(seen) if forms[0].dialect.format == "csv" else CastOptions()
    drafts = [fields.draft(column, how) for column in seen]
    mixed = [made.name for made in drafts if 2 * made.reading.read < made.column.present]
    drafts = [made for made in drafts if made.name not in mixed]
    left_out += [f"fields of lists or objects and other values {len(mixed):,}"] if mixed else []
    named = {name: path for name, path in named.items() if name not in mixed}
    if not named:
        raise UsageError(f"{forms[0].path.name}: it has no field whose values are of one type")
    missing = missing_words.in_common(drafts)
    cells = sample.cells.select(list(named))
    unique = keys.mark_unique(drafts)
    dependencies.add_repairs(drafts, cells)
    dedupe = (
        []
        if unique
        else keys.nearly_unique(drafts, cells) or ([] if left_out else keys.repeated_records(drafts, cells))
    )
    sets = order.guess(drafts, cells) + ([] if unique or dedupe else keys.sets(drafts, cells))
    return Material(
        names.event_name(stem(paths[0])), forms, named, sample, how, drafts, left_out, missing, dedupe, sets
    )


def _need_one_shape(forms: Sequence[Form]) -> None:
    """Refuse files of different shapes: one draft speaks of one event."""
    first = forms[0]
    for other in forms[1:]:
        if (other.dialect, other.names) != (first.dialect, first.names):
            raise UsageError(
                f"{other.path.name} is not of the shape of {first.path.name}: draft a spec from each of them"
            )


def _fields_of(shape: Form) -> tuple[dict[str, str], list[str]]:
    """Return the fields of a source, name to path, and in words what was left out."""
    if shape.dialect.format == "csv":
        return names.of_columns(shape.names), []
    if shape.dialect.format == "parquet":
        selection = records.of_parquet(shape)
    else:
        selection = records.select(records.look_through(shape))
    return names.of_paths(selection.paths), selection.left_out


def stem(path: Path) -> str:
    """Return the name of a file without what tells its format."""
    return path.name.split(".")[0] or "record"
