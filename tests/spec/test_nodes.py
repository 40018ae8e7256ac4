from __future__ import annotations

import pytest

from dq.params import Scalar
from dq.spec.nodes import Places, to_raw
from dq.spec.yaml import parse_text


def places(text: str) -> Places:
    return Places(parse_text(text, "f").root)


def test_raw_keeps_text_quotes_and_place():
    raw = to_raw(places("a: [NO, '1']\nb: {c: 1.10}\n").root)
    assert [(item.text, item.plain, str(item.span)) for item in raw["a"]] == [
        ("NO", True, "f:1:5"),
        ("1", False, "f:1:9"),
    ]
    assert isinstance(raw["b"]["c"], Scalar)
    assert raw["b"]["c"].text == "1.10"


def test_paths_that_lead_nowhere_have_the_place_of_their_ancestor():
    here = places("a:\n  b: [x]\n")
    assert here.value(("a", "b", 5, "z")) == here.value(("a", "b"))
    assert here.key(("a", "z")) == here.value(("a",))
    assert here.key(("a", "b")).column == 3
    assert here.key(("a", "b", 0)) == here.value(("a", "b", 0))
    assert here.has(("a", "b", 0))
    assert not here.has(("a", "b", 1))
    assert not here.has(("a", 0))


@pytest.mark.parametrize(
    ("written", "start", "end", "columns"),
    [
        ("amount > 0", 0, 6, (4, 10)),
        ("amount > 0", 9, 10, (13, 14)),
        ("'it''s ok'", 3, 5, (9, 11)),
        ("'ж😀 x'", 3, 4, (8, 9)),
        ('"a\\u0041\\tb"', 3, 4, (14, 15)),
        ('"a\\x41 b"', 1, 2, (6, 10)),
        ("amount > 0", 10, 10, (14, 15)),
    ],
)
def test_characters_of_a_scalar_have_places(written, start, end, columns):
    span = places(f"a: {written}\n").within(("a",), start, end)
    assert (span.line, span.column, span.end_column) == (1, *columns)


@pytest.mark.parametrize("written", ["|\n  one\n  two", "one\n  two", '"a\\\n  b"', "[a]"])
def test_folded_scalars_have_one_place(written):
    here = places(f"a: {written}\n")
    assert here.within(("a",), 1, 2) == here.value(("a",))
