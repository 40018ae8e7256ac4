"""JSON Schema, from draft-04 to 2020-12: an object of named properties becomes a specification."""

from __future__ import annotations

from typing import Any

from dq.dtypes.types import Type, parse_type
from dq.errors import UsageError
from dq.exchange.base import READERS, Imported, Reader
from dq.exchange.draft import Entry, FieldDraft, SpecDraft
from dq.exchange.producer import MARK, TYPE_MARK
from dq.exchange.readers.keywords import Keywords, shortened

TEMPORAL = {"date": "date", "date-time": "datetime"}
PLAIN_TYPES = frozenset({"string", "integer", "number", "boolean", "object"})
# Of the whole, what is read here, and what says nothing of a record.
READ = frozenset({"type", "properties", "required", "additionalProperties", "title", "description", MARK, "self"})
READ |= {"$schema", "$id", "id", "$defs", "definitions", "$comment", "examples"}
MAX_REFERENCES = 20


@READERS.register
class JsonSchemaReader(Reader):
    """Reads the properties of an object; nested ones stay objects, and what is asked of their insides is a loss."""

    kind = "jsonschema"
    aliases = ("jsonschema-draft7",)
    title = "JSON Schema, draft-04 to 2020-12"

    def recognizes(self, document: Any) -> bool:
        """Whether it is an object with properties, and not self-describing."""
        return isinstance(document, dict) and isinstance(document.get("properties"), dict) and "self" not in document

    def read(self, document: Any, name: str) -> Imported:
        """Return the specification."""
        if not isinstance(document, dict) or not isinstance(document.get("properties"), dict):
            raise UsageError(f"{name}: this is no JSON Schema of an object with properties")
        title, _, version = str(document.get("title") or name.partition(".")[0]).rpartition(" ")
        known = document.get(MARK) or {}
        named = (title, version) if title and version[:1].isdigit() else (f"{title} {version}".strip(), "1.0.0")
        draft = SpecDraft(str(known.get("event", named[0])), str(known.get("version", named[1])))
        return read_object(document, draft).finish(name)


def read_object(schema: dict[str, Any], draft: SpecDraft) -> SpecDraft:
    """Add to a draft what a schema says of an object.  Texts of JSON are what they are: none means no value."""
    draft.description = draft.description or schema.get("description")
    draft.missing = list((schema.get(MARK) or {}).get("missing", []))
    draft.closed = schema.get("additionalProperties") is False
    if isinstance(schema.get("additionalProperties"), dict):
        draft.lose("additionalProperties", "what other properties must be")
    stated = schema.get("required")
    required = stated if isinstance(stated, list) else []  # draft-03 has a flag there
    for name, written in schema["properties"].items():
        read_property(name, resolved(written, schema), name in required, draft)
    for key, value in schema.items():
        if key not in READ:
            draft.lose(key, shortened(value))
    for name in required:
        if name not in schema["properties"]:
            draft.lose(f"required.{name}", "a property that is required and not described")
    return draft


def read_property(name: str, schema: Any, required: bool, draft: SpecDraft) -> None:
    """Add one property to a draft."""
    at = f"properties.{name}"
    if not isinstance(schema, dict):
        draft.lose(at, f"a schema that is {schema}")
        return
    schema, nullable = without_null(schema)
    of = type_of(schema, at, draft)
    if of is None:
        draft.lose(at, f"no type of dq holds it: {shortened(schema)}")
        return
    field = FieldDraft(str(of), at, required=required and not nullable, description=described(schema))
    if required and nullable:
        draft.lose(f"{at}.required", "it must be present, and may be null: dq does not tell null from absent")
    keywords = Keywords(schema, of)
    for key in ("properties", "required", "additionalProperties") if of.name == "object" else ():
        if keywords.take(key) not in (None, True):
            draft.lose(f"{at}.{key}", "what is asked of the inside of an object")
    if of.element is not None:
        read_items(keywords.take("items"), of, field, draft)
    keywords.read(field, draft, tuple(draft.missing or ()))
    draft.add(name, field)


def read_items(schema: Any, of: Type, field: FieldDraft, draft: SpecDraft) -> None:
    """Read what is asked of the elements of a list."""
    assert of.element is not None
    inner, nullable = without_null(schema if isinstance(schema, dict) else {})
    element = FieldDraft(str(of.element), f"{field.at}.items")
    if of.element.name == "object" and "properties" in inner:
        draft.lose(f"{field.at}.items.properties", "what is asked of the inside of objects in a list")
        inner = {key: value for key, value in inner.items() if key in {"type", "description"}}
    Keywords(inner, of.element).read(element, draft)
    asked = [check.text for check in element.checks]
    if not nullable and isinstance(schema, dict):
        asked.insert(0, "required")
    if asked:
        text = ", ".join(text if text == "required" else f"{{{text}}}" for text in asked)
        field.checks.append(Entry(f"items: [{text}]", f"{field.at}.items"))


def resolved(schema: Any, root: dict[str, Any]) -> Any:
    """Return a schema with references within the document followed; others stay as they are."""
    for _ in range(MAX_REFERENCES):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return schema
        found: Any = root
        for part in reference[2:].split("/"):
            found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        if not isinstance(found, dict):
            return schema
        schema = found | {key: value for key, value in schema.items() if key != "$ref"}
    return schema


def without_null(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return what a schema says beside null, and whether it takes null."""
    kinds = schema.get("type")
    if isinstance(kinds, list) and "null" in kinds:
        others = [kind for kind in kinds if kind != "null"]
        return schema | {"type": others[0] if len(others) == 1 else others}, True
    for key in ("anyOf", "oneOf"):
        choices = schema.get(key)
        if isinstance(choices, list) and {"type": "null"} in choices:
            others = [choice for choice in choices if choice != {"type": "null"}]
            rest = {other: value for other, value in schema.items() if other != key}
            if len(others) == 1 and isinstance(others[0], dict) and not set(others[0]) & set(rest):
                return rest | others[0], True
    return schema, isinstance(schema.get("enum"), list) and None in schema["enum"]


def type_of(schema: dict[str, Any], at: str, draft: SpecDraft) -> Type | None:
    """Return the type of dq that holds a property, or None where there is none."""
    marked = schema.get(TYPE_MARK)
    if isinstance(marked, str):
        return parse_type(marked)
    kinds = schema.get("type", _implied(schema))
    if isinstance(kinds, list) and set(kinds) <= {"string", "number", "integer", "boolean"} and kinds:
        draft.lose(f"{at}.type", f"several types ({', '.join(kinds)}), read as text")
        return parse_type("string")
    if kinds == "array":
        items = schema.get("items", {})
        inner = type_of(without_null(items)[0], f"{at}.items", draft) if isinstance(items, dict) else None
        return None if inner is None or inner.element is not None else parse_type(f"list<{inner}>")
    if kinds == "string":
        return parse_type(TEMPORAL.get(str(schema.get("format")), "string"))
    return parse_type(kinds) if isinstance(kinds, str) and kinds in PLAIN_TYPES else None


def _implied(schema: dict[str, Any]) -> str | None:
    """Return the type that other keywords imply where none is written."""
    if "properties" in schema:
        return "object"
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    kinds = {type(value) for value in values if value is not None}
    if kinds == {str} or (not kinds and {"pattern", "minLength", "maxLength", "format"} & set(schema)):
        return "string"
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    return "number" if kinds in ({float}, {int, float}) or "minimum" in schema or "maximum" in schema else None


def described(schema: dict[str, Any]) -> str | None:
    """Return the description of a property, or else its title."""
    text = schema.get("description") or schema.get("title")
    return text if isinstance(text, str) else None
