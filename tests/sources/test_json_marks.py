"""Marks found by arithmetic are those that a plain scan finds."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dq.sources.json_marks import MarkedLines, cut_lines, joined_lines

BYTES = st.lists(
    st.sampled_from([b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b"\r\n", b"\r", b" ", b"\t", b"1", b"\xff", b"\xc3\xa9", b"\x1f", b'"a":"b"', b"x" * 61])
    | st.binary(max_size=3),
    max_size=80,
).map(lambda parts: b"".join(parts) + b"\n")  # fmt: skip


def scanned(line):
    """Return the marks of one line with its LF, the number of its quotes, and whether its strings are closed."""
    inside, quotes, marks = False, 0, []
    for position, byte in enumerate(line[:-1]):
        if byte == ord('"'):
            inside, quotes = not inside, quotes + 1
        elif byte in b"{}[]:," and not inside:
            marks.append(position)
    return [*marks, len(line) - 1], quotes, not inside


def is_plain(content):
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\\" not in content and all(byte >= 0x20 for byte in content)


@given(BYTES)
@example(b'"' * 64 + b"\n" + b'{"a":[1]}\n')
@example(b'{"' + b"x" * 61 + b'":1}\n')
@example(b'"\n{"a":1}\n"\n{"a":1}\r\n')
@settings(max_examples=300)
def test_marks_are_those_of_a_scan(data):
    marked = MarkedLines(cut_lines(data))
    lines = [each + b"\n" for each in data[:-1].split(b"\n")]
    assert len(marked) == len(lines)
    start = 0
    for row, line in enumerate(lines):
        marks, quotes, closed = scanned(line)
        found = marked.at[marked.first[row] : marked.first[row] + marked.count[row]] - start
        assert found.tolist() == marks
        assert marked.quotes[row] == quotes
        assert marked.sound[row] == (closed and is_plain(line[:-1].removesuffix(b"\r")))
        start += len(line)


@given(BYTES, st.data())
def test_some_of_the_lines_are_marked_as_they_are_alone(data, draw):
    lines = cut_lines(data)
    first = draw.draw(st.integers(0, len(lines) - 1))
    behind = draw.draw(st.integers(first + 1, len(lines)))
    part = MarkedLines(lines.part(first, behind))
    alone = MarkedLines(cut_lines(data[lines.start[first] : lines.end[behind - 1]]))
    for name in ("data", "at", "first", "count", "quotes", "sound", "start", "stop", "end"):
        assert np.array_equal(getattr(part, name), getattr(alone, name))


def test_the_eight_bytes_from_a_position_on():
    marked = MarkedLines(cut_lines(b'{"a":1}\n'))
    assert marked.words[0] == int.from_bytes(b'{"a":1}\n', "little")
    assert marked.words[7] == ord("\n")


def test_lines_are_cut_at_line_feeds():
    lines = cut_lines(b"ab\r\n\r\n \t\nx\ry\n")
    assert lines.raws(np.arange(4)) == [b"ab", b"", b" \t", b"x\ry"]
    assert lines.blank.tolist() == [False, True, True, False]
    assert joined_lines([b"ab\r\n", b"c\n"], [b"ab", b"c"]).raws(np.arange(2)) == [b"ab", b"c"]
