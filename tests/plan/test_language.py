"""The JSON Schema of the language, as the package ships it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from dq import plugins
from dq.checks import CHECKS, Check
from dq.params import Params
from dq.plan.compiler import lint_text
from dq.plan.language import language, language_json, waivers_json
from dq.spec.nodes import MappingNode, SequenceNode
from dq.spec.yaml import parse_text
from dq.steps.base import TEXT_STEPS

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "dq" / "dq-spec.schema.json"
SPECS = sorted(
    {
        *ROOT.glob("specs/**/*.dq.yaml"),
        *ROOT.glob("examples/*/*.dq.yaml"),
        *ROOT.glob("tests/specs_for_mutation/*.dq.yaml"),
    }
)


@pytest.fixture(scope="module")
def schema():
    plugins.load()
    return language()


@pytest.fixture(scope="module")
def validator(schema):
    return jsonschema.Draft202012Validator(schema)


def plain(node):
    """Read a node as YAML 1.2's core schema does, which is what an editor judges."""
    if isinstance(node, MappingNode):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    words = {"": None, "~": None} | {
        word: value
        for name, value in (("null", None), ("true", True), ("false", False))
        for word in (name, name.title(), name.upper())
    }
    if not node.plain:
        return node.text
    if node.text in words:
        return words[node.text]
    for read in (int, float):
        try:
            return read(node.text)
        except ValueError:
            pass
    return node.text


def errors(validator, text: str) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(plain(parse_text(text, "f").root))]


def test_the_shipped_file_is_what_the_registries_say():
    plugins.load()
    message = "renew it: python -m dq lint --schema > dq/dq-spec.schema.json"
    assert SHIPPED.read_bytes() == language_json(), message


def test_it_is_a_schema_of_2020_12(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_sound_specs_are_valid(validator, spec):
    assert errors(validator, spec.read_text(encoding="utf-8")) == []


OTHERS = ("~", "null", "''", "[]", "{}", "true", "TRUE", "0", "5", "5.0", "5%", "24h", "64MiB", "x", "1e3", "-1")
STRIDE = (
    int(os.environ.get("DQ_MUTANTS_STRIDE", "13")) * 11
)  # a mutant costs more than those of the other test, and there are more


def scalars(node):
    """Yield the scalars of a spec."""
    if isinstance(node, MappingNode):
        for entry in node.entries.values():
            yield from scalars(entry.value)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from scalars(item)
    else:
        yield node


def changed(text: str):
    """Yield a spec with one scalar written in another way, or another one in its place; its own quotes are left out."""
    lines = text.split("\n")
    for node in scalars(parse_text(text, "f").root):
        span = node.span
        written = [f'"{node.text}"', node.text, f"[{node.source}]", *OTHERS]
        for other in written if span.line == span.end_line else ():
            line = lines[span.line - 1]
            mutant = line[: span.column - 1] + other + line[span.end_column - 1 :]
            yield "\n".join([*lines[: span.line - 1], mutant, *lines[span.line :]])


def test_what_lint_accepts_is_valid_however_it_is_written(validator):
    tried = [(spec, mutant) for spec in SPECS for mutant in changed(spec.read_text(encoding="utf-8"))][::STRIDE]
    assert len(tried) > 100
    for spec, mutant in tried:
        reading = parse_text(mutant, "f")
        if reading.root is None or reading.diagnostics or validator.is_valid(plain(reading.root)):
            continue
        found = lint_text(mutant, "f", spec.parent)
        assert any(diagnostic.severity == "error" for diagnostic in found), mutant


def test_every_kind_is_known_by_every_name(schema):
    entry = schema["$defs"]["Check"]["anyOf"][-1]["properties"]
    assert set(CHECKS.names()) <= entry.keys()
    assert set(TEXT_STEPS.names()) <= schema["$defs"]["CleaningStep"]["anyOf"][-1]["properties"].keys()
    assert {"assert", "unique"} <= schema["$defs"]["RowCheck"]["properties"].keys()
    assert "row_count" not in str(schema["$defs"]["FieldExpectation"])
    assert "missing" in str(schema["$defs"]["Expectation"])


def undescribed(value, path: str):
    """Yield the paths of properties without a description."""
    if isinstance(value, dict):
        for name, inner in value.get("properties", {}).items() if isinstance(value.get("properties"), dict) else ():
            if not inner.get("description") and not path.endswith(".then"):  # the condition repeats a key
                yield f"{path}.{name}"
        for key, inner in value.items():
            yield from undescribed(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from undescribed(inner, f"{path}[{index}]")


def test_every_key_has_a_description(schema):
    assert list(undescribed(schema, "$")) == []
    broken = {"properties": {"a": {"type": "string"}, "b": {"description": "B."}}}
    assert list(undescribed(broken, "$")) == ["$.a"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("      - pattern: ", "      - patern: "),
        ("    clean: [strip, upper]", "    clean: [stripp, upper]"),
        ("    required: true", "    requird: true"),
        ("  - row_count:", "  - rowcount:"),
        ("        severity: warning", "        severity: warn"),
        ("      - missing: {max: 5%}", "      - row_count: {min: 1}"),
        ("          column: code", "          colum: code"),
        ("  - assert: total", "  - asert: total"),
        ("    compression: gzip", "    compression: gz"),
    ],
)
def test_typos_are_marked_while_writing(validator, before, after):
    text = (ROOT / "tests/specs_for_mutation/orders.dq.yaml").read_text(encoding="utf-8")
    assert before in text
    assert errors(validator, text.replace(before, after, 1))


def test_a_kind_of_a_plugin_is_in_it():
    class Nothing(Params):
        """None."""

    kind = type("Even", (Check,), {"kind": "even", "title": "The value is even.", "Params": Nothing})
    CHECKS.register(kind)
    try:
        bare, named = language()["$defs"]["Check"]["anyOf"]
    finally:
        CHECKS.remove("even")
    assert "even" in bare["enum"]
    assert named["properties"]["even"]["description"] == "The value is even."


class TestWaivers:
    """The schema of files of waivers."""

    shipped = SHIPPED.with_name("dq-waivers.schema.json")
    sound = "{check: a.minimum, reason: the old till, owner: 7, expires: 2026-12-31}"

    def errors(self, text: str) -> list[str]:
        schema = json.loads(self.shipped.read_bytes())
        jsonschema.Draft202012Validator.check_schema(schema)
        return errors(jsonschema.Draft202012Validator(schema), text)

    def test_the_shipped_file_is_what_the_model_says(self):
        message = "renew it: python -m dq lint --waivers-schema > dq/dq-waivers.schema.json"
        assert self.shipped.read_bytes() == waivers_json(), message

    def test_sound_waivers_are_valid(self):
        assert self.errors(f"waivers: [{self.sound}]") == []
        for path in ROOT.glob("docs/tour/*.waivers.yaml"):
            assert self.errors(path.read_text(encoding="utf-8")) == []

    @pytest.mark.parametrize(
        ("right", "wrong"),
        [
            ("reason", "reasn"),
            ("the old till", "''"),
            ("the old till", "[a]"),
            (", owner: 7", ""),
            ("2026-12-31", "31.12.2026"),
            (sound, ""),
        ],
    )
    def test_mistakes_are_seen(self, right, wrong):
        assert self.errors(f"waivers: [{self.sound.replace(right, wrong)}]") != []
