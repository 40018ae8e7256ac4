from __future__ import annotations

from dq.catalog import diagnose
from dq.catalog.render import render
from dq.diagnostics import Span


def one(text: str, column: int, end: int, line: int = 1, **extra) -> list[str]:
    span = Span("a.yaml", line, column, line, end)
    return render([diagnose("DQ102", span, key="k", **extra)], {"a.yaml": text}).splitlines()


def test_caret_stands_under_the_place():
    assert one("ab: cd", 5, 7)[1:] == ["1 | ab: cd", "  |     ^^"]


def test_wide_and_combining_characters_are_measured():
    assert one("漢字: e\u0301x", 7, 8)[1:] == ["1 | 漢字: e\u0301x", "  |        ^"]


def test_control_characters_are_shown_and_measured():
    assert one("a\x1b[1m: b", 8, 9)[1:] == ["1 | a\\x1b[1m: b", "  |           ^"]


def test_suggestion_stands_beside_the_caret():
    assert one("ab", 1, 3, suggestion="abc")[2] == "  | ^^ did you mean 'abc'?"


def test_long_lines_are_cut_around_the_place():
    lines = one("x" * 500 + "HERE" + "y" * 500, 501, 505)
    assert len(lines[1]) < 120
    start = lines[2].index("^")
    assert lines[1][start : start + 4] == "HERE"
    assert lines[1].startswith("1 | …")
    assert lines[1].endswith("…")


def test_a_place_over_several_lines_is_marked_to_the_end_of_its_first():
    text = render([diagnose("DQ102", Span("a.yaml", 1, 3, 2, 4), key="k")], {"a.yaml": "a: [b,  \n c]"})
    assert text.splitlines()[2] == "  |   ^^^^"


def test_unknown_files_and_lines_show_no_excerpt():
    span = Span("b.yaml", 9, 1, 9, 2)
    assert render([diagnose("DQ103", span)], {"a.yaml": "x"}).count("\n") == 1
    assert render([diagnose("DQ103", span)], {"b.yaml": "x"}).count("\n") == 1


def test_crlf_lines_are_lines():
    assert one("a: 1\r\nb: 2\r\n", 1, 2, line=2)[1] == "2 | b: 2"


def test_nothing_is_rendered_of_nothing():
    assert render([], {}) == ""
