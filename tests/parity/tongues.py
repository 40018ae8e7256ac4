"""The verdicts of one bound check on one column, in each tongue."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import jsonschema
import jsonschema_rs
import pandera.polars as pa
import polars as pl

from dq.checks import Check
from dq.dtypes.render import text_of
from dq.dtypes.types import Family

from .columns import NOW

RUST = jsonschema_rs.RegexOptions()  # the linear-time engine


def polars_verdicts(check: Check, series: pl.Series) -> list[bool | None]:
    """Return what the splitter says; a null verdict means that there is nothing to judge."""
    frame = series.to_frame("field").select(check.expression(pl.col("field"), NOW).alias("verdict"))
    assert frame.schema["verdict"] == pl.Boolean
    return frame["verdict"].to_list()


def pandera_verdicts(check: Check, series: pl.Series) -> list[bool]:
    """Return what the gate says, by the failure cases of a validation of the collected frame."""
    bound = check.pandera(pa, NOW)
    if check.target.type.family is Family.DURATION:  # pandera cannot print a duration and raises instead
        return bound(series.to_frame("field").lazy(), "field").check_output.collect().to_series().to_list()
    schema = pa.DataFrameSchema({"field": pa.Column(series.dtype, bound, nullable=True)})
    try:
        schema.validate(series.to_frame("field"), lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        assert cases["column"].unique().to_list() == ["field"], cases
        assert cases["index"].null_count() == 0, cases
        failed = set(cases["index"])
        return [row not in failed for row in range(len(series))]
    return [True] * len(series)


def json_instances(series: pl.Series, check: Check) -> list[Any]:
    """Return the values as a JSON reader gives them: numbers, booleans, texts, lists."""
    of = check.target.type
    if of.family is Family.OBJECT:
        return [None if text is None else json.loads(text) for text in series]
    if of.element is not None:
        texts = series.to_frame("v").select(pl.col("v").list.eval(text_of(of.element, pl.element())))["v"]
        return [
            None if values is None else [_json(value, text) for value, text in zip(values, said, strict=True)]
            for values, said in zip(series.to_list(), texts.to_list(), strict=True)
        ]
    texts = series.to_frame("v").select(text_of(of, pl.col("v")))["v"]
    return [_json(value, text) for value, text in zip(series, texts, strict=True)]


def _json(value: Any, text: str | None) -> Any:
    """Return one scalar of JSON from a value and its canonical text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return float(text) if isinstance(value, Decimal) else text


def rust_verdicts(schema: dict[str, Any], instances: list[Any]) -> list[bool]:
    """Return what jsonschema-rs says."""
    validator = jsonschema_rs.Draft202012Validator(schema, pattern_options=RUST)
    return [validator.is_valid(instance) for instance in instances]


def python_verdicts(schema: dict[str, Any], instances: list[Any]) -> list[bool]:
    """Return what Python's jsonschema says."""
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    return [validator.is_valid(instance) for instance in instances]
