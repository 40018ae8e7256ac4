"""Listed values are read by the field's type."""

from __future__ import annotations

import pytest

from dq.checks import ParamError

from .bound import check, judge


def test_source_texts_keep_their_meaning():
    assert judge("accepted_values: [007, NO, 1.10]", "string", "007", "7", "NO", "1.1") == [True, False, True, False]
    assert judge("accepted_values: [1.10]", "decimal(5,2)", "1.1", "1.10", "1.11") == [True, True, False]
    assert judge("isin: [1, 3]", "integer", "3", "2", None) == [True, False, None]
    assert judge("equals: true", "boolean", "true", "false") == [True, False]
    assert judge("not_accepted_values: [2026-01-01]", "date", "2026-01-01", "2026-01-02", None) == [False, True, None]


def test_equal_moments_in_other_zones_are_equal():
    assert judge('enum: ["2026-01-01T03:00:00+03:00"]', "datetime", "2026-01-01T00:00:00Z") == [True]


@pytest.mark.parametrize(
    ("text", "of", "code"),
    [
        ("accepted_values: []", "string", "DQ308"),
        ("accepted_values: [1, two]", "integer", "DQ318"),
        ("accepted_values: [1.005]", "decimal(12,2)", "DQ318"),
        ("accepted_values: one", "string", "DQ307"),
        ("accepted_values", "string", "DQ306"),
        ("equals: maybe", "boolean", "DQ318"),
        ("accepted_values: [a]", "list<string>", "DQ304"),
    ],
)
def test_lists_that_cannot_be_are_the_authors_mistake(text: str, of: str, code: str):
    with pytest.raises(ParamError) as error:
        check(text, of)
    assert error.value.code == code


def test_a_long_list_is_cut_in_words():
    words = [f"w{number}" for number in range(15)]
    assert check(f"accepted_values: [{', '.join(words)}]").expected() == "one of w0, w1, w2 and 12 more"
    assert check("not_accepted_values: [a, b]").expected() == "none of a, b"


def test_order_and_repetition_do_not_change_the_identity():
    assert check("isin: [b, a, b]").identity() == check("accepted_values: [a, b]").identity()


def test_json_schema_says_values_as_canonical_json_does():
    assert check("isin: [1.10, 2]", "decimal(5,2)").json_schema() == {"enum": [1.1, 2]}
    assert check("isin: [1.10, 2]", "decimal(25,2)").json_schema() is None
    assert check("equals: 2026-01-31", "date").json_schema() == {"const": "2026-01-31"}
    assert check("equals: false", "boolean").json_schema() == {"const": False}
