"""JSON arrays: the fast scanner against a slow literal one, refusals alone, and the laws."""

import io
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.errors import SourceError
from dq.sources.base import KIND_SUFFIX

from .json_reading import assert_tiled, read
from .test_jsonl import BYTES

SPACE = b" \t\r\n"


def element_end(data: bytes, start: int) -> int | None:
    """Return where the element that begins here ends, byte by byte, None if the input ends first."""
    depth, in_string, escaped = 0, False, False
    bare = data[start : start + 1] not in b'"[{'
    for i in range(start, len(data)):
        byte = data[i : i + 1]
        if bare:
            if byte in SPACE + b'"[]{},':
                return i
        elif in_string:
            if escaped:
                escaped = False
            elif byte == b"\\":
                escaped = True
            elif byte == b'"':
                in_string = False
                if depth == 0:
                    return i + 1
        elif byte == b'"':
            in_string = True
        elif byte in b"[{":
            depth += 1
        elif byte in b"]}":
            depth -= 1
            if depth == 0:
                return i + 1
    return None


def is_broken(text: bytes) -> bool:
    """Tell whether the syntax of an element is broken, by the standard library's lenient parser."""
    try:
        json.loads(text.decode("utf-8", "replace"))
    except RecursionError:
        return False
    except ValueError as error:
        return "Exceeds the limit" not in str(error)
    return False


def literal(data: bytes) -> tuple[list[tuple[int, int]], int | None]:
    """Return the place of each element, and where the rest begins if there is one.  A literal, slow reading."""
    elements: list[tuple[int, int]] = []
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0

    def space(i: int) -> int:
        while i < len(data) and data[i : i + 1] in SPACE:
            i += 1
        return i

    at = space(at)
    if data[at : at + 1] != b"[":
        return elements, at
    at = space(at + 1)
    first = True
    while not (first and data[at : at + 1] == b"]"):
        first = False
        if at >= len(data) or data[at : at + 1] in b",]}":
            return elements, at
        end = element_end(data, at)
        if end is None:
            return elements, at
        elements.append((at, end))
        broken = is_broken(data[at:end])
        at = space(end)
        if data[at : at + 1] == b"]":
            break
        if broken or data[at : at + 1] != b",":
            return elements, at
        at = space(at + 1)
    at = space(at + 1)
    return elements, at if at < len(data) else None


ARRAYS = st.one_of(
    BYTES,
    BYTES.map(lambda data: b"[" + data + b"]"),
    st.lists(BYTES | st.just(b'{"a":1}'), max_size=5).map(lambda parts: b"[" + b",".join(parts) + b"]"),
)


def has_wide_mark(data: bytes) -> bool:
    return data[:4] == b"\x00\x00\xfe\xff" or data[:2] in {b"\xff\xfe", b"\xfe\xff"}


@given(ARRAYS, st.integers(1, 9), st.integers(1, 5))
@settings(max_examples=300)
def test_the_scanner_agrees_with_the_literal_reading_however_the_input_is_cut(data, block_size, chunk_records):
    if has_wide_mark(data):
        return
    elements, rest = literal(data)
    reading = read("json", data, block_size=block_size, chunk_records=chunk_records)
    assert_tiled(reading, len(data))
    places = [(offset, offset + length) for _, offset, length in reading.places]
    refused = [(each.offset, each.offset + each.length) for each in reading.unreadable]
    assert sorted(places + refused)[: len(elements)] == elements
    assert ("rest" in reading.codes) == (rest is not None)
    if rest is not None:
        assert (reading.unreadable[-1].code, reading.unreadable[-1].offset) == ("unreadable.rest", rest)
    assert len(places) + len(refused) == len(elements) + (rest is not None)
    assert reading.outcome() == read("json", data).outcome()
    for (_, offset, length), raw in zip(reading.places, reading.raws, strict=True):
        assert data[offset : offset + length] == raw


@given(ARRAYS, st.integers(1, 9))
@settings(max_examples=100)
def test_short_limits_do_not_depend_on_the_cut(data, block_size):
    if has_wide_mark(data):
        return
    whole = read("json", data, max_record=6)
    assert_tiled(whole, len(data))
    assert read("json", data, max_record=6, block_size=block_size).outcome() == whole.outcome()


def test_elements_are_placed():
    data = b'\xef\xbb\xbf \n[ {"a":"x]\\"}"} ,\n{"a":\n1} ]\n'
    reading = read("json", data)
    assert [row["a"] for row in reading.rows] == ['x]"}', "1"]
    assert reading.raws == [b'{"a":"x]\\"}"}', b'{"a":\n1}']
    assert reading.lines == [2, 3]
    assert [span.kind for span in reading.spans] == ["bom", "structure", "structure", "structure"]
    assert_tiled(reading, len(data))


@pytest.mark.parametrize("block_size", [1, 4, 1 << 20])
def test_lines_behind_elements_of_several_lines(block_size):
    reading = read("json", b'[{"a":\n\n1},\n{"a":2},5,\n\n{"a":3}]', block_size=block_size)
    assert reading.lines == [1, 4, 6]
    assert [each.line for each in reading.unreadable] == [4]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b'{"a":1,"a":2}', "duplicate_key"),
        (b"NaN", "not_finite"),
        (b'{"a":-Infinity}', "not_finite"),
        (b"5", "not_object"),
        (b'"],["', "not_object"),
        (b"[[]]", "not_object"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"a":"\xff"}', "encoding"),
        (b'{"a":' + b"[" * 70 + b"]" * 70 + b"}", "too_deep"),
        (b"[" * 3000 + b"]" * 3000, "too_deep"),
        (b'{"a":"' + b"x," * 600 + b'"}', "too_long"),
    ],
)
@pytest.mark.parametrize("block_size", [3, 1 << 20])
def test_a_refusal_that_harms_no_framing_is_alone(text, code, block_size):
    data = b'[{"a":"x"}, ' + text + b' ,{"a":"y"}]'
    reading = read("json", data, block_size=block_size, max_record=1000 if code == "too_long" else 1 << 20)
    assert [row["a"] for row in reading.rows] == ["x", "y"]
    assert reading.codes == [code]
    assert (reading.unreadable[0].offset, reading.unreadable[0].length) == (12, len(text))
    assert_tiled(reading, len(data))


@pytest.mark.parametrize(
    ("data", "rows", "codes", "words"),
    [
        (b"", 0, ["rest"], "ends before"),
        (b'{"a":1}', 0, ["rest"], "not a JSON array"),
        (b"[", 0, ["rest"], "ends before"),
        (b'[{"a":1}', 1, ["rest"], "ends before"),
        (b'[{"a":1},', 1, ["rest"], "ends before"),
        (b'[{"a":1},{"a":', 1, ["rest"], "ends before"),
        (b'[{"a":"1},{"a":2}]', 0, ["rest"], "ends before"),
        (b'[{"a":1},]', 1, ["rest"], "element of the array is missing"),
        (b'[,{"a":1}]', 0, ["rest"], "element of the array is missing"),
        (b'[{"a":1} {"a":2}]', 1, ["rest"], "not followed by a comma"),
        (b'[{"a":1}] x', 1, ["rest"], "follows the end"),
        (b'[{"a":1}][]', 1, ["rest"], "follows the end"),
        (b'[{"a":1},{"a":},{"a":2},{"a":3}]', 1, ["malformed", "rest"], "broken element"),
        (b'[{"a":1},{"a":1],{"a":2}]', 1, ["malformed", "rest"], "broken element"),
        (b'[{"a":1},{"a":\xff}, {"a":2}]', 1, ["encoding", "rest"], "broken element"),
        (b'[{"a":1},{"a":}]', 1, ["malformed"], "not JSON"),
        (b" [ ] ", 0, [], ""),
    ],
)
def test_where_framing_ends_all_that_follows_is_one_record(data, rows, codes, words):
    reading = read("json", data)
    assert len(reading.rows) == rows
    assert reading.codes == codes
    assert not codes or words in reading.unreadable[-1].message
    assert_tiled(reading, len(data))


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16-le", "utf-32-be"])
@pytest.mark.parametrize("block_size", [1, 6, 1 << 20])
def test_declared_encodings(encoding, block_size):
    data = '[{"a":"Сумма"}, {"a":-0},\n{"a":1,"a":2}]'.encode(encoding)
    reading = read("json", data, encoding=encoding, block_size=block_size)
    assert [row["a"] for row in reading.rows] == ["Сумма", "-0"]
    assert [row["a" + KIND_SUFFIX] for row in reading.rows] == [0, 1]
    assert reading.raws[0].decode(encoding) == '{"a":"Сумма"}'
    assert reading.codes == ["duplicate_key"]
    assert_tiled(reading, len(data))


def test_an_encoding_whose_characters_may_hold_brackets_is_refused():
    with pytest.raises(SourceError, match="cannot be framed in gb18030"):
        read("json", b"[]", encoding="gb18030")


@pytest.mark.parametrize("filler", [b"x", b" ", b"[", b'"\\'])
def test_memory_is_flat_in_the_length_of_an_element(filler):
    class Endless(io.RawIOBase):
        left = 20

        def read(self, size=-1):
            self.left -= 1
            return ((b'[{"a":' if self.left == 19 else b"") + filler * size)[:size] if self.left > 0 else b""

    tracemalloc.start()
    reading = read("json", b"", open_stream=Endless, block_size=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reading.codes == ["rest"]
    assert reading.unreadable[0].length > 15 << 20
    assert peak < 14 << 20


@pytest.mark.shared
def test_the_suite_of_json_texts_as_elements(shared):
    for path in sorted((shared / "data/corpora/json_parsing").glob("*.json")):
        data = path.read_bytes()
        reading = read("json", b"[" + data + b"]", {})
        if path.name.startswith("y_"):
            assert set(reading.codes) <= {"duplicate_key", "not_object"}, path.name
            assert len(reading.places) + len(reading.codes) == 1, path.name
        else:
            assert reading.codes or not data.strip(), path.name  # white space alone is no element at all


@pytest.mark.shared
def test_arrays_and_lines_give_the_same_records(shared):
    data = (shared / "data/events/github_webhooks/events.jsonl").read_bytes()
    array = b"[" + b",\n".join(data.splitlines()) + b"]"
    fields = {"event": "event", "payload": "payload"}
    assert read("json", array, fields).rows == read("jsonl", data, fields).rows
