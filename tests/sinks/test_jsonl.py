"""JSON Lines: every value comes back exactly, whatever it holds."""

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.dtypes.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    INTEGER,
    NUMBER,
    OBJECT,
    STRING,
    TIME,
    Type,
    decimal,
    list_of,
)  # fmt: skip
from dq.errors import InternalError
from dq.sinks import jsonl
from dq.sinks.file import OutputFile
from dq.sinks.jsonl import JsonLinesWriter, LineForm

DECIMAL = decimal(12, 2)
FIELDS = {
    "s": STRING, "i": INTEGER, "d": DECIMAL, "f": NUMBER, "b": BOOLEAN, "o": OBJECT, "day": DATE, "at": DATETIME,
    "clock": TIME, "span": DURATION, "ls": list_of(STRING), "ld": list_of(DECIMAL), "lo": list_of(OBJECT),
    "la": list_of(DATETIME), "li": list_of(INTEGER), 'quo"te\n': STRING, "поле": INTEGER,
}  # fmt: skip


def frame_of(fields: dict[str, Type], rows: list[dict]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={name: kind.polars for name, kind in fields.items()}, orient="row")


def write(path, fields: dict[str, Type], *frames: pl.DataFrame) -> list[str]:
    writer = JsonLinesWriter(OutputFile(path), fields)
    for frame in frames:
        writer.write(frame)
    assert writer.close() == sum(frame.height for frame in frames)
    *lines, last = path.read_bytes().decode().split("\n")
    assert last == ""
    return lines


def test_the_text_of_a_row(tmp_path):
    row = {
        "s": 'a"b\\\n\x00é', "i": -(2**63), "d": Decimal("1.50"), "f": 0.1, "b": True, "o": '{"a":[1,null]}',
        "day": date(2026, 1, 2), "at": datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC), "clock": time(1, 2, 3),
        "span": timedelta(hours=1), "ls": ["x", None, 'y"'], "ld": [Decimal("0.10"), None], "lo": ['{"b":2}', "[1]"],
        "la": [datetime(2026, 1, 2, tzinfo=UTC), None], "li": [1, None], 'quo"te\n': "", "поле": 7,
    }  # fmt: skip
    empty = dict.fromkeys(FIELDS)
    first, second = write(tmp_path / "x", FIELDS, frame_of(FIELDS, [row, empty]))
    assert first == (
        '{"s":"a\\"b\\\\\\n\\u0000é","i":-9223372036854775808,"d":1.50,"f":0.1,"b":true,"o":{"a":[1,null]},'
        '"day":"2026-01-02","at":"2026-01-02T03:04:05.000600Z","clock":"01:02:03","span":"PT1H",'
        '"ls":["x",null,"y\\""],"ld":[0.10,null],"lo":[{"b":2},[1]],"la":["2026-01-02T00:00:00Z",null],"li":[1,null],'
        '"quo\\"te\\n":"","поле":7}'
    )
    assert json.loads(second) == empty
    assert list(json.loads(second)) == list(FIELDS)


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = {
    "s": TEXT, "i": st.integers(-(2**63), 2**63 - 1), "f": st.floats(allow_nan=False, allow_infinity=False),
    "d": st.decimals(Decimal("-9999999999.99"), Decimal("9999999999.99"), places=2), "b": st.booleans(),
    "ls": st.lists(st.none() | TEXT, max_size=3),
    "o": st.recursive(st.none() | TEXT, lambda inner: st.dictionaries(TEXT, inner, max_size=2), max_leaves=3),
}  # fmt: skip


@settings(max_examples=150)
@given(rows=st.lists(st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()}), max_size=6))
def test_every_value_comes_back(tmp_path_factory, rows):
    fields = {name: FIELDS[name] for name in VALUES}
    stored = [row | {"o": orjson.dumps(row["o"]).decode()} for row in rows]
    frame = frame_of(fields, stored)
    lines = write(tmp_path_factory.mktemp("x") / "x", fields, frame.head(2), frame.slice(2))
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        read = json.loads(line, parse_float=lambda text: text)
        orjson.loads(line)
        assert list(read) == list(fields)
        assert (read["s"], read["i"], read["b"], read["ls"]) == (row["s"], row["i"], row["b"], row["ls"])
        assert read["o"] == row["o"]
        assert read["d"] == (None if row["d"] is None else f"{row['d']:.2f}".replace("-0.00", "0.00"))
        if row["f"] is None:
            assert read["f"] is None
        else:
            assert float(read["f"]) == row["f"]
            assert math.copysign(1, float(read["f"])) == math.copysign(1, row["f"])


@pytest.mark.parametrize("left_out", [set(), {"d", "o"}], ids=["with embedded values", "without"])
@settings(max_examples=60)
@given(rows=st.lists(st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()}), max_size=6))
def test_few_rows_and_many_are_written_alike(left_out, rows):
    fields = {name: FIELDS[name] for name in VALUES if name not in left_out}
    stored = [{name: row[name] for name in fields} | ({"o": "{}"} if "o" in fields else {}) for row in rows]
    frame, form = frame_of(fields, stored), LineForm(fields)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "_FEW_ROWS", -1)
        many = bytes(form.lines(frame))
    assert bytes(form.lines(frame)) == many


def test_one_column_and_no_rows(tmp_path):
    assert write(tmp_path / "a", {"d": DECIMAL}, frame_of({"d": DECIMAL}, [{"d": None}])) == ['{"d":null}']
    assert write(tmp_path / "b", {"s": STRING}, frame_of({"s": STRING}, [])) == []
    assert write(tmp_path / "c", {"s": STRING}) == []


def test_the_bytes_do_not_depend_on_the_frames_that_come_in(tmp_path):
    rows = [{"s": f"v{i}\n", "d": Decimal(i), "i": None} for i in range(50)]
    fields = {name: FIELDS[name] for name in ("s", "d", "i")}
    frame = frame_of(fields, rows)
    assert write(tmp_path / "a", fields, frame) == write(
        tmp_path / "b", fields, *(frame.slice(i, 7) for i in range(0, 50, 7))
    )


def test_no_field_is_our_bug(tmp_path):
    with pytest.raises(InternalError):
        JsonLinesWriter(OutputFile(tmp_path / "x"), {})


def test_abort_leaves_the_file_unfinished(tmp_path):
    file = OutputFile(tmp_path / "x")
    writer = JsonLinesWriter(file, {"s": STRING})
    writer.abort()
    writer.abort()
    assert file.closed
    assert file.rows is None
