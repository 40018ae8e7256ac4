"""Patterns and lengths."""

from __future__ import annotations

import pytest

from dq.checks import ParamError

from .bound import check, judge


def test_a_pattern_is_searched_for_and_its_end_is_the_very_end():
    assert judge("pattern: b", "string", "abc", "ac", None) == [True, False, None]
    assert judge("regex: ^a$", "string", "a", "a\n") == [True, False]
    assert judge("pattern: a|b", "string", "xb", "x") == [True, False]
    assert judge(r"pattern: ^\d$", "string", "3", "٣") == [True, False]


def test_lengths_count_code_points():
    assert judge("min_length: 2", "string", "ё", "ёж", "") == [False, True, False]
    assert judge("max_length: 1", "string", "é", "e\u0301", "😀") == [True, False, True]
    assert judge("length: 2", "string", "a", "ab", "abc") == [False, True, False]
    assert judge("length: {min: 2}", "string", "a", "ab", "abc") == [False, True, True]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pattern: '(a'", "DQ309"),
        ("pattern: '(?=a)'", "DQ310"),
        (r"pattern: '(a)\1'", "DQ310"),
        ("min_length: -1", "DQ308"),
        ("max_length: -1", "DQ308"),
        ("length: {min: 3, max: 2}", "DQ308"),
        ("length: {}", "DQ306"),
        ("length: {exactly: 3, max: 3}", "DQ305"),
        ("min_length: three", "DQ307"),
        ("min_length: 1.5", "DQ307"),
    ],
)
def test_what_cannot_be_is_the_authors_mistake(text: str, code: str):
    with pytest.raises(ParamError) as error:
        check(text)
    assert error.value.code == code


def test_expected_lengths_in_words():
    assert check("min_length: 3").expected() == "a text of at least 3 characters"
    assert check("length: 2").expected() == "a text of exactly 2 characters"
    assert check("length: {min: 2, max: 4}").expected() == "a text of 2 to 4 characters"
