"""Canonical text reads back, and every typed frame has one text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_series_equal

from dq.dtypes.cast import CastOptions, cast
from dq.dtypes.render import render_frame, text_of
from dq.dtypes.types import CellKind, parse_type

MICRO = timedelta(microseconds=1)
VALUES = {
    "string": st.text(max_size=8),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "decimal(9,3)": st.integers(-(10**9) + 1, 10**9 - 1).map(lambda n: Decimal(n).scaleb(-3)),
    "decimal(38,0)": st.integers(-(10**38) + 1, 10**38 - 1).map(Decimal),
    "boolean": st.booleans(),
    "date": st.dates(),
    "time": st.times(),
    "datetime": st.datetimes(timezones=st.just(UTC)),
    "duration": st.integers(-(2**63) + 1, 2**63 - 1),
    "list<string>": st.lists(st.none() | st.text(max_size=5), max_size=4),
    "list<datetime>": st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=3),
    "list<number>": st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=3),
    "list<decimal(9,3)>": st.lists(st.integers(0, 10**9 - 1).map(lambda n: Decimal(n).scaleb(-3)), max_size=3),
}


@pytest.mark.parametrize("type_name", VALUES)
def test_canonical_text_reads_back(type_name):
    type_ = parse_type(type_name)
    caster = cast(type_)

    @settings(max_examples=50)
    @given(st.lists(st.none() | VALUES[type_name], max_size=12))
    def law(values):
        dtype = pl.Int64() if type_name == "duration" else type_.polars
        column = pl.Series("v", values, dtype=dtype).cast(type_.polars)
        text = column.to_frame().select(text_of(type_, pl.col("v")))["v"]
        assert text.dtype == pl.String
        assert_series_equal(text.to_frame().select(caster.expression(pl.col("v")))["v"], column, check_exact=True)

    law()


@pytest.mark.parametrize(
    ("type_name", "value", "text"),
    [
        ("integer", -5, "-5"),
        ("number", 0.1, "0.1"),
        ("number", 1e16, "1e+16"),
        ("number", -0.0, "-0.0"),
        ("number", 100.0, "100.0"),
        ("decimal(12,2)", Decimal("1.5"), "1.50"),
        ("decimal(5,0)", Decimal(7), "7"),
        ("boolean", True, "true"),
        ("date", date(1, 2, 3), "0001-02-03"),
        ("time", time(10), "10:00:00"),
        ("time", time(10, 0, 0, 500000), "10:00:00.500000"),
        ("datetime", datetime(2026, 11, 1, 10, tzinfo=UTC), "2026-11-01T10:00:00Z"),
        ("datetime", datetime(2026, 11, 1, 10, 0, 0, 1, tzinfo=UTC), "2026-11-01T10:00:00.000001Z"),
        ("duration", timedelta(days=1, hours=2), "P1DT2H"),
        ("duration", -MICRO, "-PT0.000001S"),
        ("duration", timedelta(0), "PT0S"),
        ("list<string>", ['a"b', None, "я"], '["a\\"b",null,"я"]'),
        ("list<integer>", [1, None], "[1,null]"),
        ("list<date>", [date(2026, 1, 1)], '["2026-01-01"]'),
        ("list<boolean>", [], "[]"),
    ],
)
def test_canonical_text_has_one_form(type_name, value, text):
    type_ = parse_type(type_name)
    frame = pl.DataFrame({"v": pl.Series([value, None], dtype=type_.polars)})
    assert frame.select(text_of(type_, pl.col("v")))["v"].to_list() == [text, None]


FRAME = {
    "i8": (pl.Series([-1, None], dtype=pl.Int8), ["-1", None], CellKind.NUMBER),
    "i128": (pl.Series([2**100, 0], dtype=pl.Int128), [str(2**100), "0"], CellKind.NUMBER),
    "u64": (pl.Series([2**64 - 1, 0], dtype=pl.UInt64), [str(2**64 - 1), "0"], CellKind.NUMBER),
    "f64": (pl.Series([float("nan"), 1e16]), ["NaN", "1e+16"], CellKind.NUMBER),
    "f64b": (pl.Series([float("inf"), -float("inf")]), ["inf", "-inf"], CellKind.NUMBER),
    "f32": (pl.Series([0.1, 0.5], dtype=pl.Float32), ["0.10000000149011612", "0.5"], CellKind.NUMBER),
    "dec": (pl.Series([Decimal("1.50"), None]), ["1.50", None], CellKind.NUMBER),
    "bool": (pl.Series([True, False]), ["true", "false"], CellKind.BOOLEAN),
    "str": (pl.Series(["x", None]), ["x", None], CellKind.TEXT),
    "cat": (pl.Series(["x", None], dtype=pl.Categorical), ["x", None], CellKind.TEXT),
    "enum": (pl.Series(["x", None], dtype=pl.Enum(["x"])), ["x", None], CellKind.TEXT),
    "null": (pl.Series([None, None]), [None, None], CellKind.TEXT),
    "date": (pl.Series([date(2026, 1, 1), None]), ["2026-01-01", None], CellKind.TEMPORAL),
    "datefar": (pl.Series([3_000_000, -800_000], dtype=pl.Int32).cast(pl.Date), ["3000000", "-800000"], CellKind.TEMPORAL),
    "ms": (pl.Series([1, 2**62]).cast(pl.Datetime("ms")), ["1970-01-01T00:00:00.001000", str(2**62)], CellKind.TEMPORAL),
    "us": (pl.Series([0, -1]).cast(pl.Datetime("us", "UTC")), ["1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z"], CellKind.TEMPORAL),
    "ns": (pl.Series([1, None]).cast(pl.Datetime("ns", "Europe/Moscow")), ["1970-01-01T00:00:00.000000001Z", None], CellKind.TEMPORAL),
    "time": (pl.Series([time(1, 2, 3), time(1, 2, 3, 4)]), ["01:02:03", "01:02:03.000004"], CellKind.TEMPORAL),
    "dur": (pl.Series([timedelta(days=1), None]), ["P1D", None], CellKind.TEMPORAL),
    "list": (pl.Series([[1.5, None], []]), ["[1.5,null]", "[]"], CellKind.ARRAY),
    "nested": (pl.Series([[["a"], None], None]), ['[["a"],null]', None], CellKind.ARRAY),
    "array": (pl.Series([[1, 2], None], dtype=pl.Array(pl.Int8, 2)), ["[1,2]", None], CellKind.ARRAY),
    "struct": (
        pl.Series([{"a": 'x"', "b": [{"c": date(2026, 1, 1)}]}, None]),
        ['{"a":"x\\"","b":[{"c":"2026-01-01"}]}', None],
        CellKind.OBJECT,
    ),
}  # fmt: skip


def test_the_table_of_typed_cells():
    cells, kinds = render_frame(pl.DataFrame({name: series for name, (series, _, _) in FRAME.items()}))
    assert {name: cells[name].to_list() for name in FRAME} == {name: texts for name, (_, texts, _) in FRAME.items()}
    assert kinds == {name: kind for name, (_, _, kind) in FRAME.items()}
    assert set(cells.dtypes) == {pl.String()}


@pytest.mark.parametrize(
    "series", [pl.Series([b"x"]), pl.Series([object()]), pl.Series([[b"x"]]), pl.Series([{"a": b"x"}])]
)
def test_columns_without_text_are_refused_by_name(series):
    with pytest.raises(TypeError, match="'photo'"):
        render_frame(pl.DataFrame({"photo": series}))


def test_frames_without_rows_or_columns():
    cells, kinds = render_frame(pl.DataFrame())
    assert (cells.shape, kinds) == ((0, 0), {})
    cells, _ = render_frame(pl.DataFrame({name: series for name, (series, _, _) in FRAME.items()}).clear())
    assert cells.shape == (0, len(FRAME))
    assert set(cells.dtypes) == {pl.String()}


@given(
    st.datetimes(),
    st.sampled_from(["ms", "us", "ns"]),
    st.sampled_from([None, "UTC", "Europe/Moscow", "America/New_York"]),
)
def test_typed_datetimes_keep_their_moment(moment, unit, zone):
    if unit == "ns":
        moment = moment.replace(year=1700 + moment.year % 500)
    if moment.year in {1, 9999}:
        moment = moment.replace(year=2000)
    column = pl.Series("v", [moment]).dt.cast_time_unit(unit)
    column = column if zone is None else column.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    cells, kinds = render_frame(column.to_frame())
    caster = cast(parse_type("datetime"), CastOptions(formats=("%d.%m.%Y %H",)))
    back = cells.select(caster.expression(pl.col("v"), pl.lit(kinds["v"], dtype=pl.UInt8)))["v"]
    expected = (
        column.dt.cast_time_unit("us").dt.replace_time_zone("UTC")
        if zone is None
        else column.dt.cast_time_unit("us").dt.convert_time_zone("UTC")
    )
    assert back.to_list() == expected.to_list()
