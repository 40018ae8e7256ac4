"""From records to columns of text cells: one pass per batch, one column per asked field.

A JSON string is its text, a number its digits as written, a boolean `true` or `false`, an array or object
compact JSON text with keys in source order; null and absent are null cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import jiter
import orjson
import polars as pl

from dq.dtypes.types import CellKind
from dq.sources.base import KIND_SUFFIX, UNKNOWN_COLUMN, Account, Dialect
from dq.sources.csv_cells import parse
from dq.sources.json_values import RecordParser
from dq.sources.paths import ABSENT, Path, parse_path
from dq.sources.python_values import TemporalText
from dq.sources.scanning import Rules

if TYPE_CHECKING:
    from dq.sources.json_marks import MarkedLines
    from dq.sources.json_shapes import MatchedLines, Shape

FEW_RECORDS = 64
MAX_UNKNOWN_NAMES = 10_000  # distinct unknown keys that are counted by name; hostile input could hold any number
OTHER_UNKNOWN = "\x00others"  # all further ones together

_DELIMITED = Rules(b",", b'"', "refuse", "false", 1 << 62)  # the form of `MatchedLines.delimited`

Render = Callable[[Any], str]


def json_text(value: Any) -> str:
    """Return compact JSON text; numbers that are `LosslessFloat` keep their digits, keys their order."""
    try:
        return orjson.dumps(value, default=_fragment).decode()
    except TypeError:  # an integer beyond 64 bits, which orjson does not write
        return _slow_json_text(value)


def _fragment(value: Any) -> Any:
    """Give orjson the digits of a number as they are."""
    if isinstance(value, jiter.LosslessFloat):
        return orjson.Fragment(bytes(value))
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _slow_json_text(value: Any) -> str:
    """Return compact JSON text of a value with integers of any size."""
    if type(value) is list:
        return "[" + ",".join(map(_slow_json_text, value)) + "]"
    if type(value) is dict:
        return "{" + ",".join(f"{json_text(key)}:{_slow_json_text(item)}" for key, item in value.items()) + "}"
    if type(value) in {int, jiter.LosslessFloat}:
        return str(value)
    return json_text(value)


RENDERERS: Mapping[type, tuple[CellKind, Render]] = {
    str: (CellKind.TEXT, str),
    int: (CellKind.NUMBER, str),
    jiter.LosslessFloat: (CellKind.NUMBER, str),
    bool: (CellKind.BOOLEAN, lambda value: "true" if value else "false"),
    list: (CellKind.ARRAY, json_text),
    dict: (CellKind.OBJECT, json_text),
    TemporalText: (CellKind.TEMPORAL, str),
}


_BY_STR = {str, int, jiter.LosslessFloat}
_KIND_OF = {type(None): int(CellKind.TEXT), **{python: int(kind) for python, (kind, _) in RENDERERS.items()}}


class CellBuilder:
    """Builds the columns of the asked fields and keeps the account of what the records had."""

    def __init__(self, dialect: Dialect, columns: frozenset[str] | None, account: Account) -> None:
        paths = {field: parse_path(text) for field, text in dialect.fields.items()}
        self._account = account
        self._claimed = frozenset(path.root for path in paths.values())
        self._paths = {field: path for field, path in paths.items() if columns is None or field in columns}
        self._keep_unknown = dialect.keep_unknown and (columns is None or UNKNOWN_COLUMN in columns)
        self._pending: dict[str, list[Any]] = {field: [] for field in self._paths}
        self._pending_unknown: list[str | None] = []
        self.pending = 0  # records fed and not yet rendered
        account.present.update(dict.fromkeys(self._paths, 0))

    def feed(
        self,
        records: Sequence[dict[str, Any]],
        raws: Sequence[bytes] = (),
        parser: RecordParser | None = None,
    ) -> None:
        """Take the values of the asked fields out of some records, which may then be forgotten.

        `raws` and `parser` let `-0` be read again from the text, because jiter reads it as 0.
        """
        shapes = Counter(map(tuple, records))
        values = {field: self._values(field, path, records, shapes) for field, path in self._paths.items()}
        if parser is not None:
            mended = self._mend(records, values, raws, parser)
            if mended is not records:
                records = mended
                values = {field: [_found(path, record) for record in records] for field, path in self._paths.items()}
        for field, cells in values.items():
            self._pending[field] += cells
        unknown = self._count_unknown(shapes)
        if self._keep_unknown:
            self._pending_unknown += self._unknown(records) if unknown else [None] * len(records)
        self.pending += len(records)

    def flush(self) -> pl.DataFrame:
        """Render what was fed: one column per asked field, in the dialect's order, each with its kinds behind it."""
        cells: dict[str, list[str | None]] = {}
        kinds: dict[str, list[int]] = {}
        for field, values in self._pending.items():
            texts, of_kind = _column(values)
            cells[field] = texts
            if of_kind is not None:
                kinds[field] = of_kind
            self._pending[field] = []
        if self._keep_unknown:
            cells[UNKNOWN_COLUMN] = self._pending_unknown
            self._pending_unknown = []
        height, self.pending = self.pending, 0
        text_series = _series(cells, pl.String(), height)
        kind_series = _series(kinds, pl.UInt8(), height)
        ordered: list[pl.Series] = []
        for field in cells:
            ordered.append(text_series[field])
            if field in kinds:
                ordered.append(kind_series[field].alias(field + KIND_SUFFIX))
        return pl.DataFrame(ordered)

    def reads(self, shape: Shape) -> bool:
        """Tell whether the cells of lines of a shape are scalars, so that `matched` can take them."""
        at = [path.find(shape.tree) for path in self._paths.values()]
        return all(gap is ABSENT or isinstance(gap, int) for gap in at) and (
            not self._keep_unknown or shape.tree.keys() <= self._claimed
        )

    def matched(self, matched: MatchedLines, marked: MarkedLines) -> pl.DataFrame:
        """Return the columns of lines of one shape, as `flush` does, and count what they have."""
        shape, height = matched.shape, len(matched.rows)
        found = {field: path.find(shape.tree) for field, path in self._paths.items()}
        column = {field: shape.column(gap) for field, gap in found.items() if gap is not ABSENT}
        for field in column:
            self._account.present[field] += height
        self._count_unknown({tuple(shape.tree): height})
        text = matched.delimited(marked) if column else b""
        cells = parse(text, _DELIMITED, shape.columns, sorted(set(column.values())), height)
        ordered: list[pl.Series] = []
        for field, gap in found.items():
            if gap is ABSENT:
                ordered.append(pl.Series(field, [None], pl.String).new_from_index(0, height))
                continue
            texts, kinds, nulls = cells[str(column[field])].alias(field), matched.kinds(gap), matched.nulls(gap)
            ordered.append(texts.set(pl.Series(nulls), None) if nulls.any() else texts)
            if kinds.any():
                ordered.append(pl.Series(field + KIND_SUFFIX, kinds))
        if self._keep_unknown:
            ordered.append(pl.Series(UNKNOWN_COLUMN, [None], pl.String).new_from_index(0, height))
        return pl.DataFrame(ordered)

    def _values(
        self, field: str, path: Path, records: Sequence[dict[str, Any]], shapes: Mapping[tuple[str, ...], int]
    ) -> list[Any]:
        """Return what each record has at a path, None where nothing, and count those that have something."""
        if len(path.parts) > 1:
            found = [path.find(record) for record in records]
            absent = found.count(ABSENT)
            self._account.present[field] += len(found) - absent
            return [None if value is ABSENT else value for value in found] if absent else found
        key = path.root
        present = sum(count for shape, count in shapes.items() if key in shape)
        self._account.present[field] += present
        if present == len(records):
            return list(map(itemgetter(key), records))
        return [record.get(key) for record in records] if present else [None] * len(records)

    def _mend(
        self,
        records: Sequence[dict[str, Any]],
        values: Mapping[str, list[Any]],
        raws: Sequence[bytes],
        parser: RecordParser,
    ) -> Sequence[dict[str, Any]]:
        """Read the records again in which a `-0` lost its sign."""
        rows: set[int] = set()
        for cells in values.values():
            kinds = set(map(type, cells))
            if list in kinds or dict in kinds:
                rows.update(i for i, cell in enumerate(cells) if type(cell) in {list, dict})
            if int in kinds and 0 in cells:
                rows.update(i for i, cell in enumerate(cells) if type(cell) is int and cell == 0)
        if self._keep_unknown:
            rows.update(i for i, record in enumerate(records) if not record.keys() <= self._claimed)
        signed = [row for row in sorted(rows) if parser.may_have_negative_zero(raws[row])]
        if not signed:
            return records
        mended = list(records)
        for row in signed:
            mended[row] = parser.exact(raws[row])
        return mended

    def _count_unknown(self, shapes: Mapping[tuple[str, ...], int]) -> bool:
        """Count the keys that no path begins with, by name; tell whether there are any."""
        counts = self._account.unknown
        seen = False
        for shape, count in shapes.items():
            for key in shape:
                if key not in self._claimed:
                    seen = True
                    name = key if key in counts or len(counts) < MAX_UNKNOWN_NAMES else OTHER_UNKNOWN
                    counts[name] = counts.get(name, 0) + count
        return seen

    def _unknown(self, records: Iterable[dict[str, Any]]) -> list[str | None]:
        """Return the cells that no field claims, one JSON object a record, None where there are none."""
        result: list[str | None] = []
        for record in records:
            rest = {key: value for key, value in record.items() if key not in self._claimed}
            result.append(json_text(rest) if rest else None)
        return result


def stack(batches: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Put batches of the same fields below one another; kinds that a batch lacks are text."""
    if len(batches) == 1:
        return batches[0]
    names = [name for name in batches[0].columns if not name.endswith(KIND_SUFFIX)]
    kinds = {name for batch in batches for name in batch.columns if name.endswith(KIND_SUFFIX)}
    order = [part for name in names for part in (name, name + KIND_SUFFIX) if part == name or part in kinds]
    text = pl.lit(int(CellKind.TEXT), dtype=pl.UInt8)
    aligned = [
        batch.select(pl.col(name) if name in batch.columns else text.alias(name) for name in order)
        if batch.columns != order
        else batch
        for batch in batches
    ]
    return pl.concat(aligned, rechunk=True)


def _found(path: Path, record: dict[str, Any]) -> Any:
    """Return what a record has at a path, None where nothing."""
    value = path.find(record)
    return None if value is ABSENT else value


def _column(cells: list[Any]) -> tuple[list[str | None], list[int] | None]:
    """Render the cells of one field, and their kinds where not all are text.

    Columns of text, the rule, and of scalars are rendered without a look at each cell.
    """
    kinds = set(map(type, cells))
    has_null = type(None) in kinds
    kinds.discard(type(None))
    if kinds <= {str}:
        return cells, None
    texts: list[str | None]
    if kinds <= _BY_STR:
        texts = [None if cell is None else str(cell) for cell in cells] if has_null else list(map(str, cells))
    else:
        texts = [None if cell is None else RENDERERS[type(cell)][1](cell) for cell in cells]
    return texts, list(map(_KIND_OF.__getitem__, map(type, cells)))


def _series(columns: Mapping[str, list[Any]], dtype: pl.DataType, height: int) -> dict[str, pl.Series]:
    """Return the columns as series.

    Polars takes microseconds to make a series and far fewer to cut one, which counts where a lone event waits: few
    records become one series that is cut into columns.
    """
    if height > FEW_RECORDS:
        return {name: pl.Series(name, cells, dtype=dtype) for name, cells in columns.items()}
    joined = pl.Series([cell for cells in columns.values() for cell in cells], dtype=dtype)
    return {name: joined.slice(i * height, height).alias(name) for i, name in enumerate(columns)}
