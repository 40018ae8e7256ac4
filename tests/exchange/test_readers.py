"""Specifications made from other languages lint clean, and say what is not in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings

import dq
from dq.cli.main import run
from dq.errors import UsageError
from dq.exchange import READERS, load, read_document, read_tables
from dq.exchange.documents import flow, scalar
from dq.exchange.draft import FieldDraft, SpecDraft, free_name
from dq.spec.nodes import to_raw
from dq.spec.yaml import parse_text

from .specs import cases, compiled

load()
REAL = Path(__file__).parent / "real"
DOCUMENTS = sorted(
    path for path in REAL.rglob("*") if path.suffix in {".json", ".yaml"} and "json-schema" not in path.name
)


def read(document: object, language: str | None = None) -> dq.Imported:
    """Import a document, and see that the specification lints."""
    imported = read_document(json.dumps(document).encode(), "given.json", language)
    assert compiled(imported.text) is not None, imported.text
    return imported


def spec(text: str) -> object:
    """Return a specification as plain values."""
    reading = parse_text(text, "spec")
    assert reading.root is not None
    assert not reading.diagnostics

    def plain(raw: object) -> object:
        if isinstance(raw, dict):
            return {key: plain(value) for key, value in raw.items()}
        return [plain(item) for item in raw] if isinstance(raw, list) else str(raw)

    return plain(to_raw(reading.root))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_real_documents_are_recognized_and_lint(path):
    imported = dq.import_spec(path)
    assert compiled(imported.text) is not None
    assert all(f"# * {loss.at}" in imported.text for loss in imported.losses)


def test_there_are_ten_real_schemas_of_iglu():
    assert len(list((REAL / "iglu").glob("*.json"))) >= 10


def test_what_a_real_contract_says_beside_the_data_is_listed():
    losses = {loss.at for loss in dq.import_spec(REAL / "odcs" / "full-example.odcs.yaml").losses}
    assert {"servers", "price", "team", "schema[1]", "properties.rcvr_id.relationships"} <= losses


def test_a_real_schema_of_iglu_is_the_same_for_records():
    imported = dq.import_spec(REAL / "iglu" / "client_session-1-0-2.json")
    plan = compiled(imported.text)
    assert plan is not None
    assert (plan.compiled.event, plan.compiled.version) == ("client_session", "1.0.2")
    good = {
        "userId": "0" * 16,
        "sessionId": "123e4567-e89b-12d3-a456-426614174000",
        "sessionIndex": 1,
        "storageMechanism": "SQLITE",
    }
    assert plan.check_event(good).accepted
    for change in (
        {"userId": "x"},
        {"sessionId": "1"},
        {"sessionIndex": -1},
        {"more": 1},
        {"storageMechanism": "x"},
        {"userId": None},
    ):
        assert not plan.check_event(good | change).accepted


def test_json_schema():
    imported = read(
        {
            "title": "order 2.1.0",
            "type": "object",
            "properties": {
                "id": {"$ref": "#/$defs/id"},
                "state": {"enum": ["a", None]},
                "size": {"type": "integer", "exclusiveMinimum": 0, "multipleOf": 2},
                "note": {"type": ["string", "integer"]},
                "any": {},
                "inner-part": {"type": "object", "properties": {"a": {"type": "string"}}},
                "codes": {"type": "array", "items": {"type": "string", "maxLength": 3}, "uniqueItems": True},
                "zip": {"type": "string", "pattern": "^(?!0)[0-9]+$"},
                "at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
            },
            "required": ["id", "state"],
            "dependentRequired": {"id": ["size"]},
            "$defs": {"id": {"type": "string", "format": "uuid"}},
        }
    )
    fields = spec(imported.text)["fields"]
    assert fields == {
        "id": {"type": "string", "required": "true", "checks": [{"format": "uuid"}]},
        "state": {"type": "string", "checks": [{"accepted_values": ["a"]}]},
        "size": {"type": "integer", "checks": [{"gt": "0"}, {"multiple_of": "2"}]},
        "note": {"type": "string"},
        "inner_part_a": {"type": "string"},
        "codes": {"type": "list<string>", "checks": [{"items": ["required", {"max_length": "3"}]}]},
        "zip": {"type": "string"},
        "at": {"type": "datetime"},
    }
    assert spec(imported.text)["sources"]["records"]["fields"] == {"inner_part_a": "inner-part.a"}
    assert {loss.at for loss in imported.losses} == {
        "properties.note.type", "properties.any", "properties.inner-part.type", "properties.codes.uniqueItems",
        "properties.zip", "dependentRequired", "properties.state.required",
    }  # fmt: skip


NESTED = {
    "title": "order",
    "type": "object",
    "properties": {
        "customer": {"$ref": "#/$defs/customer"},
        "billing": {"anyOf": [{"$ref": "#/$defs/address"}, {"type": "null"}]},
        "ship.to": {"allOf": [{"$ref": "#/$defs/address"}], "description": "where to"},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
        "free": {"type": "object"},
        "node": {"$ref": "#/$defs/node"},
        "far": {"$ref": "other.json#/x"},
    },
    "required": ["customer", "free"],
    "$defs": {
        "customer": {
            "type": "object",
            "properties": {"email": {"type": "string"}, "home": {"$ref": "#/$defs/address"}},
            "required": ["email"],
        },
        "address": {
            "type": "object",
            "properties": {"zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
            "required": ["zip"],
            "additionalProperties": False,
        },
        "tag": {"type": "string", "maxLength": 10},
        "node": {"properties": {"value": {"type": "number"}, "next": {"$ref": "#/$defs/node"}}},
    },
}


def test_properties_of_objects_are_fields_with_paths():
    imported = read(NESTED)
    told = spec(imported.text)
    zips = {"type": "string", "checks": [{"pattern": "^[0-9]{5}$"}]}
    assert told["fields"] == {
        "customer_email": {"type": "string", "required": "true"},
        "customer_home_zip": zips,
        "billing_zip": zips,
        "ship_to_zip": zips,
        "tags": {"type": "list<string>", "checks": [{"items": ["required", {"max_length": "10"}]}]},
        "free": {"type": "object", "required": "true"},
        "node_value": {"type": "number"},
    }
    assert told["sources"]["records"]["fields"] == {
        "customer_email": "customer.email",
        "customer_home_zip": "customer.home.zip",
        "billing_zip": "billing.zip",
        "ship_to_zip": "ship\\.to.zip",
        "node_value": "node.value",
    }
    inside = {
        f"properties.{place}.{what}"
        for place in ("customer.properties.home", "billing", "ship.to")
        for what in ("type", "additionalProperties", "properties.zip.required")
    }
    rest = {"properties.node.type", "properties.node.properties.next", "properties.far"}
    assert {loss.at for loss in imported.losses} == inside | rest


def test_records_are_read_at_the_paths_of_nested_properties():
    plan = compiled(read(NESTED).text)
    assert plan is not None
    good = {"customer": {"email": "a@b.de", "home": {"zip": "12345"}}, "ship.to": {"zip": "12345"}, "free": {}}
    assert plan.check_event(good).accepted
    for change in ({"customer": {"home": {"zip": "12345"}}}, {"ship.to": {"zip": "x"}}, {"customer": 5}):
        assert not plan.check_event(good | change).accepted


SUITE = {
    "expectation_suite_name": "taxi.demo",
    "expectations": [
        {"expectation_type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}},
        {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "vendor"}},
        {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "vendor", "value_set": [1, 2]}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "fare", "min_value": 0, "mostly": 0.95}},
        {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "fare", "max_value": 50}},
        {"type": "expect_column_kl_divergence_to_be_less_than", "kwargs": {"column": "fare", "threshold": 0.1}},
        {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["vendor", "fare"]}},
    ],
}


def test_great_expectations():
    imported = read(SUITE)
    said = spec(imported.text)
    assert said["event"] == "taxi_demo"
    assert said["fields"] == {
        "vendor": {"type": "integer", "checks": ["required", {"accepted_values": ["1", "2"]}]},
        "fare": {"type": "number", "checks": [{"minimum": "0", "mostly": "0.95"}], "expect": [{"mean": {"max": "50"}}]},
    }
    assert said["checks"] == [{"unique": ["vendor", "fare"]}]
    assert said["expect"] == [{"row_count": {"min": "1"}}]
    assert [loss.at for loss in imported.losses] == [
        "expectations[5].expect_column_kl_divergence_to_be_less_than",
        "name",
    ]


def test_dbt():
    text = b"""
version: 2
models:
  - name: orders
    columns:
      - name: id
        data_tests: [unique, not_null]
      - name: status
        tests:
          - accepted_values: {values: [placed, shipped], config: {severity: warn}}
      - name: customer
        tests:
          - relationships: {to: ref('customers'), field: id}
          - not_null: {config: {where: "status = 'placed'"}}
      - name: amount
        tests: [dbt_utils.accepted_range: {min_value: 0, inclusive: false}]
    tests:
      - dbt_utils.unique_combination_of_columns: {combination_of_columns: [id, status]}
"""
    imported = read_document(
        text.replace(
            b"[dbt_utils.accepted_range: {min_value: 0, inclusive: false}]",
            b"[{dbt_utils.accepted_range: {min_value: 0, inclusive: false}}]",
        ),
        "schema.yml",
    )
    said = spec(imported.text)
    assert said["fields"] == {
        "id": {"type": "string", "checks": ["unique", "required"]},
        "status": {"type": "string", "checks": [{"accepted_values": ["placed", "shipped"], "severity": "warning"}]},
        "customer": {"type": "string"},
        "amount": {"type": "number", "checks": [{"gt": "0"}]},
    }
    assert said["checks"] == [{"unique": ["id", "status"]}]
    assert {loss.at for loss in imported.losses} == {"columns.customer.tests[0]", "columns.customer.tests[1]"}


def test_rules_of_a_contract():
    rules = [
        ({"metric": "nullValues", "mustBe": 0}, "required"),
        ({"metric": "duplicateValues", "mustBe": 0}, "unique"),
        ({"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": ["a"]}}, {"accepted_values": ["a"]}),
    ]
    for rule, check in rules:
        item = {"name": "a", "logicalType": "string", "quality": [rule, {"type": "sql", "query": "SELECT 1"}]}
        document = {"kind": "DataContract", "apiVersion": "v3.1.0", "schema": [{"name": "t", "properties": [item]}]}
        imported = read(document)
        assert spec(imported.text)["fields"]["a"]["checks"] == [check]
        assert [loss.at for loss in imported.losses] == ["properties.a.quality[1]"]


ROUND = ("jsonschema", "jsonschema-draft7", "iglu", "odcs", "tableschema")


@pytest.mark.parametrize("language", ROUND)
def test_what_went_out_comes_back(language):
    @settings(max_examples=20)
    @given(cases(records=1))
    def holds(case):
        _, plan, _ = case
        exported = plan.export(language)
        imported = read_document(exported.text.encode(), "exported", READERS.find(language).kind)
        back = compiled(imported.text)
        assert back is not None
        assert (back.compiled.event, back.compiled.version) == (plan.compiled.event, plan.compiled.version)
        assert {f.name: (f.type, f.required) for f in back.compiled.fields} == {
            f.name: (f.type, f.required) for f in plan.compiled.fields
        }

    holds()


PLAIN = """
dq: 1
event: order
version: 1.2.3
fields:
  id: {type: string, required: true, description: The key, checks: [{pattern: "^[A-Z]{2}$"}, {max_length: 2}]}
  state: {type: string, checks: [{accepted_values: [paid, open]}]}
  amount: {type: "decimal(12,2)", checks: [{between: [0, 1000]}]}
  count: {type: integer, required: true, checks: [{gt: 0}]}
  share: {type: number, checks: [{maximum: 1.5}]}
  seen: {type: datetime}
  day: {type: date, required: true}
  ok: {type: boolean}
  tags: {type: list<string>}
"""


@pytest.mark.parametrize("language", ROUND)
def test_a_plain_specification_comes_back_as_the_same_plan(language):
    plan = compiled(PLAIN)
    assert plan is not None
    imported = read_document(plan.export(language).text.encode(), "exported", READERS.find(language).kind)
    back = compiled(imported.text)
    assert back is not None
    assert {check.id: check.identity() for check in back.compiled.checks} == {
        check.id: check.identity() for check in plan.compiled.checks
    }
    assert [f.identity() for f in back.compiled.fields] == [f.identity() for f in plan.compiled.fields]
    assert back.fingerprint == plan.fingerprint or language in {"iglu", "odcs"}
    assert back.compiled.fields[0].description == "The key"


@pytest.mark.parametrize(
    "text", ["no", "", " a", "a: b", "#x", "1.0", "~", 'a"b\\', "\x07\u2028é😀", "- a", "{a", "@a", "null", "a #b"]
)
def test_texts_are_written_so_that_they_are_read_again(text):
    reading = parse_text(f"a: {scalar(text)}\nb: {flow([text, {'k': text}])}\n", "t")
    assert reading.root is not None
    raw = to_raw(reading.root)
    assert (raw["a"].text, raw["b"][0].text, raw["b"][1]["k"].text) == (text, text, text)


@pytest.mark.parametrize(
    ("name", "free"), [("a b", "a_b"), ("1a", "field_1a"), ("", "field"), ("__x", "x"), ("ключ", "ключ"), ("a", "a_2")]
)
def test_names_are_made_fit(name, free):
    assert free_name(name, {"a"}) == free


def test_a_check_that_dq_would_refuse_is_a_loss_and_not_a_mistake():
    spec_draft, field = SpecDraft("e"), FieldDraft("integer", "a")
    field.check("between", [5, 1])
    field.check("minimum", 3)
    field.check("maximum", 2)
    spec_draft.add("a", field)
    imported = spec_draft.finish("x")
    assert compiled(imported.text) is not None
    assert imported.losses[0].what[:13] == "between: [5, "


@pytest.mark.parametrize(
    ("data", "language", "problem"),
    [
        (b"{", None, "no JSON"),
        (b"a: &b 1\nc: *b\n", None, "cannot be read as YAML"),
        (b"{}", None, "does not tell its language"),
        (b"{}", "odcs", "no data contract"),
        (b"[]", "jsonschema", "no JSON Schema"),
        (b"{}", "xml", "no language 'xml'"),
        (b'{"properties": {"a": {"type": [["string"]]}}}', None, "not well-formed"),
        (b'{"resources": [1]}', None, "not well-formed"),
        (b'{"properties": {"a": {}}}', None, "no field that dq could hold"),
    ],
)
def test_what_is_no_document_of_a_language_is_refused(data, language, problem):
    with pytest.raises(dq.UsageError, match=problem):
        read_document(data, "given", language)


TABLES = {
    "models": [{"name": "orders", "columns": [{"name": "id", "tests": ["not_null"]}], "meta": {"team": "a"}}],
    "seeds": [{"name": "notes"}],
    "sources": [{"name": "raw", "tables": [{"name": "orders", "columns": [{"name": "id"}]}]}],
    "exposures": [{"name": "board"}],
}
SEVERAL = {
    "dbt": TABLES,
    "odcs": {
        "kind": "DataContract",
        "apiVersion": "v3.1.0",
        "schema": [
            {"name": name, "properties": [{"name": "id", "logicalType": "integer"}]} for name in ("orders", "refunds")
        ],
    },
    "tableschema": {
        "name": "shop",
        "resources": [
            {"name": name, "schema": {"fields": [{"name": "id", "type": "integer"}]}} for name in ("orders", "refunds")
        ],
    },
}


@pytest.mark.parametrize("language", SEVERAL)
def test_each_of_several_tables_has_a_specification(language):
    data = json.dumps(SEVERAL[language]).encode()
    found = read_tables(data, "given.json")
    assert list(found.specs) == ["orders", "orders_2" if language == "dbt" else "refunds"]
    for name, imported in found.specs.items():
        assert compiled(imported.text) is not None
        assert read_document(data, "given.json", table=name) == imported
        assert not any("a specification is of one" in loss.what for loss in imported.losses)
    assert [loss.at for loss in found.losses] == (["table notes"] if language == "dbt" else [])
    assert any("a specification is of one" in loss.what for loss in read_document(data, "given.json").losses)


def test_what_a_table_of_dbt_says_beside_its_columns_is_listed():
    imported = read_tables(json.dumps(TABLES).encode(), "schema.yml").specs["orders"]
    assert {loss.at for loss in imported.losses} == {"meta", "exposures"}


@pytest.mark.parametrize(
    ("document", "table", "problem"),
    [
        (TABLES, "order", "did you mean 'orders'"),
        (NESTED, "order", "it describes one thing"),
        (TABLES, "x", "there are"),
    ],
)
def test_a_table_that_is_not_there_is_refused(document, table, problem):
    with pytest.raises(UsageError, match=problem):
        read_document(json.dumps(document).encode(), "given.json", table=table)


def test_several_tables_are_written_into_a_folder_or_one_is_chosen(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema.yml").write_text(json.dumps(TABLES))
    assert run(["import", "schema.yml"]) == 2
    assert run(["import", "schema.yml", "-o", "one.yaml"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("(orders, orders_2, notes)") == 2
    assert run(["import", "schema.yml", "-o", "specs"]) == 0
    assert sorted(path.name for path in (tmp_path / "specs").iterdir()) == ["orders.dq.yaml", "orders_2.dq.yaml"]
    assert "table notes" in capsys.readouterr().err
    assert run(["import", "schema.yml", "-o", "specs"]) == 3
    assert run(["import", "schema.yml", "-o", "specs", "--replace", "--format", "json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["tables"]) == ["orders", "orders_2"]
    assert run(["import", "schema.yml", "--table", "orders_2"]) == 0
    assert "event: orders\n" in capsys.readouterr().out
