"""The cells of any typed frame, as text: a fixed table over Polars' types.

    integers, decimals     plain digits                            NUMBER
    floats                 the shortest text that reads back,      NUMBER
                           `NaN`, `inf`, `-inf`; single precision is widened exactly
    Boolean                `true`, `false`                         BOOLEAN
    String, Categorical,   the text                                TEXT
    Enum, Null
    Date                   `2026-11-01`                            TEMPORAL
    Datetime               `2026-11-01T10:00:00`, with `Z` (in     TEMPORAL
                           UTC) where it has a zone
    Time                   `10:00:00`                              TEMPORAL
    Duration               `P1DT2H`                                TEMPORAL
    List, Array            a JSON array                            ARRAY
    Struct                 a JSON object                           OBJECT

Times have no fraction, six digits or, where a nanosecond is not zero, nine.  Moments outside the years 1 to
9999 are rendered as their count of units, which no cast of dates accepts.
"""

from __future__ import annotations

from datetime import date

import orjson
import polars as pl

from dq.dtypes.types import CellKind

_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 31)
_PER_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}


def render_frame(frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, CellKind]]:
    """Return the cells of a typed frame as text, and what they were.

    The first is a frame of String columns with the names, order and height of `frame`, null where it is null;
    the second gives each column's one `CellKind`, by name, in the frame's order.  TypeError for columns that have no
    text (Binary, Object).
    """
    kinds = {name: kind_of(dtype, name) for name, dtype in frame.schema.items()}
    return pl.DataFrame([render(column) for column in frame.get_columns()]), kinds


def kind_of(dtype: pl.DataType, name: str) -> CellKind:
    """Return what cells of a dtype are; TypeError where they have no text."""
    match dtype:
        case pl.String() | pl.Categorical() | pl.Enum() | pl.Null():
            return CellKind.TEXT
        case pl.Boolean():
            return CellKind.BOOLEAN
        case pl.Date() | pl.Datetime() | pl.Time() | pl.Duration():
            return CellKind.TEMPORAL
        case pl.List() | pl.Array():
            kind_of(_instance(dtype.inner), name)
            return CellKind.ARRAY
        case pl.Struct():
            for field in dtype.fields:
                kind_of(_instance(field.dtype), name)
            return CellKind.OBJECT
        case _ if dtype.is_numeric():
            return CellKind.NUMBER
        case _:
            raise TypeError(f"column {name!r} is {dtype}, which has no text; convert it before it is handed to dq")


def _instance(dtype: object) -> pl.DataType:
    """Return a dtype given as a class or as an instance."""
    instance = dtype() if isinstance(dtype, type) else dtype
    assert isinstance(instance, pl.DataType)
    return instance


def render(column: pl.Series) -> pl.Series:  # noqa: PLR0911 - one case a line
    """Return one column as String cells, by the table of this file."""
    match column.dtype:
        case pl.Datetime() | pl.Date():
            return _moments(column)
        case pl.Time():
            return _times(column)
        case pl.Duration():
            return column.dt.to_string("iso")
        case pl.List():
            return _arrays(column)
        case pl.Array():
            return _arrays(column.arr.to_list())
        case pl.Struct():
            return _objects(column)
        case dtype if dtype.is_float():
            return column.cast(pl.Float64).cast(pl.String)
        case _:
            return column.cast(pl.String)


def _moments(column: pl.Series) -> pl.Series:
    """Return dates and datetimes in ISO 8601; as counts where four digits cannot write the year."""
    dtype, count = column.dtype, column.to_physical()
    days = [(each - date(1970, 1, 1)).days for each in (_FIRST, _LAST)]
    if isinstance(dtype, pl.Datetime):
        unit = _PER_SECOND[dtype.time_unit or "us"]
        low, high = days[0] * 86400 * unit, (days[1] + 1) * 86400 * unit - 1
        suffix = "" if dtype.time_zone is None else "Z"
        inside = count.cast(pl.Int128).is_between(low, high)
        naive = count.set(~inside, None).cast(pl.Datetime(dtype.time_unit or "us"))
        text = _fractions(naive, "%Y-%m-%dT%H:%M:%S") + suffix
    else:
        inside = count.is_between(days[0], days[1])
        text = count.set(~inside, None).cast(pl.Date).dt.to_string("%Y-%m-%d")
    return text if inside.all() else text.zip_with(inside.fill_null(value=True), count.cast(pl.String))


def _times(column: pl.Series) -> pl.Series:
    """Return times of day."""
    return _fractions(column, "%H:%M:%S")


def _fractions(column: pl.Series, plain: str) -> pl.Series:
    """Return times with no fraction, six digits or nine, as many as they need."""
    nanos = pl.col("time").dt.nanosecond()
    text = (
        pl.when(nanos % 1000 != 0)
        .then(pl.col("time").dt.to_string(plain + "%.9f"))
        .when(nanos != 0)
        .then(pl.col("time").dt.to_string(plain + "%.6f"))
        .otherwise(pl.col("time").dt.to_string(plain))
    )
    return column.to_frame("time").select(text.alias(column.name)).to_series()


def _arrays(column: pl.Series) -> pl.Series:
    """Return lists as JSON arrays."""
    lengths = column.list.len().to_list()
    items = _fragments(column.filter(column.list.len().fill_null(0) > 0).explode())
    texts, start = [], 0
    for length in lengths:
        texts.append(None if length is None else "[" + ",".join(items[start : start + length]) + "]")
        start += length or 0
    return pl.Series(column.name, texts, dtype=pl.String)


def _objects(column: pl.Series) -> pl.Series:
    """Return structs as JSON objects, the fields in their order."""
    fields = column.struct.unnest().get_columns()
    keys = [orjson.dumps(field.name).decode() + ":" for field in fields]
    rows = zip(*map(_fragments, fields), strict=True) if fields else [()] * len(column)
    texts = [
        None if absent else "{" + ",".join(map("".join, zip(keys, row, strict=True))) + "}"
        for absent, row in zip(column.is_null(), rows, strict=True)
    ]
    return pl.Series(column.name, texts, dtype=pl.String)


def _fragments(column: pl.Series) -> list[str]:
    """Return the values of a column as they stand within JSON."""
    quoted = kind_of(column.dtype, column.name) in {CellKind.TEXT, CellKind.TEMPORAL}
    cells = render(column).to_list()
    return ["null" if cell is None else orjson.dumps(cell).decode() if quoted else cell for cell in cells]
