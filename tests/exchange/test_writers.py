"""What is exported runs, is valid, and judges as dq does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pandera.polars as pa
import polars as pl
import pydantic
import pytest
import yaml
from hypothesis import given, settings

from dq.dtypes.types import Family
from dq.exchange import WRITERS, load
from dq.exchange.writers.tableschema import unanchored, whole
from tests.parity.columns import NOW, TYPES

from .specs import EXACT, cases, compiled, refusals

load()
REAL = Path(__file__).parent / "real"
ODCS = jsonschema_rs.validator_for(json.loads((REAL / "odcs" / "odcs-json-schema-v3.1.0.json").read_text()))
FEW = settings(max_examples=25)
SPEC = """
dq: 1
event: page_view
version: 1.0.0
description: "A */ page \\n seen"
owner: growth
fields:
  id: {type: integer, required: true, description: "The \\"id\\"", checks: [unique, {between: [1, 9]}]}
  class: {type: string, checks: [{accepted_values: [a, b]}, {pattern: "^[ab]+$"}, {pattern: "a|b"}]}
  mail: {type: string, pii: true, checks: [{format: email}]}
  secret: {type: string, mask: hash, checks: [{max_length: 5}]}
  cost: {type: "decimal(6,2)", checks: [{gt: 0.5}, {lt: 99}]}
  day: {type: date, checks: [{between: ["2020-01-01", "2030-01-01"]}, {before: now}]}
  tags: {type: list<string>, checks: [{min_items: 1}]}
  took: {type: duration}
  n: {type: number, derive: id * 2}
checks:
  - unique: [class, day]
expect:
  - row_count: {min: 1, max: 10}
"""


def execute(source: str) -> dict[str, Any]:
    """Run exported source, which is what its readers do with it."""
    names: dict[str, Any] = {}
    exec(compile(source, "exported", "exec", dont_inherit=True), names)
    return names


def accepts(schema: Any, row: pl.DataFrame) -> bool:
    """Whether a pandera schema accepts a row."""
    try:
        schema.validate(row)
    except (pa.errors.SchemaError, pa.errors.SchemaErrors):
        return False
    return True


def rows_of(plan: Any, records: list[dict[str, Any]]) -> list[tuple[pl.DataFrame, set[str]]]:
    """Return canonical rows of the records whose values can all be cast, each with the checks that refuse it."""
    types = {bound.name: bound.type for bound in plan.compiled.fields}
    bare = {name: {"type": str(of)} for name, of in types.items()}
    reader = compiled(json.dumps({"dq": 1, "event": "e", "version": "1.0.0", "fields": bare}))
    assert reader is not None
    frame = reader.run([json.dumps(record) for record in records], now=NOW).accepted
    assert frame.height == len(records)
    return list(zip(frame.iter_slices(1), refusals(plan, records), strict=True))


NOT_PRINTABLE = frozenset({Family.DURATION})  # pandera cannot show values of durations that fail


@pytest.mark.parametrize("language", ["pandera-python", "pandera-yaml"])
def test_pandera_agrees_on_canonical_rows(language):
    types = tuple(
        of
        for of in EXACT
        if of.family not in NOT_PRINTABLE and getattr(of.element, "family", None) not in NOT_PRINTABLE
    )

    @FEW
    @given(cases(records=6, types=types))
    def holds(case):
        _, plan, records = case
        exported = plan.export(language)
        lost = {loss.at for loss in exported.losses}
        lost |= {
            check.id
            for check in plan.compiled.checks
            if f"fields.{check.field}.checks" in lost and check.kind not in {"type", "required"}  # said apart from them
        }
        if language == "pandera-python":
            schema = execute(exported.text)["schema"]
        else:
            schema = pa.DataFrameSchema.from_yaml(exported.text)
        for row, refused in rows_of(plan, records):
            assert accepts(schema, row) == (not refused - lost)

    holds()


@FEW
@given(cases(records=8))
def test_the_pydantic_model_accepts_no_more_than_dq(case):
    _, plan, records = case
    exported = plan.export("pydantic")
    lost = {loss.at for loss in exported.losses}
    model = execute(exported.text)["Drawn"]
    for record, refused in zip(records, refusals(plan, records), strict=True):
        try:
            model.model_validate_json(json.dumps(record))
        except pydantic.ValidationError:
            assert refused or not says_all(record)
        else:
            assert not refused - lost or any(check.endswith(".required") for check in refused)


def says_all(record: dict[str, Any]) -> bool:
    """Whether pydantic reads every value of a record as dq does: its durations and lists of them are its own."""
    return not any(
        isinstance(value, str) and value[:1] in "-P" for value in json.loads(json.dumps(list(record.values()))) if value
    )


@FEW
@given(cases(records=1, types=TYPES))
def test_every_contract_is_valid(case):
    _, plan, _ = case
    document = yaml.safe_load(plan.export("odcs").text)
    ODCS.validate(document)


def test_odcs_of_a_rich_spec_is_valid():
    plan = compiled(SPEC)
    assert plan is not None
    contract = yaml.safe_load(plan.export("odcs").text)
    ODCS.validate(contract)
    properties = {one["name"]: one for one in contract["schema"][0]["properties"]}
    assert properties["cost"]["physicalType"] == "decimal(6,2)"
    assert properties["mail"]["classification"] == "restricted"
    assert properties["secret"] == {"name": "secret", "logicalType": "string", "classification": "restricted"}
    assert properties["class"]["quality"][0]["arguments"] == {"validValues": ["a", "b"]}
    assert contract["schema"][0]["quality"][-1]["arguments"] == {"properties": ["class", "day"]}


def test_typescript_and_pydantic_of_awkward_names_and_texts():
    plan = compiled(SPEC)
    assert plan is not None
    script = plan.export("typescript").text
    assert "/** A * / page   seen */\nexport interface PageView {" in script
    assert '  class?: "a" | "b" | null;' in script
    assert "  tags?: Array<string | null> | null;" in script
    model = execute(plan.export("pydantic").text)["PageView"]
    assert model.model_validate_json('{"id": 3, "class": "a", "cost": "1.50"}').class_ == "a"
    for record in (
        '{"class": "a"}',
        '{"id": 10}',
        '{"id": 3, "class": "c"}',
        '{"id": 3, "mail": "x"}',
        '{"id": 3, "cost": 1.505}',
    ):
        with pytest.raises(pydantic.ValidationError):
            model.model_validate_json(record)


def test_table_schema():
    plan = compiled(SPEC)
    assert plan is not None
    schema = json.loads(plan.export("tableschema").text)
    fields = {one["name"]: one for one in schema["fields"]}
    assert fields["id"]["constraints"] == {"required": True, "unique": True, "minimum": 1, "maximum": 9}
    assert fields["class"]["constraints"] == {"enum": ["a", "b"], "pattern": "[ab]+"}
    assert fields["day"]["constraints"] == {"minimum": "2020-01-01", "maximum": "2030-01-01"}
    assert schema["uniqueKeys"] == [["class", "day"]]


@pytest.mark.parametrize(
    ("pattern", "exported"),
    [("^[ab]+$", "[ab]+"), ("a|b", r"[\s\S]*(?:a|b)[\s\S]*"), ("^a|b$", r"[\s\S]*(?:^a|b$)[\s\S]*")],
)
def test_patterns_of_whole_texts_lead_back(pattern, exported):
    assert whole(pattern) == exported
    assert unanchored(exported) == pattern


@pytest.mark.parametrize("language", [writer.kind for writer in WRITERS])
def test_every_language_lists_what_it_does_not_say(language):
    plan = compiled(SPEC.replace("unique, ", 'unique, {equals: 3, where: "n > 1"}, '))
    assert plan is not None
    exported = plan.export(language)
    lost = {loss.at for loss in exported.losses}
    assert {"id.equals", "day.before", "fields.secret.mask", "fields.n.derive"} <= lost
    assert language in {"jsonschema", "jsonschema-draft7", "iglu", "tableschema"} or "* id.equals: " in exported.text
