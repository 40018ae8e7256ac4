"""Paths into records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.sources.paths import ABSENT, Path, parse_path


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("a",)),
        ("customer.email", ("customer", "email")),
        ("items[0].sku", ("items", 0, "sku")),
        ("m[1][20]", ("m", 1, 20)),
        (r"a\.b", ("a.b",)),
        (r"a\[0\].b\\c", ("a[0]", r"b\c")),
        ("Номер заказа", ("Номер заказа",)),
        ("0", ("0",)),
    ],
)
def test_parts(text, parts):
    assert parse_path(text).parts == parts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("a.", "ends with a key"),
        (".a", "a key is missing at character 1"),
        ("a..b", "a key is missing at character 3"),
        ("[0]", "a key is missing at character 1"),
        ("a.[0]", "a key is missing at character 3"),
        ("a[0]b", "a dot is missing at character 5"),
        ("a[-1]", "bracket at character 2"),
        ("a[01]", "bracket at character 2"),
        ("a[x]", "bracket at character 2"),
        ("a]", "bracket at character 2"),
        ("a[1", "bracket at character 2"),
        ("a\\", "backslash at character 2"),
        ("a\\b", "backslash at character 2"),
        ("a[٣]", "bracket at character 2"),
    ],
)
def test_nonsense_is_refused_in_words(text, words):
    with pytest.raises(ValueError, match=words):
        parse_path(text)


@given(st.lists(st.one_of(st.text(min_size=1), st.integers(0, 999_999_999))), st.text(min_size=1))
def test_written_form_reads_back(parts, root):
    path = Path((root, *parts))
    assert parse_path(str(path)) == path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a", None),
        ("b.c[1]", 2),
        ("b.c[2]", ABSENT),
        ("b[0]", ABSENT),
        ("a.x", ABSENT),
        ("z", ABSENT),
        ("b.c.x", ABSENT),
    ],
)
def test_find(text, found):
    assert parse_path(text).find({"a": None, "b": {"c": [1, 2]}}) is found or found == 2
