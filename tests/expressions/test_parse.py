from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.expressions import MAX_DEPTH, MAX_LENGTH, ExpressionError, check_all, parse
from tests.expressions.strategies import FIELDS

SYNTAX = [
    ("s == 'a'", "==", "is not an operator", "="),
    ("i > 0 && b", "&&", "is not an operator", "and"),
    ("b || b", "||", "is not an operator", "or"),
    ("!b", "!", "is not an operator", "not"),
    ("i !== 5", "!==", "is not an operator", "<>"),
    ("i ≥ 5", "≥", "is not an operator", ">="),
    ("i >", ">", "ends where a value is expected", None),
    ("b and", "and", "ends where a value is expected", None),
    ("and b", "and", "a value is expected before", None),
    ("(i > 0", "(", "never closed", None),
    ("i > 0)", ")", "no opening one", None),
    ("s = 'paid", "'", "quote ' is never closed", None),
    ('"i > 0', '"', 'quote " is never closed', None),
    ("s = ‘paid’", "‘", "straight single quotes", None),
    ("i 5", "5", "an operator is missing", None),
    ("s in ('a' 'b')", "'b'", "an operator is missing", None),
    ("s like 'a%'", "like", "use contains", None),
    ("0 < i < 5", "<", "do not chain", "and"),
    ("i in 5", "in", "a list in parentheses", None),
    ("i in (1,)", ")", "a value is expected", None),
    ("i is 5", "is", "only `is null`", "="),
    ("1a > 2", "1a", "neither a number nor a name", None),
    ("i > 1.", "1.", "neither a number nor a name", None),
    ("$i > 1", "$", "no meaning", None),
    ("", "", "empty", None),
    (" \n", " \n", "empty", None),
]


@pytest.mark.parametrize(("text", "place", "problem", "suggestion"), SYNTAX)
def test_a_syntax_error_says_what_is_wrong_and_where(text, place, problem, suggestion):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    error = caught.value
    assert error.code == "DQ401"
    assert problem in error.values["problem"]
    assert (text[error.start : error.end], error.suggestion) == (place, suggestion)


def test_length_and_depth_have_limits():
    parse("b" + " " * (MAX_LENGTH - 1))
    with pytest.raises(ExpressionError, match="longer than 4,096"):
        parse("b" + " " * MAX_LENGTH)
    parse("not " * (MAX_DEPTH - 1) + "b")
    for deep in ("not " * MAX_DEPTH + "b", "-" * 4000 + "i", " + ".join(["i"] * 1000), "abs(" * 500 + "i" + ")" * 500):
        with pytest.raises(ExpressionError, match="deeper than 64"):
            parse(deep)
    assert parse("(" * 2000 + "b" + ")" * 2000).root.kind == "field"


def test_long_chains_are_one_level():
    root = parse(" and ".join(["b"] * 500)).root
    assert (root.kind, root.depth, len(root.children)) == ("and", 2, 500)


def test_words_may_be_fields_where_sql_reserves_them():
    root = parse("date > date '2026-01-01' AND length(length) = 1 And now < now()").root
    assert [child.children[0].text for child in root.children] == ["date", "length", "now"]
    assert root.children[0].children[1].kind == "typed"


def test_quotes_are_doubled_inside_quotes():
    root = parse("""\"a ""b\" = 'it''s'""").root
    assert [child.text for child in root.children] == ['a "b', "it's"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a + b * c", "+"),
        ("a - b - c = d", "="),
        ("not a = b and c or d", "or"),
        ("-a * b", "*"),
        ("not a and b", "and"),
    ],
)
def test_precedence(text, kind):
    assert parse(text).root.kind == kind


_pieces = st.sampled_from(
    ["and", "or", "not", "in", "between", "is", "null", "(", ")", ",", "'", '"', "=", "==", "<", "&&", "!", "+", "-", "*", "/", "%", ".", "1", "1.5", "9e9", "99999999999999999999999999999999999999999", "i", "s", "b", "x", "d", "at", "length", "round", "coalesce", "matches", "date", "'2026-01-01'", "date_diff", "поле", "\0", "\n", "е\u0301", "²", "1e999"]
)  # fmt: skip


@given(
    st.one_of(
        st.text(max_size=60), st.lists(_pieces, max_size=14).map(" ".join), st.lists(_pieces, max_size=8).map("".join)
    )
)
def test_no_text_raises_anything_but_the_error_of_the_language(text):
    try:
        _, errors = check_all(parse(text), FIELDS)
    except ExpressionError as error:
        errors = (error,)
    for error in errors:
        assert error.code.startswith("DQ")
        assert 0 <= error.start <= error.end <= len(text)
