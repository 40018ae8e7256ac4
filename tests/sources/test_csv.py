"""Headers, columns, encodings and accounts of the CSV reader."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.errors import SourceError
from dq.sources.base import UNKNOWN_COLUMN, Dialect, Span
from dq.sources.csv import CsvReader

from . import reference_csv as reference
from .test_csv_framing import NASTY, expected, flat, read, same


def scan(data, fields, *, block_size=1 << 20, chunk_records=100_000, columns=None, **changes):
    fields = fields if isinstance(fields, dict) else {name: name for name in fields}
    dialect = Dialect(name="", format="csv", fields=fields, **changes)
    reader = CsvReader(
        dialect, lambda: io.BytesIO(data), block_size=block_size, chunk_records=chunk_records, columns=columns
    )
    return reader, list(reader.chunks())


def rows(chunks):
    return [row for chunk in chunks for row in chunk.cells.rows()]


def test_columns_are_found_by_name_and_given_in_the_dialects_order():
    reader, chunks = scan(b"b,a,c\n1,2,3\n", {"x": "a", "y": "b", "z": "nowhere"})
    assert [chunk.cells.columns for chunk in chunks] == [["x", "y", "z"]]
    assert rows(chunks) == [("2", "1", None)]
    assert reader.account.absent == ("z",)
    assert reader.account.unknown == {"c": 1}
    assert reader.account.present == {"x": 1, "y": 1}
    assert reader.account.header == ("b", "a", "c")


@pytest.mark.parametrize("columns", [frozenset(), frozenset("y"), frozenset("zy")])
def test_a_narrow_scan_frames_and_judges_the_same(columns):
    data = b'a,b\n1,2\n3\n4,"5\n\xff,6\n'
    _, wide = scan(data, {"x": "a", "y": "b", "z": "q"})
    _, narrow = scan(data, {"x": "a", "y": "b", "z": "q"}, columns=columns)
    assert narrow[0].unreadable == wide[0].unreadable
    assert narrow[0].record.tolist() == wide[0].record.tolist() == [1]
    assert narrow[0].cells.to_dict(as_series=False) == wide[0].cells.select(
        name for name in ("x", "y", "z") if name in columns
    ).to_dict(as_series=False)


def test_unknown_columns_are_kept_as_json():
    _, chunks = scan('a,ключ,"q""r"\n1,я,"x""y"\n2,,\n'.encode(), ["a"], keep_unknown=True)
    texts = chunks[0].cells[UNKNOWN_COLUMN].to_list()
    assert [orjson.loads(text) for text in texts] == [{"ключ": "я", 'q"r': 'x"y'}, {"ключ": "", 'q"r': ""}]
    _, chunks = scan(b"a\n1\n", ["a"], keep_unknown=True)
    assert chunks[0].cells[UNKNOWN_COLUMN].to_list() == [None]


@pytest.mark.parametrize(
    ("data", "changes", "code"),
    [
        (b"", {}, "source.empty"),
        (b"\n\r\n", {}, "source.empty"),
        (b"a,b,a\n1,2,3\n", {}, "source.duplicate_header"),
        (b"b\n1\n", {"required": frozenset("a")}, "source.missing_column"),
        (b'a,"b\n1,2\n', {}, "source.header"),
        (b"a,\xff\n1,2\n", {}, "source.header"),
        (codecs.BOM_UTF16_LE + "a\n1\n".encode("utf-16-le"), {}, "source.bom"),
        (codecs.BOM_UTF8 + b"a\n1\n", {"encoding": "cp1251"}, "source.bom"),
        ("a\n1\n".encode("utf-16-le"), {"encoding": "utf-16"}, "source.bom"),
    ],
)
def test_a_source_that_cannot_serve_is_refused_once_and_counted(data, changes, code):
    reader, chunks = scan(data, ["a"], **changes)
    assert chunks == []
    assert reader.account.refused[0] == code
    assert (reader.account.records, reader.account.bytes) == (0, len(data))
    assert reader.account.sha256 == hashlib.sha256(data).hexdigest()


def test_a_refusal_names_the_column():
    reader, _ = scan(b"b\n1\n", {"a": "Номер"}, required=frozenset("a"))
    assert "'Номер'" in reader.account.refused[1]


def test_a_header_alone_is_zero_records():
    reader, chunks = scan(b"a,b\n", ["a", "b"])
    assert (reader.account.refused, reader.account.records) == (None, 0)
    assert chunks[0].cells.shape == (0, 2)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"x": "2", "y": "1"}, [("b", "a"), ("d", "c")]),
        ({"x": "p", "y": "q", "z": "r"}, [("a", "b", "1"), ("c", "d", "2")]),
    ],
)
def test_without_a_header_columns_go_by_number_or_by_order(fields, wanted):
    _, chunks = scan(b"\na,b,1\nc,d,2\n", fields, header=False)
    assert rows(chunks) == wanted


def test_names_may_be_declared():
    reader, chunks = scan(b"1,2\n", ["b"], header=("a", "b"))
    assert rows(chunks) == [("2",)]
    assert reader.account.unknown == {"a": 1}


def test_one_column_keeps_its_blank_lines():
    for data in (b"a\n\n\nx\n\n", b"a\r\r\rx\r\r", b'a\n\n""\nx\n""'):
        reader, chunks = scan(data, ["a"])
        assert rows(chunks) == [("",), ("",), ("x",), ("",)]
        assert reader.account.blank == 0


def test_a_mark_inside_the_data_is_data():
    text = "a,b\n\ufeffx,\ufeff\n"
    assert rows(scan(text.encode(), ["a", "b"])[1]) == [("\ufeffx", "\ufeff")]


@settings(max_examples=100)
@given(data=NASTY, skip=st.integers(0, 3), footer=st.integers(1, 3), block=st.sampled_from([1, 3, 1 << 20]))
def test_footers_agree_with_the_literal_framer(data, skip, footer, block):
    opt = reference.Options(header=2, skip_rows=skip, skip_footer=footer)
    same(flat(*read(data, opt, block)), expected(data, opt), data)


def test_a_footer_line_that_cannot_be_held_ends_the_run():
    with pytest.raises(SourceError, match="footer"):
        scan(b"a\n" + b"x" * 50, ["a"], skip_footer=1, max_record=20)


# -- encodings ---------------------------------------------------------------------------------------------------

TEXT = st.lists(st.sampled_from(['"', ",", "\n", "\r\n", "\r", "a", "я", "€", "😀", "\x00"]), max_size=30).map("".join)


@settings(max_examples=150)
@given(text=TEXT, encoding=st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]), mark=st.booleans(),
       block=st.sampled_from([1, 2, 3, 7, 1 << 20]))  # fmt: skip
def test_wide_encodings_frame_as_utf8_does_at_places_of_their_own(text, encoding, mark, block):
    raw = (("\ufeff" if mark else "") + text).encode(encoding)
    names = ["p", "q"]
    wide, chunks = scan(raw, names, header=tuple(names), encoding=encoding, block_size=block)
    narrow, others = scan(text.encode(), names, header=tuple(names), block_size=block)
    assert rows(chunks) == rows(others)
    assert wide.account.records == narrow.account.records
    pieces = [(0, 0)]
    for chunk in chunks:
        at = np.arange(len(chunk.record))
        for row, content in zip(at, chunk.raws.raw(at), strict=True):
            pieces.append((int(chunk.offset[row]), int(chunk.length[row])))
            assert raw[chunk.offset[row] :].startswith(content)
        pieces += [(bad.offset, bad.length) for bad in chunk.unreadable]
        pieces += [(span.offset, span.length) for span in chunk.spans]
        for bad in chunk.unreadable:
            whole = raw[bad.offset : bad.offset + bad.length]
            assert whole.startswith(bad.raw)
            assert whole.removeprefix(bad.raw).decode(encoding) in {"", "\n", "\r\n", "\r"}
    end = 0
    for offset, length in sorted(pieces):
        assert offset == end
        end += length
    assert end == len(raw)
    unread = [(bad.record, bad.code, bad.raw.decode(encoding)) for chunk in chunks for bad in chunk.unreadable]
    assert unread == [(bad.record, bad.code, bad.raw.decode()) for chunk in others for bad in chunk.unreadable]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_raw_text_has_no_line_end_whether_or_not_it_could_be_read_and_its_length_has(ending):
    lines = ["a,b", "1,x", "2,y,z", '3,"q"q', '4,"open', "5,\u00e9\\"]
    raw = "".join(line + ending for line in lines).encode()
    _, (chunk,) = scan(raw, ["a", "b"])
    found = dict(zip(chunk.record.tolist(), chunk.raws.raw(np.arange(len(chunk.record))), strict=True))
    found |= {bad.record: bad.raw for bad in chunk.unreadable}
    assert len(chunk.unreadable) == 3
    assert [found[number].decode() for number in range(1, 6)] == lines[1:]
    assert [bad.length for bad in chunk.unreadable] == [len(line + ending) for line in lines[2:5]]


@pytest.mark.parametrize("block", [1, 3, 1 << 20])
def test_half_a_pair_costs_its_record_alone(block):
    raw = "a,b\n1,x".encode("utf-16-le") + b"\x00\xd8" + "\n2,y\n".encode("utf-16-le") + b"z"
    _, chunks = scan(raw, ["a", "b"], encoding="utf-16-le", block_size=block)
    assert rows(chunks) == [("2", "y")]
    bad = [(bad.record, bad.offset, bad.code, bad.raw) for chunk in chunks for bad in chunk.unreadable]
    assert bad == [
        (1, 8, "unreadable.encoding", raw[8:16]),
        (3, 26, "unreadable.ragged", b"z"),
    ]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Номер;Ё"),
        ("koi8-r", "да;нет"),
        ("cp932", "表;ソ"),
        ("gb18030", "中;㐀"),
        ("big5", "功;許"),
        ("euc_jp", "表;漢"),
    ],
)
def test_declared_encodings_are_read_and_bad_bytes_refused(encoding, text):
    data = f"p;q\n{text}\n".encode(encoding) + b"\x81\n" + f"{text}\n".encode(encoding)
    _, chunks = scan(data, ["p", "q"], encoding=encoding, delimiter=";")
    assert rows(chunks) == [tuple(text.split(";"))] * 2
    assert [bad.record for bad in chunks[0].unreadable] == [2]


def test_bytes_that_cannot_be_decoded_cost_their_record_alone():
    _, chunks = scan(
        "p,q\n1,я\n2,\n".encode("cp1251").replace(b"2,", b"2,\x98") + b"3,z\n", ["p", "q"], encoding="cp1251"
    )
    assert rows(chunks) == [("1", "я"), ("3", "z")]
    assert [(bad.record, bad.code) for bad in chunks[0].unreadable] == [(2, "unreadable.encoding")]


def test_a_utf8_mark_is_a_span():
    for encoding in ("utf-8", "utf-8-sig"):
        reader, chunks = scan(codecs.BOM_UTF8 + b"a\n1\n", ["a"], encoding=encoding)
        assert rows(chunks) == [("1",)]
        assert chunks[0].spans == (Span("bom", 0, 3), Span("header", 3, 2))
        assert reader.account.bytes == 7


# -- compression -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 5, 1 << 20])
def test_what_follows_a_break_is_one_unreadable_rest(block):
    data = b"a,b\n" + b"".join(b"%d,%d\n" % (index, index * 7919 % 1000) for index in range(2000))
    stored = gzip.compress(data, mtime=0)
    stored = stored[: len(stored) // 2]
    reader, chunks = scan(stored, ["a", "b"], block_size=block)
    found = flat(reader, chunks)
    (rest,) = [bad for chunk in chunks for bad in chunk.unreadable]
    assert rest.code == "unreadable.rest"
    assert rest.record == len(found.records) + 1 == reader.account.records
    assert rest.raw == data[rest.offset : rest.offset + rest.length]
    assert b"\n" not in rest.raw
    assert data[rest.offset - 1 :].startswith(b"\n")
    assert [record[6] for record in found.records] == [
        tuple(line.decode().split(",")) for line in data[4 : rest.offset].splitlines()
    ]
    assert reader.account.bytes == rest.offset + rest.length
    assert reader.account.sha256 == hashlib.sha256(stored).hexdigest()


def test_a_break_at_a_records_end_is_still_told():
    data = gzip.compress(b"a\n1\n", mtime=0)[:-8] + b"\0" * 8
    _, chunks = scan(data, ["a"])
    assert rows(chunks) == [("1",)]
    assert [(bad.record, bad.offset, bad.length, bad.code) for bad in chunks[-1].unreadable] == [
        (2, 4, 0, "unreadable.rest")
    ]
