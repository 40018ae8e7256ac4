"""The exported JSON Schema and dq judge alike, and the schema is one."""

from __future__ import annotations

import json
import os
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.exchange.writers.iglu import draft4
from tests.parity.tongues import RUST

from .specs import KINDS, cases, compiled, refusals

EXAMPLES = 40 if os.environ.get("DQ_HYPOTHESIS") == "long" else 6  # of each kind, of 20 records: 10,000 in the long run
VALIDATORS = {
    "jsonschema": (jsonschema_rs.Draft202012Validator, jsonschema.Draft202012Validator),
    "jsonschema-draft7": (jsonschema_rs.Draft7Validator, jsonschema.Draft7Validator),
    "iglu": (jsonschema_rs.Draft4Validator, jsonschema.Draft4Validator),
}


def verdicts(schema: dict[str, Any], records: list[dict[str, Any]], language: str = "jsonschema") -> list[bool]:
    """Return what a validator says of each record."""
    schema = {key: value for key, value in schema.items() if key != "$schema"}
    validator = VALIDATORS[language][0](schema, pattern_options=RUST)
    return [validator.is_valid(record) for record in records]


def agree(case: Any, language: str) -> None:
    """Assert that an exported schema is one, and says of every record what dq says."""
    _, plan, records = case
    exported = plan.export(language)
    schema = json.loads(exported.text)
    VALIDATORS[language][1].check_schema({key: value for key, value in schema.items() if key != "$schema"})
    lost = {loss.at for loss in exported.losses}
    accepted = [not (refused - lost) for refused in refusals(plan, records)]
    assert verdicts(schema, records, language) == accepted


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_agrees_with_dq_on_records_in_canonical_form(kind):
    @settings(max_examples=EXAMPLES)
    @given(cases(kind=kind))
    def holds(case):
        agree(case, "jsonschema")

    holds()


@pytest.mark.parametrize("language", VALIDATORS)
def test_every_draft_agrees(language):
    @settings(max_examples=EXAMPLES * 2)
    @given(cases())
    def holds(case):
        agree(case, language)

    holds()


@pytest.mark.parametrize("language", VALIDATORS)
@pytest.mark.parametrize(
    ("field", "accepted", "refused"),
    [
        ({"type": "string", "required": True}, ["a"], ["", None, 1]),
        ({"type": "integer", "missing": ["-1"], "required": True}, [0], [-1, None]),
        ({"type": "integer", "checks": [{"minimum": 0}]}, [0, None], [-1, 0.5]),
        ({"type": "integer", "checks": [{"lt": 3}, {"gt": 0}]}, [1, 2], [0, 3]),
        ({"type": "decimal(5,2)", "checks": [{"gt": 0}]}, [0.5, 999], [0, 1000]),
        ({"type": "string", "checks": [{"equals": "a"}]}, ["a", None], ["b"]),
        ({"type": "string", "checks": [{"max_length": 3}, {"length": 2}]}, ["ab", None], ["abc"]),
        ({"type": "date"}, ["2024-02-29", None], ["2023-02-29", "0000-01-01", "2024-1-1"]),
        ({"type": "datetime"}, ["2024-02-29T10:00:00+03:00"], ["2024-02-29", "0001-01-01T00:00:00+01:00"]),
        ({"type": "list<integer>", "checks": [{"items": ["required"]}]}, [[1], [], None], [[None], ["1"]]),
    ],
)
def test_values_at_the_edges(language, field, accepted, refused):
    plan = compiled(json.dumps({"dq": 1, "event": "e", "version": "1.0.0", "fields": {"a": field}}))
    assert plan is not None
    schema = json.loads(plan.export(language).text)
    records = [{"a": value} for value in (*accepted, *refused)]
    assert verdicts(schema, records, language) == [True] * len(accepted) + [False] * len(refused)


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(-2, 2), st.sampled_from(["", "1", "a", "2026-02-30", "P1D"])
)


@settings(max_examples=EXAMPLES * 3)
@given(
    cases(records=5),
    st.lists(st.dictionaries(st.sampled_from("abc"), st.one_of(ANYTHING, st.lists(ANYTHING, max_size=2)))),
)
def test_what_the_schema_accepts_dq_accepts(case, records):
    _, plan, _ = case
    exported = plan.export("jsonschema")
    lost = {loss.at for loss in exported.losses}
    lost |= {f"{name}.type" for name in "ab" if any(loss.at == f"fields.{name}.type" for loss in exported.losses)}
    said = verdicts(json.loads(exported.text), records)
    for accepted, refused in zip(said, refusals(plan, records) if records else [], strict=True):
        assert not accepted or not refused - lost


def test_what_is_not_said_is_listed():
    plan = compiled(
        """
        dq: 1
        event: order
        version: 1.0.0-rc.1
        fields:
          id: {type: string, required: true, clean: [strip], checks: [unique, {pattern: "\\\\bA"}]}
          n: {type: integer, impute: {constant: 0}, checks: [{gt: 0, severity: warning}, {lt: 9, where: "id = 'A'"}]}
          m: {type: integer, derive: n + 1}
        filter: [{id: known, keep: n > 0}]
        expect: [{row_count: {min: 1}}]
        """
    )
    assert plan is not None
    losses = {loss.at for loss in plan.export("jsonschema").losses}
    assert losses == {
        "fields.id.clean", "id.unique", "id.pattern", "fields.n.impute", "n.gt", "n.lt", "fields.m.type",
        "fields.m.derive", "known", "expect.row_count",
    }  # fmt: skip
    assert "version" in {loss.at for loss in plan.export("iglu").losses}


def test_draft_04_has_flags_for_exclusive_bounds():
    assert draft4({"exclusiveMinimum": 0, "maximum": 9}) == {"minimum": 0, "exclusiveMinimum": True, "maximum": 9}
    assert draft4({"exclusiveMinimum": -10, "minimum": 0}) == {"minimum": 0}
    assert draft4({"exclusiveMaximum": 10, "maximum": 10}) == {"maximum": 10, "exclusiveMaximum": True}
    assert draft4({"not": {"const": 1}}) == {"not": {"enum": [1]}}
