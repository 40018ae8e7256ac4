"""Every registered kind documents itself, and its own example runs."""

from __future__ import annotations

import pytest

from dq.checks import CHECKS, EXPECTATIONS, load
from dq.dtypes.types import parse_type

from .bound import check, column, verdicts

load()
KINDS = {kind.kind: kind for kind in CHECKS}
DIMENSIONS = {"completeness", "uniqueness", "conformity", "accuracy", "consistency", "timeliness"}


def test_all_names_of_the_language_are_known():
    names = [
        "required",
        "not_null",
        "unique",
        "accepted_values",
        "isin",
        "in_set",
        "enum",
        "not_accepted_values",
        "between",
        "minimum",
        "ge",
        "maximum",
        "le",
        "gt",
        "lt",
        "equals",
        "multiple_of",
        "pattern",
        "regex",
        "min_length",
        "max_length",
        "format",
        "before",
        "after",
        "references",
        "min_items",
        "max_items",
        "items",
        "type",
    ]
    assert [name for name in names if CHECKS.find(name) is None] == []
    assert CHECKS.find("ge") is CHECKS.find("minimum")


def test_loading_again_changes_nothing():
    before = CHECKS.names()
    load()
    assert CHECKS.names() == before


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_documents_itself(name: str):
    kind = KINDS[name]
    assert kind.dimension in DIMENSIONS
    assert kind.title.endswith(".")
    assert kind.__doc__
    assert kind.Params.model_json_schema()["type"] == "object"
    assert all(field.description for field in kind.Params.model_fields.values())
    assert kind.families is None or parse_type(kind.example_type).family in kind.families


@pytest.mark.parametrize("name", KINDS)
def test_the_example_of_a_kind_holds(name: str):
    kind = KINDS[name]
    bound = check(kind.example, kind.example_type)
    assert isinstance(bound, kind)
    assert bound.expected()
    assert bound.identity()["kind"] == name
    assert kind.example_pass
    assert kind.example_fail or name == "type"
    passing = verdicts(bound, column(kind.example_pass, kind.example_type))
    assert passing == [True] * len(kind.example_pass)
    failing = verdicts(bound, column(kind.example_fail, kind.example_type))
    assert failing == [False] * len(kind.example_fail)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_certain_of_a_column_is_true_of_each_value(name: str):
    kind = KINDS[name]
    bound = check(kind.example, kind.example_type)
    for texts in (kind.example_pass, kind.example_fail, (*kind.example_pass, *kind.example_fail), (None,)):
        values = column(texts, kind.example_type)
        assert not bound.is_certain(values) or all(verdicts(bound, values))


def test_a_column_without_nulls_has_all_that_is_required():
    required = check("required", "integer")
    assert required.is_certain(column(("1", "2"), "integer"))
    assert not required.is_certain(column(("1", None), "integer"))


def test_expectations_document_themselves():
    assert {"missing", "row_count", "mean", "sum", "stdev"} <= {kind.kind for kind in EXPECTATIONS}
    for kind in EXPECTATIONS:
        assert kind.title.endswith(".")
        assert kind.__doc__
        assert kind.kind in kind.example
