"""Presence, uniqueness, multiples, references."""

from __future__ import annotations

from fractions import Fraction
from math import nextafter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.checks import CHECKS, ParamError, Target
from dq.dtypes.types import STRING

from .bound import NOW, check, column, judge, verdicts


def test_required_is_the_check_that_fails_null():
    assert judge("required", "integer", "0", None) == [True, False]
    assert judge("not_null", "list<string>", "[]", None) == [True, False]


def test_type_has_nothing_to_say_of_null():
    assert judge("type", "integer", "1", None) == [True, None]


def test_unique_fails_every_copy_and_no_null():
    assert judge("unique", "string", "a", None, "b", "a", None) == [False, None, True, False, None]


def test_a_combination_is_judged_by_pandera_over_its_fields():
    pa = pytest.importorskip("pandera.polars")
    kind = CHECKS.find("unique")
    bound = kind(kind.Params(fields=["a", "b"]), Target("", STRING))
    frame = pl.LazyFrame({"a": [1, 1, 1, None, None], "b": ["x", "x", "y", "z", "z"]})
    assert bound.expected() == "a combination of a, b that occurs once"
    assert bound.pandera(pa, NOW)(frame, "*").check_output.collect().to_series().to_list() == [
        False,
        False,
        True,
        True,
        True,
    ]


@pytest.mark.parametrize("fields", [[], ["a", "a"]])
def test_a_combination_of_nothing_or_of_twins_is_refused(fields: list[str]):
    kind = CHECKS.find("unique")
    with pytest.raises(ParamError) as error:
        kind(kind.Params(fields=fields), Target("", STRING))
    assert error.value.code == "DQ308"


def test_a_combination_does_not_stand_under_a_field():
    kind = CHECKS.find("unique")
    with pytest.raises(ParamError) as error:
        kind(kind.Params(fields=["a", "b"]), Target("a", STRING))
    assert error.value.code == "DQ305"


def test_multiples_of_integers_and_decimals_are_exact():
    assert judge("multiple_of: 3", "integer", "9223372036854775806", "-9", "0", "4611686018427387904", None) == [
        True,
        True,
        True,
        False,
        None,
    ]
    assert judge(
        "multiple_of: 0.05",
        "decimal(38,2)",
        "0.05",
        "999999999999999999999999999999999999.95",
        "999999999999999999999999999999999999.96",
    ) == [True, True, False]
    assert judge("multiple_of: 0.005", "decimal(5,2)", "0.01", "0.02") == [True, True]
    assert judge("multiple_of: 0.004", "decimal(5,2)", "0.01", "0.02", "0.04") == [False, True, True]
    assert judge("multiple_of: 1000", "decimal(5,2)", "0", "999.99") == [True, False]


def test_a_number_is_a_multiple_if_it_is_the_nearest_to_one():
    assert judge("multiple_of: 0.1", "number", "0.3", "0.7", "0.30000000000000004", "0.35") == [
        True,
        True,
        False,
        False,
    ]
    assert judge("multiple_of: 0.01", "number", "19.99", "4.35", "123456789.11", "1e18") == [True, True, True, False]


@given(
    st.sampled_from(["0.1", "0.01", "0.05", "2.5", "3", "0.3", "0.007"]),
    st.lists(st.integers(-(10**6), 10**9), min_size=1, max_size=50),
)
def test_every_multiple_passes_and_its_neighbours_do_not(step: str, times: list[int]):
    multiples = [float(Fraction(step) * count) for count in times]
    bound = check(f"multiple_of: {step}", "number")
    assert all(verdicts(bound, pl.Series("field", multiples)))
    beside = [nextafter(value, float("inf")) for value in multiples]
    assert not any(verdicts(bound, pl.Series("field", beside)))


@pytest.mark.parametrize(
    ("text", "of", "code"),
    [
        ("multiple_of: 0", "integer", "DQ308"),
        ("multiple_of: -2", "integer", "DQ308"),
        ("multiple_of: 1e-300", "number", "DQ308"),
        ("multiple_of: 0.5", "integer", "DQ318"),
        ("multiple_of: 2", "string", "DQ304"),
    ],
)
def test_steps_that_cannot_be_are_refused(text: str, of: str, code: str):
    with pytest.raises(ParamError) as error:
        check(text, of)
    assert error.value.code == code


def test_references_compare_canonical_text():
    text = "references: {file: shops.csv, column: code}"
    bound = check(text, "integer", keys=("7", "08"))
    assert verdicts(bound, column(["7", "8", None], "integer")) == [True, False, None]
    assert bound.expected() == "a value that stands in column code of shops.csv"
    assert bound.identity() == check(text, "integer", keys=("08", "7")).identity()
    assert bound.identity() != check(text, "integer", keys=("7",)).identity()


def test_references_need_a_file_with_keys():
    kind = CHECKS.find("references")
    params = kind.Params(file="f.csv", column="c")
    for reference in (None, lambda _file, _column: ()):
        with pytest.raises(ParamError) as error:
            kind(params, Target("field", STRING, reference))
        assert error.value.code == "DQ320"
