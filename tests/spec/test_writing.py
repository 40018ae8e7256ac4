"""What is written as YAML is read back as the same texts."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dq.params import Scalar
from dq.spec.nodes import to_raw
from dq.spec.writing import block, flow, scalar
from dq.spec.yaml import parse_text

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=30)
VALUES = st.recursive(TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))


def texts(value):
    """Return raw values with scalars as their texts."""
    if isinstance(value, Scalar):
        return value.text
    if isinstance(value, list):
        return [texts(item) for item in value]
    return {key: texts(item) for key, item in value.items()}


@given(VALUES)
def test_any_value_is_read_back_in_braces_and_on_lines(value):
    for written in (f"a: {flow(value)}\n", "\n".join(block({"a": value}, 0)) + "\n"):
        reading = parse_text(written, "x")
        assert reading.diagnostics == (), written
        assert texts(to_raw(reading.root)) == {"a": value}, written


@pytest.mark.parametrize("text", ["no", "true", "null", "12", "1.10", "", " a", "a: b", "- a", "#a", "007", "~"])
def test_what_could_be_taken_for_something_else_is_quoted(text):
    assert scalar(text) == f'"{text}"'


def test_numbers_and_truth_values_are_no_texts():
    assert flow({"a": [1, 2.5, True], "b": "x y"}) == "{a: [1, 2.5, true], b: x y}"
    assert yaml.safe_load(flow({"a": [1, 2.5, True]})) == {"a": [1, 2.5, True]}
