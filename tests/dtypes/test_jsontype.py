"""The JSON Schema of a type takes every canonical value and not its neighbours."""

from __future__ import annotations

import json
from datetime import UTC

import jsonschema_rs
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.dtypes.jsontype import json_type
from dq.dtypes.render import text_of
from dq.dtypes.types import parse_type


def validator(type_name):
    """A strict validator of the canonical values of a type."""
    return jsonschema_rs.validator_for(json_type(parse_type(type_name)), pattern_options=jsonschema_rs.RegexOptions())


CANONICAL = {
    "date": st.dates(),
    "time": st.times(),
    "datetime": st.datetimes(timezones=st.just(UTC)),
    "duration": st.integers(-(2**63) + 1, 2**63 - 1),
}


@pytest.mark.parametrize("type_name", CANONICAL)
def test_canonical_times_fit(type_name):
    type_, valid = parse_type(type_name), validator(type_name)

    @given(CANONICAL[type_name])
    def law(value):
        column = pl.Series("v", [value], dtype=pl.Int64 if type_name == "duration" else type_.polars).cast(type_.polars)
        text = column.to_frame().select(text_of(type_, pl.col("v"))).item()
        assert valid.is_valid(text), text

    law()


@pytest.mark.parametrize(
    ("type_name", "yes", "no"),
    [
        ("integer", ["5", str(2**63 - 1)], ["1.5", '"5"', str(2**63), "true", "null"]),
        ("number", ["5", "1e300"], ['"5"', "true"]),
        ("decimal(3,1)", ["99.9", "-99.9", "0"], ["100.0", "-100", '"1"']),
        ("boolean", ["true"], ["1", '"true"']),
        ("string", ['"x"'], ["1"]),
        ("date", ['"2026-11-01"'], ['"2026-11-01\\n"', '"2026-13-01"', '"26-11-01"', '"x2026-11-01"']),
        ("time", ['"10:00:00"'], ['"24:00:00"', '"10:00:60"', '"10:00:00.5"', '"10:00"']),
        ("datetime", ['"2026-11-01T10:00:00Z"'], ['"2026-11-01T10:00:00"', '"2026-11-01 10:00:00Z"']),
        ("duration", ['"PT0S"', '"-P1DT2H3M4.5S"', '"P1DT1H5S"'], ['"P"', '"P1DT"', '"24h"', '"P1W"']),
        ("list<integer>", ["[1,null]", "[]"], ["1", '["x"]']),
        ("object", ["{}"], ["[]", '"{}"']),
    ],
)
def test_the_fragment_of_each_type(type_name, yes, no):
    valid = validator(type_name)
    assert [valid.is_valid(json.loads(text)) for text in yes + no] == [True] * len(yes) + [False] * len(no)
