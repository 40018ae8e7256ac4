"""Lists and the checks of their elements."""

from __future__ import annotations

import pytest

from dq.checks import ParamError

from .bound import check, judge


def test_elements_are_counted_with_the_null_ones():
    assert judge("min_items: 2", "list<integer>", "[1]", "[1, null]", "[]", None) == [False, True, False, None]
    assert judge("max_items: 1", "list<integer>", "[1]", "[1, null]", "[]", None) == [True, False, True, None]


def test_every_element_must_pass():
    text = "items: [{between: [0, 9]}, {not_in: [5]}]"
    assert judge(text, "list<integer>", "[0, 9]", "[1, 10]", "[5]", "[]", "[null]", None) == [
        True,
        False,
        False,
        True,
        True,
        None,
    ]
    assert judge("items: [required]", "list<integer>", "[1]", "[1, null]") == [True, False]
    assert judge("items: [{minimum: 1.005}]", "list<decimal(5,2)>", "[1.01]", "[1.00]") == [True, False]


def test_json_schema_lets_null_elements_pass_unless_they_are_required():
    assert check("items: [{minimum: 0}]", "list<integer>").json_schema() == {
        "items": {"anyOf": [{"type": "null"}, {"allOf": [{"minimum": 0}]}]}
    }
    assert check("items: [required]", "list<integer>").json_schema() == {"items": {"not": {"type": "null"}}}
    assert check("items: [{minimum: 2026-01-01}]", "list<date>").json_schema() is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("items: []", "DQ308"),
        ("items: [unqiue]", "DQ301"),
        ("items: [unique]", "DQ304"),
        ("items: [{min_length: 2}]", "DQ304"),
        ("items: [{minimum: 1, severity: warning}]", "DQ305"),
        ("items: [{minimum: {value: 1, valeu: 1}}]", "DQ305"),
        ("items: [minimum]", "DQ306"),
        ("items: [{minimum: [1]}]", "DQ307"),
        ("items: [{minimum: x}]", "DQ318"),
        ("items: [[a]]", "DQ307"),
        ("min_items: -1", "DQ308"),
    ],
)
def test_mistakes_inside_are_found(text: str, code: str):
    with pytest.raises(ParamError) as error:
        check(text, "list<integer>")
    assert error.value.code == code


def test_words():
    assert (
        check("items: [required, {minimum: 1}]", "list<integer>").expected()
        == "a list in which every element is a value and a value of at least 1"
    )
    assert check("min_items: 1", "list<integer>").expected() == "a list of at least 1 element"
