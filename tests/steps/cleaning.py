"""What the tests of text steps share: reading an entry of `clean`, and running a step over values."""

from __future__ import annotations

from typing import Any

import polars as pl
import yaml
from hypothesis import strategies as st

from dq.params import Raw, Scalar
from dq.steps import load
from dq.steps.base import TEXT_STEPS, TextStep

load()
# The file of the example of `aliases`.
EXAMPLE_TABLE = pl.DataFrame({"name": ["рф", "russia"], "code": ["RU", "RU"]})

# Characters that this Python's Unicode tables know, so that a newer table in Polars cannot disagree.
known = st.characters(exclude_categories=("Cs", "Cn", "Co"))
texts = st.lists(st.one_of(st.none(), st.text(known, max_size=12), st.text(" \tаA\u0301ёßΣİé1-\u200b", max_size=8)))


def raw(node: yaml.Node) -> Raw:
    """Turn a composed YAML node into raw values."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: raw(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [raw(value) for value in node.value]
    return Scalar(node.value, plain=node.style is None)


def step(entry: str) -> TextStep:
    """Bind one entry of `clean`, written as in a spec."""
    value: Any = raw(yaml.compose(entry, Loader=yaml.BaseLoader))
    if isinstance(value, Scalar):
        kind, params = TEXT_STEPS.find(value.text), {}
    else:
        name, params = next(iter(value.items()))
        siblings = {key: item for key, item in value.items() if key != name}
        kind = TEXT_STEPS.find(name)
        assert kind is not None
        shorthand = kind.Params.shorthand
        if shorthand == "table" or not isinstance(params, dict):
            params = {shorthand: params}
        params = {**params, **siblings}
    assert kind is not None
    return kind.bind(kind.Params.model_validate(params), lambda _, columns: EXAMPLE_TABLE.select(columns))


def run(bound: TextStep, values: list[str | None]) -> list[str | None]:
    """Run a step over a column of values."""
    frame = pl.DataFrame({"text": pl.Series(values, dtype=pl.String)})
    return frame.select(bound.expression(pl.col("text")).alias("text"))["text"].to_list()


def run_many(bound: TextStep, values: list[str | None]) -> list[str | None]:
    """Run a step over a column as if it were one of thousands of values."""
    frame = pl.DataFrame({"text": pl.Series(values, dtype=pl.String)})
    return frame.select(bound.expression_of_many(pl.col("text")).alias("text"))["text"].to_list()


def refused(bound: TextStep, values: list[str | None]) -> list[bool | None]:
    """Return which values a step refuses."""
    where = bound.refused(pl.col("text"))
    assert where is not None
    return pl.DataFrame({"text": pl.Series(values, dtype=pl.String)}).select(where.alias("r"))["r"].to_list()
