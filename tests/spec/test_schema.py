from __future__ import annotations

import json

import jsonschema
import pytest
from pydantic import Field

from dq.params import Duration, Literal, Params, Share, Table, Text, Whole
from dq.spec.nodes import MappingNode, ScalarNode, SequenceNode
from dq.spec.schema import KindForm, language_schema
from dq.spec.yaml import parse_text
from spec.sample import FULL, MINIMAL


class Nothing(Params):
    pass


class Between(Params):
    shorthand = "range"
    range: list[Literal] | None = None
    min: Literal | None = Field(None, description="The least value.")
    max: Literal | None = None


class Values(Params):
    shorthand = "values"
    values: list[Literal]


class Pattern(Params):
    shorthand = "pattern"
    pattern: Text


class Missing(Params):
    max: Share


class Rows(Params):
    min: Whole | None = None
    within: Duration | None = None


class MapParams(Params):
    shorthand = "table"
    table: Table
    otherwise: Text = "keep"


CHECKS = [
    KindForm("between", "from min to max", Between),
    KindForm("accepted_values", "one of the values", Values, ("isin",)),
    KindForm("pattern", "matches", Pattern, ("regex",)),
    KindForm("unique", "occurs once", Nothing),
    KindForm("type", "is of the type", Nothing),
]
STEPS = [KindForm(name, name, Nothing) for name in ("strip", "upper", "lower", "nfkc")] + [
    KindForm("map", "a table", MapParams)
]
EXPECTATIONS = [KindForm("row_count", "rows", Rows), KindForm("missing", "share without a value", Missing)]


@pytest.fixture(scope="module")
def schema():
    return language_schema(CHECKS, STEPS, EXPECTATIONS)


def data(node):
    """Read a node as YAML 1.2's core schema does."""
    if isinstance(node, MappingNode):
        return {key: data(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, SequenceNode):
        return [data(item) for item in node.items]
    assert isinstance(node, ScalarNode)
    if not node.plain:
        return node.text
    words = {"": None, "~": None} | {
        word: value
        for name, value in (("null", None), ("true", True), ("false", False))
        for word in (name, name.title(), name.upper())
    }
    if node.text in words:
        return words[node.text]
    for read in (int, float):
        try:
            return read(node.text)
        except ValueError:
            pass
    return node.text


def errors(schema, text: str) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema)
    return [error.message for error in validator.iter_errors(data(parse_text(text, "f").root))]


def test_it_is_a_schema(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_valid_specs_are_valid(schema):
    assert errors(schema, FULL) == []
    assert errors(schema, MINIMAL) == []
    assert errors(schema, "dq: 1\nevent: a\nversion: 1.0.0\nextends: b.dq.yaml\nfields: {a: {required: true}}\n") == []
    assert errors(schema, MINIMAL + "  zip: {$ref: shared.yaml#/fields/zip, required: true}\n") == []


@pytest.mark.parametrize(
    "change",
    [
        ("dq: 1", "dq: 2"),
        ("version: 1.2.0", "version: 1.2"),
        ("event:", "evnt:"),
        ("- unique", "- uniqe"),
        ("- between: [", "- betwen: ["),
        ("severity: error", "severity: eror"),
        ("severity: error", "severty: error"),
        ("mostly: 99%", "mostly: lots"),
        ("{min: 0, max: 5,", "{min: 0, maximum: 5,"),
        ("[strip, upper]", "[stripp]"),
        ("- row_count:", "- rowcount:"),
        ("required: true", "required: yes"),
        ("    type: datetime\n", ""),
        ("format: jsonl", "format: jsn"),
        ("unknown_fields: ignore", "unknown_fields: drop"),
        ("quarantined: 1%", "quarantine: 1%"),
        ("- pattern: ", "- patern: "),
    ],
)
def test_typos_are_marked(schema, change):
    before, after = change
    assert before in FULL
    assert errors(schema, FULL.replace(before, after, 1))


def test_editors_are_told_every_name_with_a_description(schema):
    definitions = schema["$defs"]
    bare, named = definitions["Check"]["anyOf"]
    assert bare["enum"] == ["between", "unique", "type"]
    assert {"between", "accepted_values", "isin", "pattern", "regex", "unique", "severity", "mostly", "where"} <= set(
        named["properties"]
    )
    assert all("description" in value for value in named["properties"].values())
    for model in ("FieldModel", "SourceModel", "GateModel"):
        assert all("description" in value for value in definitions[model]["properties"].values())
    assert all("description" in value for value in schema["properties"].values())


def test_a_reference_needs_no_network(schema):
    def references(value):
        if isinstance(value, dict):
            yield from (item for key, item in value.items() if key == "$ref" and isinstance(item, str))
            for item in value.values():
                yield from references(item)
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    assert all(reference.startswith("#/$defs/") for reference in references(schema))
