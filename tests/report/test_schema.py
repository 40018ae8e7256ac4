"""The published schema of report.json, and the reports of real runs."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import jsonschema
import jsonschema_rs
import orjson
import pytest

from dq.report import build
from dq.report.schema import load_schema

from . import runs

VALIDATOR = jsonschema_rs.Draft202012Validator(load_schema())


def mistakes(report: Any) -> list[str]:
    """Return what the schema has against a report, as it is written."""
    written = orjson.loads(build.dump(report))
    return [f"{list(error.instance_path)}: {error.message}" for error in VALIDATOR.iter_errors(written)]


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    return runs.reports(tmp_path_factory.mktemp("reports"))


CASES = (
    "every type",
    "nothing",
    "a frame",
    "unreadable",
    "tightened",
    "refused",
    "absent",
    "aborted",
    "waived",
    "compared",
)


@pytest.mark.parametrize("case", CASES)
def test_reports_of_real_runs_are_valid(reports, case):
    assert mistakes(reports[case]) == []


def test_the_runs_show_everything(reports):
    """What the other tests break must be there to be broken."""
    assert set(reports) == set(CASES)
    every = reports["every type"]
    assert every["recommendations"]
    assert every["dedupe"]["deduplicated"] == 1
    assert every["dedupe"]["duplicates"]["examples"]
    assert every["filters"] == [{"id": "wanted", "filtered": 1}]
    assert reports["unreadable"]["checks"][0]["examples"]
    assert reports["refused"]["sources"][0]["refused"]["code"] == "source.missing_column"
    assert reports["aborted"]["because"]


OPEN = {"doors", "unknown_fields", "codes", "quantiles", "value", "fields", "differs", "scores", "rates",
        "observed"}  # fmt: skip
"""Their keys are data."""


def closed(value: Any, key: str = "", path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every mapping whose keys are the format's own."""
    if key == "edits":
        return  # what an edit sets is a part of a spec
    if isinstance(value, dict):
        if key not in OPEN:
            yield path
        for name, item in value.items():
            yield from closed(item, "" if key == "fields" else name, (*path, name))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from closed(item, "", (*path, index))


def at(report: Any, path: tuple[Any, ...]) -> Any:
    """Return the part of a report at a path."""
    for step in path:
        report = report[step]
    return report


@pytest.mark.parametrize("case", ["every type", "unreadable", "refused"])
def test_a_key_more_anywhere_is_refused(reports, case):
    report = orjson.loads(build.dump(reports[case]))
    paths = list(closed(report))
    assert len(paths) > 15
    for path in paths:
        changed = copy.deepcopy(report)
        at(changed, path)["surprise"] = 1
        assert mistakes(changed), f"a key more at {path}"


OPTIONAL = {"distinct", "distinct_exact", "min_length", "max_length", "min", "max", "mean", "standard_deviation",
            "quantiles", "histogram", "top", "delimiter", "quote", "decimal", "values", "fields", "code",
            "share", "observed"}  # fmt: skip


@pytest.mark.parametrize("case", ["every type", "unreadable", "refused"])
def test_a_key_less_anywhere_is_refused(reports, case):
    report = orjson.loads(build.dump(reports[case]))
    for path in closed(report):
        for key in at(report, path):
            if path and key in OPTIONAL and path[0] in {"fields", "sources", "recommendations"}:
                continue
            changed = copy.deepcopy(report)
            del at(changed, path)[key]
            assert mistakes(changed), f"without {key} at {path}"


@pytest.mark.parametrize(
    "part", ["_records", "_source", "_check", "_counts", "_example", "_dedupe", "_duplicates", "_conflict"]
)
@pytest.mark.parametrize("change", ["more", "less"])
def test_a_builder_that_writes_other_keys_is_found(tmp_path, monkeypatch, part, change):
    original = getattr(build, part)

    def changed(*arguments: Any) -> Any:
        values = original(*arguments)
        spare = list(values)[-2]  # one that no recommendation is made from
        return values | {"surprise": 1} if change == "more" else {k: v for k, v in values.items() if k != spare}

    plan = runs.plan(tmp_path, runs.EVERY_TYPE)
    assert mistakes(dict(plan.check(runs.RECORDS, now=runs.NOW).data)) == []
    monkeypatch.setattr(build, part, changed)
    assert mistakes(dict(plan.check(runs.RECORDS, now=runs.NOW).data))


def test_personal_data_in_a_profile_is_against_the_schema(reports):
    report = orjson.loads(build.dump(reports["every type"]))
    secret = report["fields"]["secret"]
    assert secret["pii"]
    for side, key in (
        ("before", "top"),
        ("after", "min"),
        ("after", "quantiles"),
        ("after", "histogram"),
        ("after", "mean"),
    ):
        changed = copy.deepcopy(report)
        changed["fields"]["secret"][side][key] = changed["fields"]["i"][side][key]
        assert mistakes(changed), f"{side}.{key}"


def described(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every property of a schema, with its path."""
    if isinstance(schema, dict):
        for name, item in schema.get("properties", {}).items() if path.rpartition(".")[2] not in {"if", "then"} else ():
            yield f"{path}.{name}", item
        for name, item in schema.items():
            yield from described(item, f"{path}.{name}")
    if isinstance(schema, list):
        for item in schema:
            yield from described(item, path)


def test_every_key_is_described():
    schema = load_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    found = dict(described(schema))
    assert len(found) > 100
    assert [path for path, item in found.items() if "description" not in item and "$ref" not in item] == []


def test_every_mapping_is_closed_or_says_what_its_keys_are():
    """No place is left open."""

    def objects(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(schema, dict):
            if schema.get("type") == "object":
                yield path, schema
            for name, item in schema.items():
                yield from objects(item, f"{path}.{name}")

    loose = [path for path, schema in objects(load_schema()) if "additionalProperties" not in schema]
    assert loose == []


def test_it_refers_to_nothing_outside():
    text = orjson.dumps(load_schema()).decode()
    assert [part for part in text.split('"$ref":"')[1:] if not part.startswith("#/$defs/")] == []
