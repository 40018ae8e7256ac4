from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.spec import yaml as reader
from dq.spec.nodes import MappingNode, Places, ScalarNode, SequenceNode, to_raw
from dq.spec.yaml import MAX_BYTES, parse_bytes, parse_text


def codes(text: str | bytes) -> list[str]:
    reading = parse_bytes(text, "f") if isinstance(text, bytes) else parse_text(text, "f")
    return [diagnostic.code for diagnostic in reading.diagnostics]


def place(text: str, *path) -> tuple[int, int, int, int]:
    span = Places(parse_text(text, "f").root).value(path)
    return span.line, span.column, span.end_line, span.end_column


@pytest.fixture(params=["fast", "python"])
def parser(request, monkeypatch):
    if request.param == "python":
        monkeypatch.setattr(reader, "PARSER", reader._PythonParser)
    return request.param


@pytest.mark.parametrize(
    "word", ["NO", "no", "012", "12:30", "1.10", "0x1F", "1e400", "2026-11-01", "~", "null", "true", "=", "1_000"]
)
def test_plain_scalars_stay_text(parser, word):
    node = parse_text(f"a: {word}\n", "f").root.get("a")
    assert (node.text, node.plain) == (word, True)


def test_quotes_are_known(parser):
    root = parse_text("a: 'no'\nb: \"no\"\nc: |\n  no\nd: no\n", "f").root
    assert [root.get(key).plain for key in "abcd"] == [False, False, False, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2", ["DQ102"]),
        ("a: 1\n'a': 2", ["DQ102"]),
        ("x: [{b: {c: 1, c: 2}}]", ["DQ102"]),
        ("a: &x 1", ["DQ103"]),
        ("a: *x", ["DQ103"]),
        ("&a b: c", ["DQ103"]),
        ("a: !!python/object/apply:os.system [x]", ["DQ104"]),
        ("a: ! x", ["DQ104"]),
        ("a: !!set {x, y}", ["DQ104"]),
        ("a: {<<: {b: c}}", ["DQ111"]),
        ("? [a, b]\n: c", ["DQ101"]),
        ("{[a]: b}", ["DQ101"]),
        ("? {a: b}\n: c\nd: e\nd: f", ["DQ101", "DQ102"]),
        (": a", ["DQ101"]),
        ("a: b\n---\nc: d", ["DQ109"]),
        ("", ["DQ110"]),
        ("# only a comment", ["DQ110"]),
        ("---\n", ["DQ110"]),
        ("- a", ["DQ110"]),
        ("text", ["DQ110"]),
        ("%YAML 1.1\n---\na: b", ["DQ101"]),
        ("%TAG ! tag:x,2000:\n---\na: b", ["DQ101"]),
        ("a:\tb", ["DQ101"]),
        ("a: [b,\n\tc]", ["DQ101"]),
        ("a: b\t# c", ["DQ101"]),
        ("a: 'b\tc' # d\te", []),
        ("a: |\n  b\tc\n", []),
        ("a: b\x00c", ["DQ101"]),
        ("a: b\x85c", ["DQ101"]),
        ("a: b\u2028c", ["DQ101"]),
        ('a: "\\u2028\\0"', []),
        ('a: "\\ud83d"', ["DQ101"]),
        ('a: "\\U00110000"', ["DQ101"]),
        ("a: \ud800", ["DQ101"]),
        ("a: b: c", ["DQ101"]),
        ("a: [b", ["DQ101"]),
        ("a: @b", ["DQ101"]),
        ("a: {b, c}", []),
        ("a: [b: c]", []),
        ("...\n", ["DQ101"]),
        ("a: b\n...\n", []),
    ],
)
def test_what_is_refused(parser, text, expected):
    found = codes(text)
    assert found == expected


def test_many_mistakes_at_once(parser):
    text = "a: *x\nb: !y z\nb: &q 1\nc: {<<: d}\n? [e]\n: f\ng: @\n"
    assert codes(text) == ["DQ103", "DQ104", "DQ102", "DQ103", "DQ111", "DQ101", "DQ101"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("a: b".encode("utf-16"), "DQ107"),
        ("a: b".encode("utf-16-be"), "DQ101"),
        (b"\xfe\xff\x00a", "DQ107"),
        ("a: b".encode("utf-32"), "DQ107"),
        ("a: Ж".encode("cp1251"), "DQ107"),
        (b"a: \xed\xa0\x80", "DQ107"),
        (b"a: \xc0\xaf", "DQ107"),
        (b"#" * (MAX_BYTES + 1), "DQ106"),
    ],
)
def test_bytes_that_are_refused(data, code):
    assert codes(data)[:1] == [code]


def test_not_utf8_is_placed():
    span = parse_bytes("a: b\nж: ".encode() + b"\xff", "f").diagnostics[0].span
    assert (span.line, span.column) == (2, 4)


def test_byte_order_mark_moves_nothing():
    reading = parse_bytes(b"\xef\xbb\xbfa: b\n", "f")
    assert reading.diagnostics == ()
    assert reading.root.entries["a"].key.span.column == 1


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "[" * MAX_BYTES,
        "- " * 50_000,
        "{a: " * 50_000,
        "a:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 400)),
    ],
    ids=["brackets", "a mebibyte", "dashes", "braces", "indent"],
)
def test_depth_is_refused_without_recursion(parser, text):
    assert codes(text) == ["DQ105"]


def test_sixty_four_levels_are_enough(parser):
    assert codes("a: " + "[" * 63 + "]" * 63) == []
    assert codes("a: " + "[" * 64 + "]" * 64) == ["DQ105"]


def test_alias_bomb_is_refused():
    text = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))
    assert set(codes(text)) == {"DQ103"}


def test_diagnostics_are_bounded():
    assert len(codes("a: [" + "*x, " * 200_000 + "]")) == 1000
    assert len(codes("\x00" * MAX_BYTES)) < 30


SAMPLE = (
    "имя: 'é😀x' # 注\r\n"
    "b: [1,  {к: 😀😀, z: 2 }]\r\n"
    "c: |\r\n  x\r\n  y\r\n"
    "d:\n  - e: f\n    g: h  # i\n  - j\n"
    'k: "l\\u0041"\n'
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("имя",), (1, 6, 1, 11)),
        (("b",), (2, 4, 2, 24)),
        (("b", 1), (2, 9, 2, 23)),
        (("b", 1, "к"), (2, 13, 2, 15)),
        (("b", 1, "z"), (2, 20, 2, 21)),
        (("d",), (7, 3, 9, 6)),
        (("d", 0), (7, 5, 8, 9)),
        (("d", 0, "g"), (8, 8, 8, 9)),
        (("d", 1), (9, 5, 9, 6)),
        (("k",), (10, 4, 10, 13)),
    ],
)
def test_places(parser, path, expected):
    assert place(SAMPLE, *path) == expected


def test_places_after_a_carriage_return(parser):
    assert place("a: 1\rb: 2\r", "b")[:2] == (2, 4)


def tree(node):
    if isinstance(node, ScalarNode):
        return node
    if isinstance(node, SequenceNode):
        return node.span, [tree(item) for item in node.items]
    return node.span, [(key, entry.key, tree(entry.value)) for key, entry in node.entries.items()]


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "a",
            "b: ",
            "- ",
            "\n",
            "\n  ",
            "\n    ",
            "[",
            "]",
            "{",
            "}",
            ", ",
            "'",
            '"',
            "# c",
            " #",
            "|\n",
            "ж",
            "😀",
            "\r\n",
            "\t",
            "&x ",
            "*x",
            "!t ",
            "<<: ",
            "? ",
            ": ",
            "---\n",
            "...\n",
            "%",
            "\\",
            "\\u0041",
            "\u2028",
            ">-\n  ",
            "1.10",
            "\ufeff",
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=200)
@given(FRAGMENTS)
def test_both_parsers_read_the_same(text):
    before = reader.PARSER
    first = parse_text(text, "f")
    try:
        reader.PARSER = reader._PythonParser
        second = parse_text(text, "f")
    finally:
        reader.PARSER = before
    assert bool(first.diagnostics) == bool(second.diagnostics)
    if not first.diagnostics:
        assert tree(first.root) == tree(second.root)


@settings(max_examples=150)
@given(FRAGMENTS)
def test_places_point_at_what_is_written(text):
    root = parse_text("k: v\n" + text, "f").root
    if root is None:
        return
    lines = ("k: v\n" + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, ScalarNode) and node.plain and node.text.isalnum():
            span = node.span
            assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == node.text
        pending.extend(node.items if isinstance(node, SequenceNode) else ())
        if isinstance(node, MappingNode):
            pending.extend(item for entry in node.entries.values() for item in (entry.key, entry.value))


@settings(max_examples=150)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    reading = parse_bytes(data, "f")
    assert reading.root is not None or reading.diagnostics
    if reading.root is not None:
        assert isinstance(to_raw(reading.root), dict)
