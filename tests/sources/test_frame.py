"""Frames and records in memory."""

import datetime as dt
import json
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from dq.errors import SourceError
from dq.sources.base import KIND_SUFFIX, UNKNOWN_COLUMN, Dialect
from dq.sources.frame import FrameReader, IterableReader


def dialect(fields, form="frame", **options):
    return Dialect(name="s", format=form, fields=fields, **options)


def whole(reader):
    """Return the rows, the raw texts and the unreadable records of a reader."""
    rows, raws, unreadable = [], [], []
    for chunk in reader.chunks():
        assert (chunk.offset, chunk.length) == (None, None)
        assert chunk.raws.lines(np.arange(1)) is None
        rows += chunk.cells.to_dicts()
        raws += chunk.raws.raw(np.arange(len(chunk.record)))
        unreadable += chunk.unreadable
    return rows, raws, unreadable


def test_typed_cells_become_text_with_their_kinds():
    frame = pl.DataFrame(
        {
            "n": [1, None],
            "f": [0.1, float("nan")],
            "b": [True, None],
            "d": [dt.date(2026, 11, 1), None],
            "l": [[1, 2], None],
            "t": ["é", None],
        }
    )
    rows, raws, _ = whole(FrameReader(dialect({name: name for name in frame.columns}), frame))
    assert [rows[0][name] for name in frame.columns] == ["1", "0.1", "true", "2026-11-01", "[1,2]", "é"]
    assert [rows[0].get(name + KIND_SUFFIX) for name in frame.columns] == [1, 1, 2, 5, 3, None]
    assert [rows[1].get(name + KIND_SUFFIX) for name in frame.columns] == [0, 1, 0, 0, 0, None]
    assert json.loads(raws[0]) == {"n": 1, "f": 0.1, "b": True, "d": "2026-11-01", "l": [1, 2], "t": "é"}
    assert json.loads(raws[1])["f"] == "NaN"


def test_struct_fields_by_dotted_path_and_names_with_dots():
    frame = pl.DataFrame({"c": [{"email": "e", "tags": ["x"]}, None], "a.b": ["1", "2"]})
    rows, _, _ = whole(
        FrameReader(dialect({"email": "c.email", "tag": "c.tags[0]", "second": "c.tags[1]", "ab": "a.b"}), frame)
    )
    assert rows == [
        {"email": "e", "tag": "x", "second": None, "ab": "1"},
        {"email": None, "tag": None, "second": None, "ab": "2"},
    ]


def test_absent_and_extra_columns():
    frame = pl.DataFrame({"a": ["1", "2"], "x": [b"\x00", None]})
    reader = FrameReader(dialect({"a": "a", "z": "z", "y": "a.y"}, keep_unknown=True), frame, chunk_records=1)
    rows, raws, _ = whole(reader)
    assert rows[0] == {"a": "1", "z": None, "y": None, UNKNOWN_COLUMN: '{"x":"AA=="}'}
    assert rows[1][UNKNOWN_COLUMN] is None
    assert raws[1] == b'{"a":"2","x":null}'
    account = reader.account
    assert (account.absent, account.unknown, account.records, account.refused) == (("z", "y"), {"x": 2}, 2, None)
    assert account.present == {"a": 2, "z": 0, "y": 0}


def test_an_absent_required_column_refuses_the_source_once():
    reader = FrameReader(dialect({"a": "a", "z": "Z"}, required=frozenset({"z"})), pl.DataFrame({"a": [1, 2]}))
    assert list(reader.chunks()) == []
    assert reader.account.refused == ("source.missing_column", "required columns are absent: Z")
    assert reader.account.records == 0


def test_a_claimed_column_without_text_is_a_source_error():
    with pytest.raises(SourceError, match="'a'"):
        whole(FrameReader(dialect({"a": "a"}), pl.DataFrame({"a": [b"x"]})))


def test_python_values_become_cells():
    moscow = dt.timezone(dt.timedelta(hours=3))
    values = [
        "text", 5, -0.0, 1.5, True, None, [1.0, None, dt.date(2026, 1, 2)], {"k": Decimal("1.10")},
        Decimal("1E+5"), dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, tzinfo=moscow), dt.datetime(2026, 1, 2, 3, 4, 5, 6),  # noqa: DTZ001 - a naive one is what is tested
        dt.time(1, 2, 3), dt.timedelta(hours=1, seconds=1), 2**100,
    ]  # fmt: skip
    rows, raws, unreadable = whole(
        IterableReader(dialect({"a": "a"}), [{"a": value} for value in values], chunk_records=4)
    )
    assert unreadable == []
    assert [row["a"] for row in rows] == [
        "text", "5", "-0.0", "1.5", "true", None, '[1.0,null,"2026-01-02"]', '{"k":1.10}',
        "1E+5", "2026-01-02", "2026-01-02T00:00:00Z", "2026-01-02T03:04:05.000006",
        "01:02:03", "PT1H1S", str(2**100),
    ]  # fmt: skip
    kinds = [row.get("a" + KIND_SUFFIX, 0) for row in rows]
    assert kinds == [0, 1, 1, 1, 2, 0, 3, 4, 1, 5, 5, 5, 5, 5, 1]
    assert raws[7] == b'{"a":{"k":1.10}}'


class Opaque:
    """A type that no field can hold."""


@pytest.mark.parametrize(
    ("item", "code", "words"),
    [
        ({"a": float("nan")}, "not_finite", "NaN"),
        ({"a": [float("-inf")]}, "not_finite", "NaN"),
        ({"a": Decimal("NaN")}, "not_finite", "NaN"),
        ({"a": Opaque()}, "malformed", "type Opaque"),
        ({"a": (1,)}, "malformed", "type tuple"),
        ({1: "x"}, "malformed", "type int"),
        ({"a": "\ud800"}, "surrogate", "surrogate"),
        ({"\ud800": 1}, "surrogate", "surrogate"),
        ({"a": 10**5000}, "malformed", "digits"),
        ('{"a":"\ud800"}', "surrogate", "surrogate"),
        ("[1]", "not_object", "array"),
        (5, "not_object", "type int"),
        ("", "malformed", "white space"),
        (b'{"a":1', "malformed", "ends before"),
        (b'{"a":"' + b"x" * (1 << 20) + b'"}', "too_long", "longer"),
    ],
)
def test_one_bad_item_is_refused_alone(item, code, words):
    rows, _, unreadable = whole(IterableReader(dialect({"a": "a"}), [{"a": "x"}, item, b'{"a":"y"}\r\n']))
    assert [row["a"] for row in rows] == ["x", "y"]
    assert [(each.record, each.code) for each in unreadable] == [(2, f"unreadable.{code}")]
    assert words in unreadable[0].message


def test_a_circle_is_too_deep():
    circle = {}
    circle["a"] = [circle]
    reader = IterableReader(dialect({"a": "a"}), [circle])
    _, _, (unreadable,) = whole(reader)
    assert unreadable.code == "unreadable.too_deep"
    assert unreadable.raw == b'"<dict>"'


def test_texts_keep_negative_zero():
    rows, _, _ = whole(IterableReader(dialect({"a": "a"}), ['{"a":-0}', '{"a":"-0"}']))
    assert [row["a"] for row in rows] == ["-0", "-0"]
