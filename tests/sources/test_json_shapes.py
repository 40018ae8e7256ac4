"""Lines that are read by their shape are read as one by one: the same cells, refusals and counts."""

import json
from contextlib import suppress
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.errors import SourceError
from dq.sources import json_shapes
from dq.sources.base import KIND_SUFFIX
from dq.sources.json_marks import MarkedLines, cut_lines
from dq.sources.json_shapes import Shapes, match, shape_of
from dq.sources.recall import Recall

from .json_reading import read

FIELDS = {"a": "a", "b": "b", "c": "n.c", "d": "list[1]", "long": "a key of eleven", "none": "n.c.x"}
SCALARS = st.one_of(
    st.sampled_from(["x", "", "null", "1", "é€😀", "a,b", "a:b", "{}", "[", "\x7f", " ", 0, -1, True, False, None, 10**30, 1.5]),
    st.text(max_size=6),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
RECORDS = st.one_of(
    st.fixed_dictionaries({"a": SCALARS, "b": SCALARS}),
    st.fixed_dictionaries({"a": SCALARS, "a key of eleven": SCALARS, "n": st.fixed_dictionaries({"c": SCALARS, "e": SCALARS})}),
    st.fixed_dictionaries({"list": st.lists(SCALARS, min_size=2, max_size=2), "o": st.just({}), "l": st.sampled_from([[], [1]]), "b": SCALARS}),
)  # fmt: skip
WRITTEN = st.builds(
    lambda record, spaced, ascii_only: json.dumps(
        record, ensure_ascii=ascii_only, separators=None if spaced else (",", ":")
    ).encode(),
    RECORDS, st.booleans(), st.sampled_from([False, False, True]),
)  # fmt: skip
BITS = st.sampled_from([b'"', b"\\", b",", b":", b"{", b"}", b"[", b"]", b"0", b"-0", b"1.", b" ", b"  ", b"\r", b"\t", b"\xff", b"\xed\xa0\x80", b"\x00", b"null", b"NaN", b"a", b"b", b'"a":1,', b'\\"', b"\\u12", b"\\ud800", b"1e999", b"7" * 70])  # fmt: skip


@st.composite
def broken(draw):
    """Draw a line in which some bytes were replaced, put in or taken out."""
    line = draw(WRITTEN)
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(line)))
        line = line[:at] + draw(BITS) + line[at + draw(st.integers(0, 3)) :]
    return line


LINES = st.lists(
    st.one_of(WRITTEN, WRITTEN, WRITTEN, broken(), st.sampled_from([b"", b"  ", b"5", b"{}"])), max_size=25
)


def outcome(reading):
    """Return what a reading gave, kinds told even where all are text."""
    rows = [{f"{name}{KIND_SUFFIX}": 0 for name in FIELDS} | row for row in reading.rows]
    return (rows, *reading.outcome()[1:])


def by_shape(data, **options):
    """Read with every shape that occurs."""
    with patch.multiple(json_shapes, SMALL=1, FEWEST=1, _LESSONS=30, _LONGEST_PAUSE=0):
        return read("jsonl", data, FIELDS, **options)


def one_by_one(data, **options):
    """Read with no shape."""
    with patch.object(Shapes, "sort", return_value=None):
        return read("jsonl", data, FIELDS, **options)


@given(LINES, st.sampled_from([b"\n", b"\r\n"]), st.integers(20, 2000), st.integers(1, 30), st.booleans())
@settings(max_examples=300)
def test_shapes_change_nothing(lines, ending, block_size, chunk_records, keep_unknown):
    data = ending.join(lines)
    careful = outcome(one_by_one(data, keep_unknown=keep_unknown))
    assert outcome(by_shape(data, keep_unknown=keep_unknown)) == careful
    cut = by_shape(data, keep_unknown=keep_unknown, block_size=block_size, chunk_records=chunk_records)
    assert outcome(cut) == careful
    asked = frozenset({"b", "d"})
    assert outcome(by_shape(data, columns=asked)) == outcome(one_by_one(data, columns=asked))


def strict(line):
    """Return what the standard library reads, numbers as their digits; None where it may not."""

    def unique(pairs):
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    def refuse(word):
        raise ValueError(word)

    try:
        value = json.loads(
            line.decode(), parse_int=str, parse_float=str, parse_constant=refuse, object_pairs_hook=unique
        )
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, AssertionError):
        return None
    return value if isinstance(value, dict) else None


@given(LINES)
@settings(max_examples=200)
def test_shapes_read_what_the_standard_library_reads(lines):
    reading = by_shape(b"\n".join(lines) + b"\n")
    expected = [value for value in map(strict, lines) if value is not None]
    assert len(reading.rows) == len(expected)
    for row, value in zip(reading.rows, expected, strict=True):
        for field in ("a", "b"):
            cell = value.get(field)
            assert row[field] == (json.dumps(cell) if isinstance(cell, bool) else cell)


@settings(max_examples=150)
@given(LINES, st.sampled_from([1, 7, 1 << 20]), st.sampled_from([2, 100]), st.sampled_from([None, {"a"}, {"d", "c"}]))
def test_two_scans_give_the_same(lines, block, size, columns):
    data, recall = b"\n".join(lines), Recall(size, 1 << 20)
    cut = {"block_size": block, "chunk_records": size}
    by_shape(data, columns=columns, recall=recall, **cut)
    assert recall.finished
    assert outcome(by_shape(data, recall=recall, **cut)) == outcome(by_shape(data, **cut))


def test_the_second_scan_judges_no_line_again():
    lines = [b'{"a":"%d","b":%d}' % (i, i) for i in range(50)]
    lines[7:7] = [b'{"a":"x"', b'{"b":{}}', b'{"a":"y","n":{"c":null}}']
    data, recall = b"\n".join(lines) + b"\n", Recall(100, 1 << 20)
    expected = outcome(by_shape(data, columns={"a"}, recall=recall) and by_shape(data))
    with patch.multiple(json_shapes, match=None, are_scalars=None), patch.object(MarkedLines, "_plain", None):
        assert outcome(by_shape(data, recall=recall)) == expected


def test_lines_are_judged_again_where_there_was_no_room_or_more_is_asked_of_their_shape():
    data = b"".join(b'{"a":"%d","b":[%d]}\n' % (i, i) for i in range(50))
    for room, columns in ((49, None), (1 << 20, {"a"})):
        recall = Recall(100, room)
        by_shape(data, columns=columns, recall=recall)
        assert outcome(by_shape(data, recall=recall)) == outcome(by_shape(data))


@pytest.mark.parametrize(
    "changed", [b'{"a":"1","b":2}\n', b'{"a":"1\n","b":2}', b'{"a":"1",:,"b":2}\n', b'["a","1","b",2,7]\n']
)
def test_lines_that_changed_are_never_more_than_another_reading(changed):
    """The sums of both scans differ then, which ends the run: until then nothing may break in another way."""
    recall = Recall(100, 1 << 20)
    by_shape(b'{"a":"1","b":2}\n' * 20, recall=recall)
    with suppress(SourceError):
        by_shape(b'{"a":"1","b":2}\n' * 10 + changed + b'{"a":"1","b":2}\n' * 9, recall=recall)


def test_lines_of_one_shape_are_found():
    data = (
        b"".join(b'{"a":"%d","n":{"c":%d},"b":[1,null]}\n' % (i, i) for i in range(100))
        + b'{"a":1}\n'
        + b'{"a":"x",}\n'
    )
    shapes = Shapes(lambda _shape: True, lambda _raw: True)
    with patch.object(json_shapes, "SMALL", 100):
        (found,) = shapes.sort(cut_lines(data), 0).matched
    assert found.rows.tolist() == list(range(100))
    assert found.shape.tree == {"a": 1, "n": {"c": 5}, "b": [9, 10]}
    assert found.kinds(5).tolist() == [1] * 100
    assert found.nulls(10).all()


LIKE = b'{"a": "1", "key of some length":2, "e":{}, "l":[],"o":[3]}'


@pytest.mark.parametrize(
    "line",
    [
        b'{"a": "1", "key of some lengtH":2, "e":{}, "l":[],"o":[3]}',
        b'{"a": "1", "key of some length" :2, "e":{}, "l":[],"o":[3]}',
        b'{"a":"1", "key of some length":2, "e":{}, "l":[],"o":[3]}',
        b'{"a":12, "key of some length":2, "e":{}, "l":[],"o":[3]}',
        b'{"a":  1, "key of some length":2, "e":{}, "l":[],"o":[3]}',
        b'{"a":,"1","key of some length":2, "e":{}, "l":[],"o":[3]}',
        b'{"a": "1" "", "key of some length":2, "e":{}, "l":[],"o":[3]}',
        b'{"a": "1"2"", "key of some length":2, "e":{}, "l":[],"o":[3]}',
        b'{"a": ", "key of some length":2, "e":{}, "l":[],"o":[3]}',
        b'{"a": "1", "key of some length":2, "e":{1}, "l":[],"o":[3]}',
        b'{"a": "1", "key of some length":2, "e":{}, "l":[1],"o":[3]}',
        b'{"a": "1", "key of some length":2, "e":{}, "l":[],"o":[]}',
        b'{"a": "1", "key of some length":02, "e":{}, "l":[],"o":[3]}',
        b'{"a": "1", "key of some length":2, "e":{}, "l":[],"o":[3]]',
        b'{"a": "1", "key of some length":2, "e":{}, "l":[],"o":[3]} ',
        b' {"a": "1", "key of some length":2, "e":{}, "l":[],"o":[3]}',
        b'{"a": "1", "key of some length":2, "e":{}, "l":[],"o":[3]}\r',
        b'{"a": "1",, "key of some length":2, "e":{}, "l":[],"o":3}',
        b"{",
        b"",
    ],
)
def test_what_differs_in_more_than_a_scalar_has_another_shape(line):
    marked = MarkedLines(cut_lines(LIKE + b"\n" + line + b"\n" + LIKE.replace(b'"1"', b"null") + b"\n"))
    shape = shape_of(marked.data, marked.at[: marked.count[0]].tolist())
    rows = marked.sound.nonzero()[0]
    assert match(shape, marked, rows).rows.tolist() == [0, 2]


def test_a_file_without_shapes_is_soon_left_alone():
    data = b"".join(b'{"k%d":1}\n' % i for i in range(4000))
    with patch.object(json_shapes, "MarkedLines", wraps=MarkedLines) as marked:
        assert len(read("jsonl", data, block_size=2000).rows) == 4000
    assert 0 < marked.call_count < 8


@pytest.mark.shared
def test_the_suite_of_json_texts_by_shape(shared):
    lines = []
    for path in sorted((shared / "data/corpora/json_parsing").glob("*.json")):
        text = path.read_bytes().strip(b"\n")
        if b"\n" not in text:
            lines += [b'{"a":1,"b":"x"}', b'{"a":' + text + b',"b":"x"}', text]
    data = b"\n".join(lines) + b"\n"
    assert outcome(by_shape(data)) == outcome(one_by_one(data))


@pytest.mark.shared
def test_naughty_strings_by_shape(shared):
    strings = json.loads((shared / "data/corpora/naughty_strings.json").read_text("utf-8"))
    for ascii_only in (True, False):
        data = "".join(json.dumps({"a": each}, ensure_ascii=ascii_only) + "\n" for each in strings).encode()
        assert [row["a"] for row in by_shape(data).rows] == strings
