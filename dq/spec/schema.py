"""The JSON Schemas of specs and of waivers, for editors: completion, hover and red lines while one is being written.

They are one-sided: whatever dq accepts, they accept.  dq itself never judges by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dq.params import Params
from dq.spec.model import CheckOptions, Spec
from dq.spec.rules import SEMVER
from dq.spec.waivers import WaiversModel

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_NAME = r"^(?!__)[^\s.\-]+$"


@dataclass(frozen=True, slots=True)
class KindForm:
    """What an editor is told of one kind: its names, what it does in words, and its parameters."""

    name: str
    title: str
    params: type[Params]
    aliases: tuple[str, ...] = ()


def language_schema(
    checks: Iterable[KindForm],
    steps: Iterable[KindForm],
    expectations: Iterable[KindForm],
    row_checks: Iterable[KindForm] = (),
    field_expectations: Iterable[KindForm] | None = None,
    fitted: Mapping[str, Iterable[KindForm]] = MappingProxyType({}),
    questions: Iterable[KindForm] = (),
) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a spec, loaded as plain YAML 1.2 data.

    `checks` are those of a field, `row_checks` those across fields, besides `assert` and `unique`; `steps` may
    stand in `clean`, `expectations` in `expect` of the spec, and `field_expectations`, by default the same, in that of
    a field.  `fitted` holds the kinds of `repair`, `outliers` and `impute`, `questions` those of `ml`.  The order of
    kinds is kept.
    """
    expectations = tuple(expectations)
    schema = Spec.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    options = CheckOptions.model_json_schema()
    definitions.update(options.pop("$defs", {}))
    definitions["CheckOptions"] = options
    beside = {
        key: {"$ref": f"#/$defs/CheckOptions/properties/{key}", "description": option["description"]}
        for key, option in options["properties"].items()
    }
    definitions["Check"] = _entry(checks, beside, definitions, "check-")
    definitions["RowCheck"] = _entry(row_checks, beside, definitions, "row-check-", _ROW_KINDS)
    definitions["CleaningStep"] = _entry(steps, {"otherwise": _OTHERWISE}, definitions, "step-")
    asked = {key: option for key, option in beside.items() if key in _OF_EXPECTATIONS}
    definitions["Expectation"] = _entry(expectations, asked, definitions, "expectation-")
    below = expectations if field_expectations is None else field_expectations
    definitions["FieldExpectation"] = _entry(below, asked, definitions, "field-expectation-")
    for stage, kinds in fitted.items():
        _fitted(stage, tuple(kinds), definitions)
    _questions(tuple(questions), definitions)
    _point(definitions["FieldModel"], {"checks": "Check", "clean": "CleaningStep", "expect": "FieldExpectation"})
    _point(schema, {"checks": "RowCheck", "expect": "Expectation"})
    _tighten(schema)
    return {"$schema": DRAFT, **_without_titles(schema), "title": "dq event specification, version 1"}


def waivers_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a file of waivers, loaded as plain YAML 1.2 data."""
    schema = WaiversModel.model_json_schema()
    return {"$schema": DRAFT, **_without_titles(schema), "title": "dq waivers of one specification"}


def _fitted(stage: str, kinds: Sequence[KindForm], definitions: dict[str, Any]) -> None:
    """Let a key of a field hold one fitted step: its kind, with its parameters behind it or beside it."""
    properties = definitions["FieldModel"]["properties"]
    beside: dict[str, Any] = {}
    for kind in kinds:
        beside |= kind.params.model_json_schema().get("properties", {})
    own = {name for kind in kinds for name in (kind.name, *kind.aliases)}
    beside = {name: form for name, form in beside.items() if name not in own}
    if stage == "impute":
        beside["indicator"] = {"description": "A boolean column that says where this filled.", "type": _WRITTEN}
    constant = {"constant": {"description": "The value to fill with.", "type": _WRITTEN}}
    entry = _entry(kinds, beside, definitions, f"{stage}-", constant if stage == "impute" else None)
    several = {"type": "array", "items": entry, "minItems": 1}
    form = {"anyOf": [entry, several]} if stage != "outliers" else entry
    properties[stage] = {"description": properties[stage].get("description", stage), **form}


def _questions(kinds: Sequence[KindForm], definitions: dict[str, Any]) -> None:
    """Let `ml` hold questions by their kind: true or false, the threshold, or the parameters in braces."""
    model = definitions["MlModel"]
    for kind in kinds:
        inner = kind.params.model_json_schema()
        definitions.update(inner.pop("$defs", {}))
        forms = _value(kind, inner, {})["anyOf"]
        for name in (kind.name, *kind.aliases):
            model["properties"][name] = {"description": kind.title, "anyOf": [{"type": "boolean"}, *forms]}
    model["additionalProperties"] = False


_WRITTEN = ["string", "number", "boolean"]  # what YAML makes of a text that is written without quotes
_OF_EXPECTATIONS = frozenset({"id", "description", "severity"})
_OTHERWISE = {"description": "What becomes of a value that the step does not know.", "type": "string"}
_ROW_KINDS: dict[str, Any] = {
    "assert": {"description": "An expression that must be true of every row.", "type": ["string", "boolean"]},
    "unique": {
        "description": "Fields that together occur once.",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
    },
}


def _entry(
    kinds: Iterable[KindForm],
    options: dict[str, Any],
    definitions: dict[str, Any],
    prefix: str,
    builtin: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the schema of one entry of a list: a bare name, or a mapping of one name and options.

    What stands behind a name goes into `definitions`, once for the name and its aliases.
    """
    bare: list[str] = []
    properties: dict[str, Any] = dict(builtin or {})
    for kind in kinds:
        inner = kind.params.model_json_schema()
        definitions.update(inner.pop("$defs", {}))
        definitions[f"{prefix}{kind.name}"] = _value(kind, inner, options)
        for name in (kind.name, *kind.aliases):
            properties[name] = {"$ref": f"#/$defs/{prefix}{kind.name}", "description": kind.title}
            if not inner.get("required"):
                bare.append(name)
    named: dict[str, Any] = {
        "type": "object",
        "properties": {**properties, **options},
        "additionalProperties": False,
        "anyOf": [{"required": [name]} for name in properties] or [{"not": {}}],
    }
    return {"anyOf": [{"type": "string", "enum": bare}, named]} if bare else named


def _value(kind: KindForm, inner: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of what stands behind the name of a kind."""
    own = inner.get("properties", {})
    beside = {} if "otherwise" in options else options
    forms: list[dict[str, Any]] = [
        {
            "type": "object",
            "properties": {**beside, **own},
            "required": inner.get("required", []),
            "additionalProperties": False,
        }
    ]
    if kind.params.shorthand is not None:
        forms.insert(0, own[kind.params.shorthand])
    return {"anyOf": forms}


def _point(model: dict[str, Any], lists: dict[str, str]) -> None:
    """Let lists of kinds hold entries of a definition."""
    for key, definition in lists.items():
        model["properties"][key]["items"] = {"$ref": f"#/$defs/{definition}"}


def _tighten(schema: dict[str, Any]) -> None:
    """Add what the models leave to the rules: versions and names.  A spec that extends another may say less."""
    properties = schema["properties"]
    for key, field in Spec.model_fields.items():
        properties[key].setdefault("description", field.description)  # pydantic drops it where a model is the default
    properties["dq"] = {"const": 1, "description": properties["dq"]["description"]}
    properties["version"] = {
        "type": "string",
        "pattern": f"^{SEMVER}$",
        "description": properties["version"]["description"],
    }
    for key in ("fields", "sources"):
        properties[key]["propertyNames"] = {"pattern": _NAME}
    schema["$defs"]["GateModel"]["properties"]["profiles"]["propertyNames"] = {"pattern": _NAME}
    complete = [name for name in schema.pop("required") if name != "fields"]
    schema["required"] = complete
    schema["anyOf"] = [{"required": ["fields"]}, {"required": ["extends"]}]
    field = schema["$defs"]["FieldModel"]
    field.pop("required", None)
    schema["if"] = {"not": {"required": ["extends"]}}
    typed = {"anyOf": [{"required": ["type"]}, {"required": ["$ref"]}]}
    schema["then"] = {"properties": {"fields": {"additionalProperties": typed}}}


def _without_titles(value: Any, inside: Sequence[str] = ()) -> Any:
    """Return a schema without the titles that pydantic makes of names; properties called `title` are kept."""
    if isinstance(value, dict):
        named = inside[-1:] in (("properties",), ("$defs",))
        return {
            key: _without_titles(item, (*inside, key))
            for key, item in value.items()
            if named or key != "title" or not isinstance(item, str)
        }
    return [_without_titles(item, inside) for item in value] if isinstance(value, list) else value
