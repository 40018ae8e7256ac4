"""Expectations judge plain counts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dq.checks import EXPECTATIONS, Measure, ParamError

ROWS, MISSING = EXPECTATIONS.find("row_count"), EXPECTATIONS.find("missing")


def test_row_count_is_of_accepted_rows():
    bound = ROWS(ROWS.Params(min=2, max=3))
    assert [bound.judge(Measure(accepted=count)).passed for count in (1, 2, 3, 4)] == [False, True, True, False]
    assert bound.judge(Measure(accepted=1, present=3)) == (False, 1, "2 to 3 accepted rows")
    assert ROWS(ROWS.Params(min=1)).judge(Measure(accepted=0)) == (False, 0, "at least 1 accepted row")
    assert ROWS(ROWS.Params(max=1)).judge(Measure(accepted=1)) == (True, 1, "at most 1 accepted row")


@pytest.mark.parametrize(("params", "code"), [({}, "DQ306"), ({"min": -1}, "DQ308"), ({"min": 3, "max": 2}, "DQ308")])
def test_counts_that_cannot_be(params: dict[str, int], code: str):
    with pytest.raises(ParamError) as error:
        ROWS(ROWS.Params(**params))
    assert error.value.code == code


def test_missing_is_an_exact_share():
    bound = MISSING(MISSING.Params(max="5%"))
    assert bound.judge(Measure(accepted=0, present=100, missing=5)) == (True, 0.05, "at most 5% missing")
    assert bound.judge(Measure(accepted=0, present=99, missing=5)).passed is False
    assert bound.judge(Measure(accepted=0)) == (True, 0.0, "at most 5% missing")
    assert bound.identity() == MISSING(MISSING.Params(max="0.05")).identity()


def test_a_share_above_one_is_refused():
    with pytest.raises(ValidationError):
        MISSING.Params(max="120%")
