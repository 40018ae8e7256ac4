"""CSV: RFC 4180, line feeds, and a null that is not an empty string."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.dtypes.types import BOOLEAN, DATE, DATETIME, INTEGER, NUMBER, OBJECT, STRING, Type, decimal, list_of
from dq.errors import InternalError
from dq.sinks.csv import CsvWriter
from dq.sinks.file import OutputFile

FIELDS = {
    "s": STRING, "i": INTEGER, "d": decimal(12, 2), "f": NUMBER, "b": BOOLEAN, "day": DATE, "at": DATETIME,
    "l": list_of(INTEGER), "o": OBJECT, 'a,"b': STRING,
}  # fmt: skip


def write(path, fields: dict[str, Type], *batches: list[dict]) -> bytes:
    writer = CsvWriter(OutputFile(path), fields)
    schema = {name: kind.polars for name, kind in fields.items()}
    for rows in batches:
        writer.write(pl.DataFrame(rows, schema=schema, orient="row"))
    assert writer.close() == sum(map(len, batches))
    return path.read_bytes()


def test_the_text_of_rows(tmp_path):
    row = {
        "s": 'say "hi", you\r\n', "i": -5, "d": Decimal("1.50"), "f": 1e300, "b": False, "day": date(2026, 1, 2),
        "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "l": [1, None], "o": '{"a":1}', 'a,"b': "",
    }  # fmt: skip
    data = write(tmp_path / "x", FIELDS, [row], [dict.fromkeys(FIELDS)])
    assert data == (
        b's,i,d,f,b,day,at,l,o,"a,""b"\n'
        b'"say ""hi"", you\r\n",-5,1.50,1e+300,false,2026-01-02,2026-01-02T03:04:05Z,"[1,null]","{""a"":1}",""\n'
        b",,,,,,,,,\n"
    )


TEXT = st.text(st.characters(codec="utf-8"), max_size=6) | st.text('",\r\n \t', max_size=4)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.none() | TEXT, st.none() | TEXT), max_size=5))
def test_every_text_comes_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("x") / "x"
    data = write(path, {"a": STRING, "b": STRING}, [{"a": a, "b": b} for a, b in rows])
    assert data.count(b"\n", 0, 4) == 1
    with path.open(encoding="utf-8", newline="") as file:
        header, *read = csv.reader(file, lineterminator="\n", strict=True)
    assert header == ["a", "b"]
    assert read == [[a or "", b or ""] for a, b in rows]
    again = pl.read_csv(path, infer_schema=False, glob=False)
    assert again.rows() == rows


def test_header_only(tmp_path):
    assert write(tmp_path / "x", {"a": STRING, "b": INTEGER}) == b"a,b\n"
    assert write(tmp_path / "y", {"a": STRING, "b": INTEGER}, []) == b"a,b\n"


def test_no_column_is_our_bug(tmp_path):
    with pytest.raises(InternalError):
        CsvWriter(OutputFile(tmp_path / "x"), {})


def test_abort_leaves_the_file_unfinished(tmp_path):
    file = OutputFile(tmp_path / "x")
    writer = CsvWriter(file, {"s": STRING})
    writer.abort()
    assert file.closed
    assert file.rows is None
