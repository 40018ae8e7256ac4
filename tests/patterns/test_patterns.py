"""The dialect: what it means, what it refuses, and that its targets agree."""

from __future__ import annotations

import re

import jsonschema_rs
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.patterns import Pattern, PatternError, compile_pattern, escape_replacement

TEXTS = [
    "",
    "a",
    "a\n",
    "\na",
    "A",
    "xя",
    "я",
    "Я",
    "٣",
    "5",
    " ",
    "\u00a0",
    "\u2028",
    "é",
    "😀",
    "ß",
    "_",
    "-",
    "ab\r\nba",
]


def found(pattern: Pattern, texts: list[str]) -> dict[str, list[bool]]:
    """What each target says of each text."""
    said = {
        "polars": pl.Series(texts, dtype=pl.String).str.contains(pattern.polars).to_list(),
        "python": [re.search(pattern.python, text) is not None for text in texts],
    }
    if pattern.ecma is not None:
        schema = {"type": "string", "pattern": pattern.ecma}
        validator = jsonschema_rs.validator_for(schema, pattern_options=jsonschema_rs.RegexOptions())
        said["jsonschema"] = [validator.is_valid(text) for text in texts]
    return said


def agreed(pattern: str, texts: list[str]) -> list[bool]:
    """What all targets say of each text; it is an error if they do not agree."""
    said = found(compile_pattern(pattern), texts)
    assert len({tuple(each) for each in said.values()}) == 1, (pattern, said)
    return said["polars"]


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("^a$", ["a"], ["a\n", "\na", "A", "xa"]),
        ("a|b", ["xb", "a"], ["c"]),
        ("b", ["abc"], ["ac"]),
        (r"^\d$", ["5"], ["٣", "５"]),
        (r"^\w$", ["a", "_", "5"], ["я", "é"]),
        (r"^\s$", [" ", "\t", "\n", "\v", "\f", "\r"], ["\u00a0", "\u2028", "\ufeff", "\x1c", "\x85"]),
        (r"^\D\W\S$", ["яяя", "a-a"], ["5-a"]),
        ("^.$", ["a", "\r", "\u2028", "😀", "\x00"], ["\n", ""]),
        ("(?s)^.$", ["\n", "a"], ["aa"]),
        (r"\bя", ["xя"], ["я", " я", "яя"]),
        (r"\Bя", ["я", " я", "яя"], ["xя"]),
        (r"^a\b", ["aя", "a", "a-"], ["ab"]),
        ("(?i)^привет$", ["ПРИВЕТ", "привет"], ["привет\n"]),
        ("(?i)^straße$", ["STRAßE"], ["strasse"]),
        ("(?i)^s$", ["S", "s"], ["ſ"]),
        ("(?i)^[k]$", ["K", "k"], ["\u212a"]),
        ("(?i)^[^k]$", ["x"], ["K", "k"]),
        ("(?i)^[а-я]$", ["Я", "я"], ["ё"]),
        ("^(?i:a)b$", ["Ab", "ab"], ["aB"]),
        ("^(?i:a|b)(?i)?c$".replace("(?i)?", ""), ["Bc"], ["BC"]),
        (r"^\p{Lu}\P{L}$", ["Я5", "A-"], ["я5", "AA"]),
        (r"^[\p{L}\d-]+$", ["Я-5"], ["Я_5"]),
        (r"^[\]\[^\\-]$", ["]", "[", "^", "\\", "-"], ["a"]),
        (r"^[a-]$", ["a", "-"], ["b"]),
        (r"^[-a]$", ["a", "-"], ["b"]),
        (r"^[!-/]$", ["-", "&", "!"], ["0"]),
        (r"^\x41\u042f\u{1F600}$", ["AЯ😀"], ["A"]),
        (r"^a{2,3}?$", ["aa", "aaa"], ["a", "aaaa"]),
        (r"^(a|b|)c$", ["c", "ac"], ["xc"]),
        (r"^\.\/\-\#\ \&\~$", ["./-# &~"], ["a/-# &~"]),
        (r"^(?:a{0}b)$", ["b"], ["ab"]),
        ("", ["", "a"], []),
        ("^$", [""], ["\n", "a"]),
        (r"^[\s\S]$", ["\n", "я"], ["aa"]),
    ],
)
def test_meaning_is_the_same_everywhere(pattern, yes, no):
    assert agreed(pattern, yes + no) == [True] * len(yes) + [False] * len(no)


@pytest.mark.parametrize(
    ("pattern", "position", "linear", "words"),
    [
        ("x(?=a)", 1, True, "look-around"),
        ("(?!a)", 0, True, "look-around"),
        ("(?<=a)", 0, True, "look-around"),
        ("(?<!a)", 0, True, "look-around"),
        (r"(a)\1", 3, True, "back-references"),
        (r"(?P<n>a)(?P=n)", 0, False, "no names"),
        (r"(a)(?P=n)", 3, True, "back-references"),
        (r"\k<n>", 0, True, "back-references"),
        ("(?>a)", 0, False, "atomic"),
        ("a++", 2, False, "possessive"),
        ("a{2}+", 4, False, "possessive"),
        ("[[:alpha:]]", 1, False, "POSIX"),
        ("[a&&b]", 2, False, "set operators"),
        ("[a--b]", 3, False, "set operators"),
        ("[a~~b]", 2, False, "set operators"),
        ("[a-z-9]", 4, False, "set operators"),
        ("[]", 0, False, "empty class"),
        ("[^]", 0, False, "empty class"),
        (r"[^\s\S]", 0, False, "matches nothing"),
        ("[z-a]", 1, False, "wrong order"),
        (r"[\d-z]", 1, False, "range"),
        (r"[\b]", 1, False, "escape"),
        ("[a", 0, False, "not closed"),
        ("(a", 0, False, "not closed"),
        ("a)", 1, False, "closes nothing"),
        ("*", 0, False, "nothing to repeat"),
        ("^*", 0, False, "cannot be repeated"),
        ("a**", 0, False, "nothing to repeat"),
        ("a{2}{3}", 0, False, "nothing to repeat"),
        ("a{,3}", 1, False, "a count is"),
        ("a{3,2}", 1, False, "wrong order"),
        ("a{1001}", 1, False, "at most 1000"),
        ("a]", 1, False, r"write \]"),
        ("a}", 1, False, r"write \}"),
        ("(?:(?:a{100}){100}){100}", 0, False, "too large"),
        (r"\p{L}{1000}", 0, False, "too large"),
        (r"\p{Cyrillic}", 0, False, "general category"),
        (r"\pL", 0, False, "general category"),
        (r"\A", 0, False, "write ^"),
        (r"\Z", 0, False, "write $"),
        (r"\q", 0, False, "escape"),
        (r"\é", 0, False, "escape"),
        (r"\u{D800}", 0, False, "no character"),
        (r"\u{110000}", 0, False, "no character"),
        (r"\x4", 0, False, r"\xHH"),
        ("\\", 0, False, "lone backslash"),
        ("[\\", 1, False, "lone backslash"),
        ("a(?i)b", 1, False, "start of the pattern"),
        ("(?m)a", 0, False, "the only groups"),
        ("(?x)a", 0, False, "the only groups"),
        ("(?-i:a)", 0, False, "the only groups"),
        ("(?#note)", 0, False, "comments"),
        ("\ud800", 0, False, "no character"),
        ("(" * 60 + ")" * 60, 50, False, "deeper"),
        ("a" * 10_001, 10_000, False, "at most"),
    ],
)
def test_refusals_say_where_and_why(pattern, position, linear, words):
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)
    assert words in caught.value.message
    assert (caught.value.position, caught.value.linear) == (position, linear)


def test_a_boundary_has_no_form_in_json_schema():
    assert compile_pattern(r"a\b").ecma is None
    assert compile_pattern(r"(?:a|(\Bb)+)").ecma is None
    assert compile_pattern("a|b").ecma == "a|b"


def test_a_hostile_text_costs_little():
    pattern = compile_pattern("^(a+)+$")
    assert pl.Series(["a" * 1_000_000 + "!"]).str.contains(pattern.polars).to_list() == [False]


@given(st.text(max_size=20), st.text(max_size=10))
def test_replacements_are_literal(text, replacement):
    replaced = pl.Series([text + "x"]).str.replace_all("x", escape_replacement(replacement))
    assert replaced[0] == (text + "x").replace("x", replacement)


LITERALS = st.sampled_from([*"abzAZ09_- яЯё٣éß😀&~#/@", r"\.", r"\-", r"\[", r"\n", r"\x41", r"\u042f", "\n"])
MEMBERS = st.sampled_from(
    [*"abzAZ09_яЯß😀@.$", "a-z", "А-я", "0-9", "!-~", r"\d", r"\W", r"\s", r"\p{Lu}", r"\P{L}", r"\]", r"\n", r"\-"]
)
CLASSES = st.builds(
    lambda sign, items: f"[{sign}{''.join(items)}]",
    st.sampled_from(["", "^"]),
    st.lists(MEMBERS, min_size=1, max_size=4),
)
ATOMS = LITERALS | CLASSES | st.sampled_from([".", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\p{L}"])
QUANTIFIERS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,3}", "{0,2}?", "*?", "{2,}"])
PLACES = st.sampled_from(["^", "$", r"\b", r"\B"])


def grow(inner):
    """Sequences, choices and groups of smaller patterns."""
    group = st.builds(
        lambda opening, body, count: f"{opening}{body}){count}",
        st.sampled_from(["(", "(?:", "(?i:", "(?s:"]),
        inner,
        QUANTIFIERS,
    )
    return st.lists(inner | group | PLACES, min_size=1, max_size=4).map("".join) | st.lists(
        inner, min_size=2, max_size=3
    ).map("|".join)


PATTERNS = st.recursive(st.builds(lambda atom, count: atom + count, ATOMS, QUANTIFIERS), grow, max_leaves=6)
PIECES = st.sampled_from([*"abzAZ09_- яЯё٣éß😀&~#/@.[]", "\n", "\r", "\u00a0", "\u2028", "ſ", "\u212a", "İ", "ı"])


@settings(max_examples=200)
@given(
    st.sampled_from(["", "", "(?i)", "(?s)", "(?is)"]),
    PATTERNS,
    st.lists(st.lists(PIECES, max_size=6).map("".join), min_size=1, max_size=8),
)
def test_the_targets_agree_on_any_pattern_and_text(flags, source, texts):
    try:
        pattern = compile_pattern(flags + source)
    except PatternError:
        return  # for example a class that matches nothing
    said = found(pattern, texts + TEXTS)
    assert len({tuple(each) for each in said.values()}) == 1, (pattern, said)


@given(st.text(alphabet=r"ab()[]{}|*+?^$\.-,019&~:=!<>Pidswpu{L}", max_size=12))
def test_any_text_is_a_pattern_or_a_refusal(source):
    try:
        pattern = compile_pattern(source)
    except PatternError as error:
        position = error.position
    else:
        position = 0
        re.compile(pattern.python)
        pl.Series([""]).str.contains(pattern.polars)
    assert 0 <= position <= len(source)
