"""JSON Lines: framing, refusals, cells and the laws."""

import hashlib
import io
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.errors import SourceError
from dq.sources.base import KEPT_RAW, KIND_SUFFIX, UNKNOWN_COLUMN
from dq.sources.files import open_bytes

from .json_reading import assert_tiled, read

KIND = "a" + KIND_SUFFIX


def line(reading):
    """Return the only unreadable record."""
    (unreadable,) = reading.unreadable
    return unreadable


def test_lines_are_placed():
    data = b'\xef\xbb\xbf{"a":"1"}\r\n\n \t\r\n{"a":"2"}\n{"a":"3"}'
    reading = read("jsonl", data)
    assert [row["a"] for row in reading.rows] == ["1", "2", "3"]
    assert reading.places == [(1, 3, 11), (2, 19, 10), (3, 29, 9)]
    assert reading.raws == [b'{"a":"1"}', b'{"a":"2"}', b'{"a":"3"}']
    assert reading.lines == [1, 4, 5]
    assert [(span.kind, span.offset, span.length) for span in reading.spans] == [("bom", 0, 3), ("blank", 14, 5)]
    assert reading.account.blank == 2
    assert reading.account.sha256 == hashlib.sha256(data).hexdigest()
    assert_tiled(reading, len(data))


def test_a_lone_carriage_return_is_white_space():
    assert read("jsonl", b'{"a":\r"1"\r}\n').rows == [{"a": "1"}]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (b'{"a":1,}', "malformed", "character 7|character 8"),
        (b'{"a" 1}', "malformed", "delimiter at character 6"),
        (b'{"a":"secret', "malformed", "the record ends before it is complete"),
        (b'{"a":1} secret', "malformed", "extra data at character 9"),
        ('{"é":"é",x}'.encode(), "malformed", "at character 10"),
        (b'{"a":1,"a":2}', "duplicate_key", "twice in one object at character 12"),
        (b'{"b":[{"secret":1,"secret":2}]}', "duplicate_key", "twice"),
        (b'{"a":1,"\\u0061":2}', "duplicate_key", "twice"),
        (b'{"a":NaN}', "not_finite", "NaN or an infinity"),
        (b'{"a":[Infinity]}', "not_finite", "NaN or an infinity"),
        (b'{"a":-Infinity}', "not_finite", "NaN or an infinity"),
        (b'{"a":"\\ud800"}', "surrogate", "half of a surrogate pair"),
        (b'{"\\udc00":1}', "surrogate", "half of a surrogate pair"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "too_deep", "deeper than 64"),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "too_deep", "deeper than 64"),
        (b"[1]", "not_object", "an array"),
        (b"5", "not_object", "a number"),
        (b"1.50", "not_object", "a number"),
        (b'"secret"', "not_object", "a string"),
        (b"null", "not_object", "null"),
        (b"false", "not_object", "a boolean"),
        ('{"é":"'.encode() + b'\xff"}', "encoding", "character 7 are not utf-8"),
        (b'{"a":"\xed\xa0\x80"}', "encoding", "are not utf-8"),
        (b"\x0b", "malformed", "character 1"),
    ],
)
def test_one_bad_line_is_refused_alone(text, code, words):
    data = b'{"a":"x"}\n' + text + b'\n{"a":"y"}\n'
    reading = read("jsonl", data)
    assert [row["a"] for row in reading.rows] == ["x", "y"]
    bad = line(reading)
    assert bad.code == f"unreadable.{code}"
    assert any(word in bad.message for word in words.split("|"))
    assert "secret" not in bad.message
    assert (bad.record, bad.offset, bad.length, bad.line, bad.raw) == (2, 10, len(text) + 1, 2, text)
    assert_tiled(reading, len(data))


def test_the_deepest_nesting_that_is_read():
    text = b'{"a":' + b"[" * 63 + b'"[[["' + b"]" * 63 + b"}\n"
    assert len(read("jsonl", text).rows) == 1
    assert line(read("jsonl", text, max_depth=63)).code == "unreadable.too_deep"


def test_brackets_in_strings_have_no_depth():
    text = json.dumps({"a": "[" * 500 + '\\"' + "{" * 500}).encode()
    assert read("jsonl", text).rows == [{"a": "[" * 500 + '\\"' + "{" * 500}]


def test_an_input_that_is_cut_says_so():
    assert line(read("jsonl", b'{"a":1}\n{"a":tr')).message == "the input ends inside the record"
    assert line(read("jsonl", b'{"a":1}\n{"a" 1}')).message != "the input ends inside the record"


@pytest.mark.parametrize("block_size", [1, 7, 1 << 20])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b""])
def test_a_line_that_is_too_long_is_counted_hashed_and_begun(block_size, ending):
    long = b'{"a":"' + b"x" * 9000 + b'"}'
    data = b'{"a":"1"}\n' + long + ending + (b'{"a":"2"}\n' if ending else b"")
    reading = read("jsonl", data, block_size=block_size, max_record=len(long) - 1)
    bad = line(reading)
    assert (bad.code, bad.offset, bad.length) == ("unreadable.too_long", 10, len(long + ending))
    assert bad.raw == long[:KEPT_RAW]
    assert bad.sha256 == hashlib.sha256(long).hexdigest()
    assert len(reading.rows) == (2 if ending else 1)
    assert_tiled(reading, len(data))
    assert read("jsonl", data, block_size=block_size, max_record=len(long)).unreadable == []


def test_memory_is_flat_in_the_length_of_a_line():
    class Endless(io.RawIOBase):
        left = 40

        def read(self, size=-1):
            self.left -= 1
            return b"x" * size if self.left > 0 else b""

    tracemalloc.start()
    reading = read("jsonl", b"", open_stream=Endless, block_size=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert line(reading).code == "unreadable.too_long"
    assert line(reading).length > 35 << 20
    assert peak < 12 << 20


def test_cells_keep_text_digits_and_kinds():
    values = ["-0", "-0.0", "1.10", "1E+5", "12345678901234567890123", "9" * 5000, "true", "null", '"é\\n"']
    values += ['[1.0, -0, {"z":1,"a":[]}]', '{"z": 18446744073709551617, "é":"\\u00e9"}']
    reading = read("jsonl", b"".join(b'{"a": %s}\n' % value.encode() for value in values))
    cells = [row["a"] for row in reading.rows]
    assert cells[:8] == [*values[:7], None]
    assert cells[8:] == ["é\n", '[1.0,-0,{"z":1,"a":[]}]', '{"z":18446744073709551617,"é":"é"}']
    assert [row[KIND] for row in reading.rows] == [1] * 6 + [2, 0, 0, 3, 4]


def test_kinds_stand_only_beside_columns_that_are_not_text():
    assert list(read("jsonl", b'{"a":"1","b":null}', {"a": "a", "b": "b"}).rows[0]) == ["a", "b"]
    assert list(read("jsonl", b'{"a":"1","b":2}', {"a": "a", "b": "b"}).rows[0]) == ["a", "b", "b" + KIND_SUFFIX]


def test_kinds_of_a_later_batch_reach_the_earlier_one():
    data = b'{"a":"t"}\n' * 9000 + b'{"a":1}\n'
    reading = read("jsonl", data)
    assert reading.chunks == 1
    assert [row[KIND] for row in reading.rows] == [0] * 9000 + [1]


def test_paths_presence_and_unknown_keys():
    data = b'{"a":{"b":[1,{"c":"x"}]},"u":1}\n{"a":null,"u":2,"v":3}\n{"a":{"b":[]},"p.q":"y"}\n'
    fields = {"c": "a.b[1].c", "a": "a", "q": r"p\.q", "none": "p.q"}
    reading = read("jsonl", data, fields, keep_unknown=True)
    assert [row["c"] for row in reading.rows] == ["x", None, None]
    assert [row["q"] for row in reading.rows] == [None, None, "y"]
    assert reading.account.present == {"c": 1, "a": 3, "q": 1, "none": 0}
    assert reading.account.unknown == {"u": 2, "v": 1}
    assert [row[UNKNOWN_COLUMN] for row in reading.rows] == ['{"u":1}', '{"u":2,"v":3}', None]


def test_only_the_asked_columns_are_made():
    data = b'{"a":1,"b":2,"c":3}\n'
    reading = read("jsonl", data, {"c": "c", "b": "b", "a": "a"}, columns=frozenset({"a", "c"}))
    assert [name for name in reading.rows[0] if KIND_SUFFIX not in name] == ["c", "a"]
    assert reading.account.unknown == {}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r", "utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("block_size", [1, 5, 1 << 20])
def test_declared_encodings(encoding, block_size):
    lines = ['{"a":"Сумма"}\r\n', "\n", '{"a":-0}\n', '{"a":"€"\n', '{"a":"я"}']
    raws = [text.encode(encoding, "replace") for text in lines]
    reading = read("jsonl", b"".join(raws), encoding=encoding, block_size=block_size)
    assert [row["a"] for row in reading.rows] == ["Сумма", "-0", "я"]
    assert reading.raws == [text.rstrip("\r\n").encode(encoding) for text in (lines[0], lines[2], lines[4])]
    assert [place[2] for place in reading.places] == [len(raws[0]), len(raws[2]), len(raws[4])]
    assert reading.codes == ["malformed"]
    assert_tiled(reading, sum(map(len, raws)))


def test_bytes_outside_the_declared_encoding_cost_one_record():
    data = b'{"a":"\xd1"}\n{"a":"\x98"}\n{"a":"\xd2"}\n'
    reading = read("jsonl", data, encoding="cp1251")
    assert [row["a"] for row in reading.rows] == ["С", "Т"]
    assert line(reading).message == "the bytes at character 7 are not cp1251"


def test_a_mark_that_contradicts_refuses_the_source():
    with pytest.raises(SourceError, match="byte-order mark"):
        read("jsonl", b"\xff\xfe{\x00}\x00")


def test_a_stream_that_fails_is_a_source_error():
    def fail():
        raise FileNotFoundError(2, "No such file or directory")

    with pytest.raises(SourceError, match="No such file"):
        read("jsonl", b"", open_stream=fail)


@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_what_follows_a_break_of_the_compression_is_the_rest(form, tmp_path):
    import gzip

    rows = [json.dumps({"a": hashlib.sha256(b"%d" % i).hexdigest()}) for i in range(3000)]
    text = "\n".join(rows) + "\n" if form == "jsonl" else "[" + ",".join(rows) + "]"
    stored = gzip.compress(text.encode())
    path = tmp_path / "events.gz"
    path.write_bytes(stored[: len(stored) // 2])
    reading = read(form, b"", open_stream=lambda: open_bytes(path))
    assert 0 < len(reading.rows) < 3000
    assert reading.codes == ["rest"]
    assert "cannot be read further" in reading.unreadable[0].message
    assert reading.account.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert_tiled(reading, reading.account.bytes)


def test_chunks_are_cut_at_the_asked_number_of_records():
    data = b'{"a":1}\n\nx\n' * 50
    reading = read("jsonl", data, chunk_records=7)
    assert reading.chunks == 15
    assert reading.outcome() == read("jsonl", data).outcome()


def test_chunks_of_large_records_are_cut_by_bytes():
    data = (b'{"a":"' + b"x" * 900_000 + b'"}\n') * 80
    assert read("jsonl", data).chunks == 4


BYTES = st.lists(
    st.sampled_from([b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b"\r", b" ", b"1", b"-0", b"NaN", b"\xff", b'"a"', b'{"a":1}', b'{"a":"x"}\n', b"\xef\xbb\xbf", b"\x00", b"null"]) | st.binary(max_size=4),
    max_size=60,
).map(b"".join)  # fmt: skip


@given(BYTES, st.integers(1, 9), st.integers(1, 5), st.sampled_from([5, 20, 1 << 20]))
@settings(max_examples=200)
def test_any_bytes_are_tiled_however_they_are_cut(data, block_size, chunk_records, max_record):
    if data[:4] in {b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"} or data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return
    whole = read("jsonl", data, max_record=max_record)
    assert_tiled(whole, len(data))
    cut = read("jsonl", data, max_record=max_record, block_size=block_size, chunk_records=chunk_records)
    assert cut.outcome() == whole.outcome()
    for (_, offset, length), raw in zip(whole.places, whole.raws, strict=True):
        assert data[offset : offset + length].removesuffix(b"\n").removesuffix(b"\r") == raw.removesuffix(b"\r")


@given(
    st.lists(st.booleans(), min_size=1, max_size=40), st.sampled_from([b"{", b'{"a":', b"x", b'"', b'{"a":1,"a":1}'])
)
@settings(max_examples=100)
def test_k_bad_of_n_lines_are_k_unreadable(fates, bad):
    good = b'{"a":"1"}'
    reading = read("jsonl", b"\n".join(good if fate else bad for fate in fates) + b"\n", block_size=11)
    assert len(reading.unreadable) == fates.count(False)
    assert [each.record for each in reading.unreadable] == [i for i, fate in enumerate(fates, 1) if not fate]


@pytest.mark.shared
def test_the_suite_of_json_texts(shared):
    for path in sorted((shared / "data/corpora/json_parsing").glob("*.json")):
        data = path.read_bytes()
        if b"\n" in data.strip() or data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            continue
        reading = read("jsonl", data.strip(b"\n") + b"\n", {})
        if path.name.startswith("y_"):
            assert set(reading.codes) <= {"duplicate_key", "not_object"}, path.name
        else:
            assert not reading.places, path.name


@pytest.mark.shared
def test_naughty_strings_come_back_unchanged(shared):
    strings = json.loads((shared / "data/corpora/naughty_strings.json").read_text("utf-8"))
    for ascii_only in (True, False):
        data = "".join(json.dumps({"a": each}, ensure_ascii=ascii_only) + "\n" for each in strings).encode()
        assert [row["a"] for row in read("jsonl", data).rows] == strings


@pytest.mark.shared
def test_real_events(shared):
    data = (shared / "data/events/github_webhooks/events.jsonl").read_bytes()
    reading = read("jsonl", data, {"event": "event", "login": "payload.sender.login", "payload": "payload"})
    assert len(reading.rows) == 255
    assert reading.unreadable == []
    assert_tiled(reading, len(data))
    for row, raw in zip(reading.rows, reading.raws, strict=True):
        assert json.loads(row["payload"]) == json.loads(raw)["payload"]
