"""Patterns compared as automata agree with Python's own engine on every text that is tried."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.patterns import compile_pattern, parse_pattern
from dq.patterns.automaton import Language, TooLargeError, difference

TEXTS = ["".join(letters) for length in range(5) for letters in product("ab1 ", repeat=length)]
ATOMS = st.sampled_from(["a", "b", "1", " ", "[ab]", r"\d", r"\w", r"\s", ".", "^", "$", r"\b", r"\B", "[^a]"])


@st.composite
def sources(draw, depth=2):
    """Draw a pattern of the dialect."""
    if depth == 0:
        return draw(ATOMS)
    parts = draw(st.lists(sources(depth=depth - 1), min_size=1, max_size=3))
    # The empty group keeps a lone place from being repeated, which the dialect refuses.
    joined = "(?:(?:)" + ("|" if draw(st.booleans()) else "").join(parts) + ")"
    return joined + draw(st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,2}"]))


def matched(source: str) -> list[str]:
    found = re.compile(compile_pattern(source).python)
    return [text for text in TEXTS if found.search(text)]


def of(source: str) -> Language:
    return Language((parse_pattern(source),))


@settings(max_examples=100, deadline=None)
@given(sources(), sources())
def test_a_difference_is_one_and_none_is_missed(first, second):
    ours, theirs = matched(first), matched(second)
    found = difference(of(first), of(second))
    if found is None:
        assert set(ours) <= set(theirs)
    else:
        assert re.search(compile_pattern(first).python, found)
        assert not re.search(compile_pattern(second).python, found)
        shortest = min((len(text) for text in set(ours) - set(theirs)), default=len(found))
        assert len(found) <= shortest


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("^[0-9]+$", r"^\d+$"),
        ("^(a|b)*$", "^[ab]*$"),
        ("(?i)^ab$", "^[aA][bB]$"),
        ("^.{2,3}$", "^..(?:.)?$"),
        ("a", "^[^a]*a"),
        (r"^\p{Lu}$", r"^[\p{Lu}]$"),
        ("x*", ""),
    ],
)
def test_equal_patterns_are_found_equal(first, second):
    if second != "^[^a]*a":  # `.` of the others is no newline, but a search goes over everything.
        assert difference(of(first), of(second)) is None
    assert difference(of(second), of(first)) is None


def test_lengths_take_part():
    short, letters = Language((), 2, 3), of("^[a-z]{2,3}$")
    assert difference(letters, short) is None
    found = difference(short, letters)
    assert found is not None
    assert len(found) == 2
    assert difference(Language((parse_pattern("^[a-z]+$"),), 2, 3), letters) is None


def test_what_is_too_large_is_said():
    with pytest.raises(TooLargeError):
        difference(of("^(?:a{70}){70}$"), of("^b"))
