"""Casts: every line of the table of what Polars accepts silently, and the laws."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dq.dtypes.cast import CastOptions, cast
from dq.dtypes.temporal import TimezoneError
from dq.dtypes.types import CellKind, parse_type

TEXT, NUMBER, BOOLEAN, ARRAY, OBJECT, TEMPORAL = CellKind


def read(type_name, texts, kind=None, **options):
    """The values of cells, all of one kind or each of its own."""
    caster = cast(parse_type(type_name), CastOptions(**options))
    frame = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})
    column = None
    if kind is not None:
        kinds = kind if isinstance(kind, list) else [kind] * len(texts)
        frame = frame.with_columns(kind=pl.Series(kinds, dtype=pl.UInt8))
        column = pl.col("kind")
    series = frame.select(caster.expression(pl.col("text"), column))["text"]  # the column keeps its name
    assert series.dtype == parse_type(type_name).polars
    assert len(series) == len(texts)
    return series.to_list()


def refused(type_name, *texts, kind=None, **options):
    """Whether every one of the cells is refused."""
    return read(type_name, list(texts), kind, **options) == [None] * len(texts)


# ---- what Polars accepts silently


def test_integer_text_has_one_form():
    assert refused(
        "integer", "+5", "00501", "-0", "1.0", "1e2", " 5", "5 ", "1_000", "0x10", "٣", "", "9223372036854775808", "5\n"
    )
    assert read("integer", ["0", "-7", "9223372036854775807", "-9223372036854775808", None]) == [
        0,
        -7,
        2**63 - 1,
        -(2**63),
        None,
    ]


def test_number_text_is_finite_and_keeps_its_digits():
    assert refused(
        "number",
        "inf",
        "Infinity",
        "-inf",
        "nan",
        "NaN",
        "1e400",
        "-1e400",
        "1e-400",
        ".5",
        "5.",
        "+5",
        "00501",
        "1,5",
        "5\n",
    )
    assert refused("number", "9007199254740993", "-9007199254740993", "9" * 400, "0." + "0" * 400 + "1")
    assert read("number", ["9007199254740992", "-9007199254740992", "0e-999", "1e16", "0.1", "5e-324"]) == [
        2.0**53,
        -(2.0**53),
        0.0,
        1e16,
        0.1,
        5e-324,
    ]


def test_decimal_text_is_never_rounded():
    assert refused(
        "decimal(12,2)",
        "1.005",
        "1.000",
        "1e-400",
        "1e5",
        "+5",
        ".5",
        "5.",
        "12345678901",
        "12345678901.0",
        "inf",
        "5\n",
    )
    assert read("decimal(12,2)", ["1.5", "-0.05", "1234567890.12"]) == [
        Decimal("1.50"),
        Decimal("-0.05"),
        Decimal("1234567890.12"),
    ]
    assert read("decimal(2,2)", ["0.12", "1.12"]) == [Decimal("0.12"), None]
    assert read("decimal(3,0)", ["999", "1000", "1.0"]) == [Decimal(999), None, None]
    assert read("decimal(38,0)", ["9" * 38, "9" * 39]) == [Decimal("9" * 38), None]


def test_a_boolean_is_a_word():
    words = ["TRUE", "1", "Yes", "t", "Y", "false", "0", "NO", "f", "n"]
    assert read("boolean", words) == [True] * 5 + [False] * 5
    assert refused("boolean", "", "2", "on", " true", "1.0", "truе")
    assert read("boolean", ["ДА", "нет", "yes"], true_words=("да",), false_words=("Нет",)) == [True, False, None]


@pytest.mark.parametrize(
    "text",
    [
        "01.02.26",
        " 01.02.2026",
        "01. 2.2026",
        "01.02.+2026",
        "01.02.-2026",
        "30.02.2026",
        "01.02.0000",
        "01.02.2026\n",
        "０1.02.2026",
    ],
)
def test_date_format_is_exact(text):
    assert refused("date", text, formats=("%d.%m.%Y",))


def test_date_format_takes_one_digit_or_two():
    assert read("date", ["1.2.2026", "01.02.2026"], formats=("%d.%m.%Y",)) == [date(2026, 2, 1)] * 2


@pytest.mark.parametrize("text", ["01.02.202603:04", "01.02.2026  03:04", "01.02.2026\t03:04", "01.02.2026 3:60"])
def test_datetime_format_is_exact(text):
    assert refused("datetime", text, formats=("%d.%m.%Y %H:%M",))
    assert not refused("datetime", "01.02.2026 3:4", formats=("%d.%m.%Y %H:%M",))


def test_second_sixty_does_not_exist():
    assert refused("datetime", "01.02.2026 03:04:60", formats=("%d.%m.%Y %H:%M:%S",))
    assert refused("datetime", "01.02.2026 03:04:60.5", formats=("%d.%m.%Y %H:%M:%S.%f",))
    assert refused("time", "03:04:60", formats=("%H:%M:%S",))


def test_digits_that_touch_are_of_fixed_width():
    assert refused("date", "2026111", "0261101", formats=("%Y%m%d",))
    assert read("date", ["20261101"], formats=("%Y%m%d",)) == [date(2026, 11, 1)]


def iso(values):
    """Datetimes as text, for reading."""
    return [None if value is None else value.isoformat() for value in values]


def test_rfc3339():
    texts = [
        "2026-11-01T10:00:00Z", "2026-11-01t10:00:00z", "2026-11-01 10:00:00+03:00", "2026-11-01T10:00:00.5-00:30",
        "2026-11-01T10:00:00.123456Z", "2026-11-01T10:00:00.000001+00:00",
    ]  # fmt: skip
    assert iso(read("datetime", texts)) == [
        "2026-11-01T10:00:00+00:00", "2026-11-01T10:00:00+00:00", "2026-11-01T07:00:00+00:00", "2026-11-01T10:30:00.500000+00:00",
        "2026-11-01T10:00:00.123456+00:00", "2026-11-01T10:00:00.000001+00:00",
    ]  # fmt: skip
    assert refused(
        "datetime", "2026-11-01T10:00:60Z", "2026-11-01T24:00:00Z", "2026-11-01T10:00Z", "2026-11-01T10:00:00", "2026-11-01",
        "2026-11-01T10:00:00.1234567Z", "2026-11-01T10:00:00.Z", "2026-11-01T10:00:00+0300", "2026-11-01T10:00:00 +03:00",
        "2026-11-01T10:00:00\u221203:00", "2026-11-01T10:00:00+24:00", "2026-02-30T10:00:00Z", "2026-1-01T10:00:00Z",
        "2026-11-01T10:00:00Z ", "0001-01-01T00:00:00+03:00", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00Z",
    )  # fmt: skip


def test_a_finer_fraction_is_cut_only_if_declared():
    texts = ["2026-11-01T10:00:00.123456789Z", "2026-11-01 10:00:00.1234569+03:00"]
    assert refused("datetime", *texts)
    assert iso(read("datetime", texts, precision="truncate")) == [
        "2026-11-01T10:00:00.123456+00:00",
        "2026-11-01T07:00:00.123456+00:00",
    ]
    assert refused("datetime", "2026-11-01 10:00:00.1234567", formats=("%Y-%m-%d %H:%M:%S.%f",))
    assert iso(
        read("datetime", ["2026-11-01 10:00:00.1234567"], formats=("%Y-%m-%d %H:%M:%S.%f",), precision="truncate")
    ) == ["2026-11-01T10:00:00.123456+00:00"]


def test_local_times_that_are_missing_or_double():
    texts = ["2026-03-29 02:30", "2026-10-25 02:30", "2026-07-01 12:00"]
    options = {"formats": ("%Y-%m-%d %H:%M",), "timezone": "Europe/Berlin"}
    assert iso(read("datetime", texts, **options)) == [None, None, "2026-07-01T10:00:00+00:00"]
    assert iso(read("datetime", texts, ambiguous="earliest", **options))[:2] == [None, "2026-10-25T00:30:00+00:00"]
    assert iso(read("datetime", texts, ambiguous="latest", **options))[:2] == [None, "2026-10-25T01:30:00+00:00"]


def test_epochs_are_declared_whole_numbers():
    assert iso(read("datetime", ["1762000000", "-1", "0"], formats=("epoch_s",))) == [
        "2025-11-01T12:26:40+00:00",
        "1969-12-31T23:59:59+00:00",
        "1970-01-01T00:00:00+00:00",
    ]
    assert iso(read("datetime", ["1762000000123"], NUMBER, formats=("epoch_ms",))) == [
        "2025-11-01T12:26:40.123000+00:00"
    ]
    assert iso(read("datetime", ["1762000000123456"], formats=("epoch_us",))) == ["2025-11-01T12:26:40.123456+00:00"]
    assert refused(
        "datetime",
        "1762000000000",
        "1.5",
        "1e9",
        "-0",
        "+1",
        "01",
        "253402300800",
        "-62135596801",
        "9" * 30,
        formats=("epoch_s",),
    )
    assert refused("datetime", "1762000000")


def test_the_first_format_that_takes_a_text_reads_it():
    texts = ["02/01/2026", "13/01/2026", "01/13/2026", "2026-01-02", "x", None]
    day_first = read("date", texts, formats=("%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"))
    assert day_first == [date(2026, 1, 2), date(2026, 1, 13), date(2026, 1, 13), date(2026, 1, 2), None, None]


def test_times():
    assert [str(each) for each in read("time", ["10:00:00", "23:59:59.5"])] == ["10:00:00", "23:59:59.500000"]
    assert refused("time", "24:00:00", "10:00", "10:00:60", "1:00:00", "10:00:00.1234567", "10:00:00Z")
    assert [str(each) for each in read("time", ["9:05 pm", "12:00 AM"], formats=("%I:%M %p",))] == [
        "21:05:00",
        "00:00:00",
    ]


def test_durations():
    micro = timedelta(microseconds=1)
    values = ["P1D", "PT0S", "-PT1.5S", "P2W", "P1DT2H3M4.000001S", "24h", "15m", "30s", "500ms", "7d", "-1h"]
    assert [each / micro for each in read("duration", values)] == [
        86_400e6, 0, -1.5e6, 14 * 86_400e6, 93_784_000_001, 86_400e6, 900e6, 30e6, 500e3, 7 * 86_400e6, -3600e6,
    ]  # fmt: skip
    assert refused(
        "duration",
        "P",
        "PT",
        "-P",
        "P1DT",
        "P1Y",
        "P1M",
        "PT1.5H",
        "PT1.1234567S",
        "1 h",
        "1.5h",
        "24H",
        "P999999999999D",
        "24",
        "P1W2D",
        "24h\n",
    )


# ---- kinds


def test_numbers_are_judged_by_value():
    assert read("integer", ["1.0", "1e2", "-0", "-0.0", "100e-2", "1.5E1", "9223372036854775807.0", "5"], NUMBER) == [
        1,
        100,
        0,
        0,
        1,
        15,
        2**63 - 1,
        5,
    ]
    assert refused(
        "integer",
        "1.5",
        "1e-2",
        "1e19",
        "1e999999999",
        "1e-999999999",
        "9223372036854775808",
        "NaN",
        "inf",
        kind=NUMBER,
    )
    assert read("integer", ["0e999999999", "1e+0000000002"], NUMBER) == [0, 100]
    assert read("decimal(12,2)", ["1.500", "1e5", "-1.5e-1", "0e999999999", "1e9"], NUMBER) == [
        Decimal("1.50"), Decimal("100000.00"), Decimal("-0.15"), Decimal("0.00"), Decimal("1e9")]  # fmt: skip
    assert refused("decimal(12,2)", "1.005", "1e10", "1e-3", "1e999999999", "NaN", kind=NUMBER)
    assert refused("number", "NaN", "inf", "1e400", kind=NUMBER)


def test_marks_are_of_text_only():
    marks = {"decimal_mark": ",", "thousands": " "}
    assert read("number", ["1 234,5", "1.5"], [TEXT, NUMBER], **marks) == [1234.5, 1.5]
    assert refused("number", "1.5", "12 34", "1 2345", " 123", "1 234 5", "1,5,5", "0 123", **marks)
    assert read("integer", ["1 234", "12345", "-1 234 567"], **marks) == [1234, 12345, -1234567]
    assert read("decimal(12,2)", ["1 234,50", "1,505"], **marks) == [Decimal("1234.50"), None]
    assert read("number", ["1'234.5", "1,5"], thousands="'") == [1234.5, None]


def test_every_type_refuses_the_kinds_that_it_does_not_know():
    kinds = [TEXT, NUMBER, BOOLEAN, ARRAY, OBJECT, TEMPORAL]
    assert read("integer", ["1"] * 6, kinds) == [1, 1, None, None, None, None]
    assert read("number", ["1"] * 6, kinds) == [1.0, 1.0, None, None, None, None]
    assert read("decimal(3,1)", ["1"] * 6, kinds) == [Decimal(1), Decimal(1), None, None, None, None]
    assert read("boolean", ["true", "1", "true", "true", "true", "true"], kinds) == [True, True, True, None, None, None]
    assert read("boolean", ["yes"] * 3, [TEXT, NUMBER, BOOLEAN]) == [True, None, None]
    assert read("string", ["x"] * 6, kinds) == ["x", "x", "x", None, None, "x"]
    assert read("date", ["2026-01-01"] * 6, kinds) == [
        date(2026, 1, 1),
        date(2026, 1, 1),
        None,
        None,
        None,
        date(2026, 1, 1),
    ]
    assert read("duration", ["PT1S"] * 6, kinds) == [timedelta(seconds=1)] + [None] * 4 + [timedelta(seconds=1)]
    assert read("object", ["{}"] * 6, kinds) == ["{}", None, None, None, "{}", None]
    assert read("list<integer>", ["[1]"] * 6, kinds) == [[1], None, None, [1], None, None]


def test_typed_times_are_read_whatever_the_formats():
    options = {"formats": ("%d.%m.%Y %H:%M",), "timezone": "Europe/Moscow"}
    texts = ["2026-01-01T00:00:00", "2026-01-01T00:00:00.5Z", "01.01.2026 00:00"]
    assert iso(read("datetime", texts, TEMPORAL, **options)) == [
        "2025-12-31T21:00:00+00:00",
        "2026-01-01T00:00:00.500000+00:00",
        None,
    ]
    assert iso(read("datetime", texts, TEXT, **options)) == [None, None, "2025-12-31T21:00:00+00:00"]


# ---- lists and objects


def test_lists_fail_as_a_whole_and_keep_nulls():
    texts = ["[1,2]", "[]", "[1,null]", '["3"]', "[1.0]", "[1,1.5]", '["1.0"]', "[1", "1", '{"a":1}', "[[1]]", None]
    assert read("list<integer>", texts) == [[1, 2], [], [1, None], [3], [1]] + [None] * 7
    assert read("list<string>", ['["a",1.10,true]', '[{"a":1}]', "[[1]]"]) == [["a", "1.10", "true"], None, None]
    assert read("list<object>", ['[{"a": 1.10}, null]', "[1]"]) == [['{"a":1.10}', None], None]


def test_a_declared_separator_splits_text_cells_only():
    assert read("list<integer>", ["1;2", "1", "1;x", "[1]"], separator=";") == [[1, 2], [1], None, None]
    assert read("list<integer>", ["[1,2]", "1;2"], ARRAY, separator=";") == [[1, 2], None]


def test_objects_keep_keys_and_digits():
    text = ' {"b" : 1.10, "a": [1E5, 12345678901234567890123, {"\\u00e9": null}], "t": true}'
    assert read("object", [text]) == ['{"b":1.10,"a":[1E5,12345678901234567890123,{"é":null}],"t":true}']
    deep = '{"a":' * 64 + "1" + "}" * 64
    assert read("object", [deep, '{"a":' + deep + "}"]) == [deep, None]
    assert refused(
        "object", '{"a":1,"a":2}', '{"x":{"a":1,"a":2}}', "[1]", "null", '{"a":NaN}', '{"a":"\\ud800"}', '{"a":1}x', ""
    )


# ---- options that cannot be


@pytest.mark.parametrize(
    ("type_name", "options", "words"),
    [
        ("number", {"decimal_mark": ",", "thousands": ","}, "the same"),
        ("number", {"decimal_mark": "5"}, "a mark"),
        ("integer", {"thousands": "''"}, "a mark"),
        ("boolean", {"true_words": ("a",), "false_words": ("A",)}, "both"),
        ("boolean", {"true_words": ("a",)}, "needed"),
        ("date", {"formats": ("%y-%m-%d",)}, "century"),
        ("datetime", {"timezone": "Europe/Moskow"}, "no time zone"),
        ("list<string>", {"separator": ""}, "separator"),
    ],
)
def test_options_are_judged_when_compiled(type_name, options, words):
    with pytest.raises(ValueError, match=words):
        cast(parse_type(type_name), CastOptions(**options))


def test_an_unknown_zone_has_an_error_of_its_own():
    with pytest.raises(TimezoneError):
        cast(parse_type("datetime"), CastOptions(timezone="+03:00:00:00"))


def test_casts_say_what_they_expect():
    assert cast(parse_type("integer")).expected == "an integer"
    assert (
        cast(parse_type("datetime"), CastOptions(formats=("rfc3339", "%d.%m.%Y %H:%M"))).expected
        == "a datetime in one of: rfc3339, %d.%m.%Y %H:%M"
    )


@pytest.mark.parametrize(
    "type_name",
    [
        "string",
        "integer",
        "number",
        "decimal(5,2)",
        "boolean",
        "date",
        "time",
        "datetime",
        "duration",
        "object",
        "list<date>",
    ],
)
def test_empty_chunks_and_null_cells(type_name):
    assert read(type_name, []) == []
    assert read(type_name, [], []) == []
    assert read(type_name, [None, None]) == [None, None]
    assert read(type_name, [None, None], [TEXT, NUMBER]) == [None, None]


# ---- laws

LITERAL = st.from_regex(r"-?[0-9]{0,25}(\.[0-9]{0,6})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)


@settings(max_examples=50)
@given(st.lists(LITERAL, min_size=1, max_size=20), st.sampled_from([TEXT, NUMBER]))
@example(["1e-3", "10e-1", "0.30", "-0.0"], NUMBER)
def test_a_cast_never_changes_the_meaning(texts, kind):
    for text, value in zip(texts, read("integer", texts, kind), strict=True):
        assert value is None or value == Decimal(text)
    for text, value in zip(texts, read("decimal(18,3)", texts, kind), strict=True):
        assert value is None or value == Decimal(text)
    for text, value in zip(texts, read("number", texts, kind), strict=True):
        assert value is None or value == float(text)


@settings(max_examples=25)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_what_is_read_never_depends_on_the_neighbours(texts):
    for name in ("integer", "number", "boolean", "date", "datetime", "duration", "list<integer>", "object"):
        assert read(name, texts) == [read(name, [text])[0] for text in texts]
