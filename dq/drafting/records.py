"""Which paths the records of a JSON source have, and which of them a draft speaks of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import jiter
import polars as pl

from dq.drafting.reading import chunks, reader_of, with_fields
from dq.errors import SourceError
from dq.sources.base import UNKNOWN_COLUMN
from dq.sources.paths import Path

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from dq.drafting.form import Form

LOOKED_THROUGH = 20_000  # records whose keys are looked at
MOST_PATHS = 5_000  # that are counted; records whose keys are data have any number of them
MOST_FIELDS = 30
_DEEPEST = 5
_OPEN_KEYS = 100  # different keys of one object above which the keys are data


@dataclass
class Seen:
    """What was seen at the paths of some records: how many had a scalar, a list of scalars, a link there."""

    records: int = 0
    leaves: Counter[tuple[str, ...]] = field(default_factory=Counter)
    links: Counter[tuple[str, ...]] = field(default_factory=Counter)
    nulls: Counter[tuple[str, ...]] = field(default_factory=Counter)
    objects: Counter[tuple[str, ...]] = field(default_factory=Counter)
    others: set[tuple[str, ...]] = field(default_factory=set)  # lists of objects, empty lists and objects

    def add(self, record: dict[str, Any]) -> None:
        """Count the paths of one record."""
        self.records += 1
        self._object(record, ())

    def _object(self, value: dict[str, Any], path: tuple[str, ...]) -> None:
        """Count what an object holds."""
        for key, item in value.items():
            inner = (*path, key)
            if not key:  # no path leads to it
                self.others.add(inner)
                continue
            if inner not in self.leaves and len(self.leaves) >= MOST_PATHS:
                continue
            if isinstance(item, dict) and item and len(inner) < _DEEPEST:
                self.objects[inner] += 1
                self._object(item, inner)
            elif isinstance(item, (dict, list)) and not _is_flat(item):
                self.others.add(inner)
            elif item is None or item == "":
                self.nulls[inner] += 1
            else:
                self.leaves[inner] += 1
                self.links[inner] += isinstance(item, str) and item.startswith(("http://", "https://"))


def _is_flat(value: Any) -> bool:
    """Whether a value is a list of scalars."""
    return isinstance(value, list) and bool(value) and not any(isinstance(item, (dict, list)) for item in value)


@dataclass(frozen=True)
class Selection:
    """The paths of the fields of a draft, and in words what was left out."""

    paths: list[Path]
    left_out: list[str]


def look_through(form: Form) -> Seen:
    """Count the paths of the first records of a JSON source."""
    seen, whole = Seen(), replace(form, dialect=replace(form.dialect, keep_unknown=True))
    for chunk in chunks(whole, reader_of(with_fields(whole, {}))):
        for text in chunk.cells[UNKNOWN_COLUMN].head(LOOKED_THROUGH - seen.records):
            seen.add(jiter.from_json(text.encode()) if text is not None else {})
        if seen.records >= LOOKED_THROUGH:
            break
    return seen


def select(seen: Seen) -> Selection:
    """Choose the paths that a person would write down.

    That is what at least half of the records have, of each object as much as of the others; of an object with many
    links only what is no link.
    """
    half = [path for path, count in seen.leaves.items() if 2 * (count + seen.nulls[path]) >= seen.records]
    rare = len(seen.leaves) - len(half)
    linked = Counter(path[:-1] for path in half if seen.links[path])
    plain = [path for path in half if not (len(path) > 1 and seen.links[path] and linked[path[:-1]] > 2)]  # noqa: PLR2004
    order = {path: at for at, path in enumerate(plain)}
    within = {path: sum(other[:-1] == path[:-1] for other in plain[:at]) for path, at in order.items()}
    kept = sorted(plain, key=lambda path: (within[path] if len(path) > 1 else 0, len(path), order[path]))[:MOST_FIELDS]
    left = {
        "links": len(half) - len(plain),
        "paths that fewer than half of the records have": rare,
        "further paths": len(plain) - len(kept),
        "paths without any value": len(seen.nulls.keys() - seen.leaves.keys() - seen.objects.keys()),
        "lists of objects, or empty values": len(seen.others - seen.leaves.keys()),
    }
    paths = [Path(path) for path in sorted(kept, key=lambda path: order[path])]
    return Selection(paths, [f"{what} {count:,}" for what, count in left.items() if count])


def of_parquet(form: Form) -> Selection:
    """Return the columns of a Parquet file, and the fields of its structs.  SourceError where it cannot be read."""
    try:
        schema = pl.scan_parquet(form.path.absolute(), glob=False, hive_partitioning=False).collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{form.path.name}: it cannot be read as Parquet ({type(error).__name__})") from error
    found = [leaf for name, kind in schema.items() for leaf in _leaves((name,), kind)]
    paths = [Path(name) for name in found if name is not None]
    left = len(found) - len(paths)
    return Selection(paths, [f"columns of bytes or of nested lists {left:,}"] if left else [])


def _leaves(name: tuple[str, ...], kind: PolarsDataType) -> Iterator[tuple[str, ...] | None]:
    """Yield the path of each value that a column has, None for one that no field can hold."""
    if isinstance(kind, pl.Struct):
        for inner, of in kind.to_schema().items():
            yield from _leaves((*name, inner), of)
    else:
        element = kind.inner if isinstance(kind, (pl.List, pl.Array)) else kind
        nested = isinstance(element, (pl.Struct, pl.List, pl.Array, pl.Binary, pl.Object))
        yield None if nested else name
