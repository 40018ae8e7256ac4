"""`lookup`: a field takes its value from a table beside the spec, by the value of other fields.

The table is read once, when the spec is compiled, and joined to every chunk.  Keys are compared as values of the
fields' types, not as text; null is no key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from dq.dtypes.cast import cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq.dtypes.types import Type

VALUE = "\x00value"
KNOWN = "\x00known"


class TableError(ValueError):
    """A table that cannot be looked up in; the message says why, in words and without values."""


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """One lookup: which fields are the key, what the table says of each, and what becomes of a key it lacks.

    `table` has the key's fields by name, VALUE of the field's type, and KNOWN, which is true.  `columns` are the
    columns of the file, aligned with `keys`.  With `fill` the field is read, and the table gives what is missing.
    """

    file: str
    sha256: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    take: str
    otherwise: Literal["blank", "refuse"]
    default: str | None
    fill: bool
    table: pl.DataFrame
    default_value: Any = None

    def find(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return VALUE and KNOWN (null where the key is not in the table) for each row of a frame, in its order."""
        keys = list(self.keys)
        return frame.select(keys).join(self.table, on=keys, how="left", maintain_order="left").select(VALUE, KNOWN)

    def expected(self) -> str:
        """Say what a known key is."""
        named = ", ".join(self.keys)
        return f"{named} that stands in {self.file} ({', '.join(self.columns)})"

    def identity(self) -> dict[str, Any]:
        """Return what decides the values, as JSON values, for fingerprints."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "by": [list(pair) for pair in zip(self.keys, self.columns, strict=True)],
            "take": self.take,
            "otherwise": self.otherwise,
            "default": self.default,
            "fill": self.fill,
        }


def typed_table(
    texts: pl.DataFrame,
    kinds: Mapping[str, int],
    by: Mapping[str, str],
    types: Mapping[str, Type],
    take: str,
    kind: Type,
) -> pl.DataFrame:
    """Return a table as `Lookup` wants it, from the text cells of a file.

    `kinds` says what the cells of each column were (`CellKind`), `by` maps the key's fields to columns, `types` has
    their types, and `kind` is the type of what is taken.  Rows whose key has an empty cell are no keys and left
    out.  TableError where a cell is not of its type, or two rows have the same key.
    """
    columns = {field: _typed(texts, kinds, column, types[field]) for field, column in by.items()}
    table = pl.DataFrame(columns).with_columns(_typed(texts, kinds, take, kind).alias(VALUE)).with_row_index("\x00at")
    table = table.drop_nulls(list(by))
    repeated = table.filter(pl.len().over(list(by)) > 1)
    if not repeated.is_empty():
        first = repeated.head(1)
        rows = repeated.join(first.select(list(by)), on=list(by), how="semi")["\x00at"].sort().head(2).to_list()
        raise TableError(f"records {rows[0] + 1} and {rows[1] + 1} have the same key")
    return table.select(*by, VALUE, pl.lit(value=True).alias(KNOWN))


def _typed(texts: pl.DataFrame, kinds: Mapping[str, int], column: str, kind: Type) -> pl.Series:
    """Return a column of a table as values of a type."""
    caster = cast(kind)
    cells = pl.lit(int(kinds[column]), dtype=pl.UInt8)
    values = texts.select(caster.expression(pl.col(column), cells).alias(column))[column]
    wrong = (values.is_null() & texts[column].is_not_null()).arg_true()
    if len(wrong):
        raise TableError(f"record {wrong[0] + 1} has something else than {caster.expected} in column {column!r}")
    return values
