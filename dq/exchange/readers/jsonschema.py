"""JSON Schema, from draft-04 to 2020-12: an object of named properties becomes a specification."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dq.dtypes.types import Type, parse_type
from dq.errors import UsageError
from dq.exchange.base import READERS, Imported, Reader
from dq.exchange.draft import Entry, FieldDraft, SpecDraft, escaped
from dq.exchange.producer import MARK, TYPE_MARK
from dq.exchange.readers.keywords import Keywords, shortened
from dq.exchange.readers.references import References, Settled

TEMPORAL = {"date": "date", "date-time": "datetime"}
PLAIN_TYPES = frozenset({"string", "integer", "number", "boolean", "object"})
# Of the whole, what is read here, and what says nothing of a record.
READ = frozenset({"type", "properties", "required", "additionalProperties", "title", "description", MARK, "self"})
READ |= {"$schema", "$id", "id", "$defs", "definitions", "$comment", "examples"}
# Of an object in the record, what is read here, and what says nothing of its values.
INSIDE = frozenset({"type", "properties", "required", "description", "title", "$comment", "examples", "deprecated"})
INSIDE |= {"$id", "$schema", "$defs", "definitions"}


@READERS.register
class JsonSchemaReader(Reader):
    """Reads the properties of an object; those of objects in it are fields of their own, read by their paths."""

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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a property stands: in the document, in a record, and behind which references.

    `present` says that every object around it is there in every record.
    """

    at: str
    path: tuple[str, ...]
    present: bool = True
    chain: tuple[str, ...] = ()

    def below(self, name: str) -> Place:
        """Return the place of a property of the object that stands here."""
        at = f"{self.at}.properties.{name}" if self.at else f"properties.{name}"
        return replace(self, at=at, path=(*self.path, name))


def read_object(schema: dict[str, Any], draft: SpecDraft) -> SpecDraft:
    """Add to a draft what a schema says of an object.  Texts of JSON are what they are: none means no value."""
    draft.description = draft.description or schema.get("description")
    draft.missing = list((schema.get(MARK) or {}).get("missing", []))
    draft.closed = schema.get("additionalProperties") is False
    if isinstance(schema.get("additionalProperties"), dict):
        draft.lose("additionalProperties", "what other properties must be")
    PropertyReader(References(schema), draft).read(schema, Place("", ()))
    for key, value in schema.items():
        if key not in READ:
            draft.lose(key, shortened(value))
    return draft


@dataclass(frozen=True, slots=True)
class PropertyReader:
    """Adds the properties of an object, and of the objects in it, to a draft."""

    references: References
    draft: SpecDraft

    def read(self, schema: dict[str, Any], place: Place) -> None:
        """Add every property of the object that stands at a place."""
        stated = schema.get("required")
        required = stated if isinstance(stated, list) else []  # draft-03 has a flag there
        for name, written in schema["properties"].items():
            self._read(written, place.below(name), required=name in required)
        for name in required:
            if name not in schema["properties"]:
                at = f"{place.at}.required.{name}" if place.at else f"required.{name}"
                self.draft.lose(at, "a property that is required and not described")

    def _read(self, written: Any, place: Place, *, required: bool) -> None:
        """Add one property."""
        settled = self.references.settled(written, place.chain)
        schema = settled.schema
        if not isinstance(schema, dict):
            self.draft.lose(place.at, f"a schema that is {schema}")
            return
        if required and settled.nullable:
            self.draft.lose(f"{place.at}.required", "it must be present, and may be null: dq does not tell these apart")
        present = required and not settled.nullable
        if _is_described(schema):
            self._read_inside(schema, replace(place, chain=settled.chain), present=present)
            return
        if present and not place.present:
            self.draft.lose(f"{place.at}.required", "it is required only where the object around it is there")
        self._read_value(schema, place, required=present and place.present)

    def _read_inside(self, schema: dict[str, Any], place: Place, *, present: bool) -> None:
        """Add the properties of an object within the record, each as a field of its own."""
        within = replace(place, present=place.present and present)
        if not within.present or not schema.get("required"):
            self.draft.lose(f"{place.at}.type", "that it is an object: its properties are read by their paths")
        for key, value in schema.items():
            if key not in INSIDE and not (key == "additionalProperties" and value is True):
                self.draft.lose(f"{place.at}.{key}", shortened(value))
        self.read(schema, within)

    def _read_value(self, schema: dict[str, Any], place: Place, *, required: bool) -> None:
        """Add a property that is one field."""
        items = self.references.settled(schema.get("items"), place.chain)
        if items.schema is not None:
            schema = schema | {"items": items.schema}
        of = type_of(schema, place.at, self.draft)
        if of is None:
            self.draft.lose(place.at, f"no type of dq holds it: {shortened(schema)}")
            return
        field = FieldDraft(str(of), place.at, required=required, description=described(schema))
        keywords = Keywords(schema, of)
        for key in ("properties", "required", "additionalProperties") if of.name == "object" else ():
            if keywords.take(key) not in (None, True):
                self.draft.lose(f"{place.at}.{key}", "what is asked of the inside of an object")
        if of.element is not None:
            keywords.take("items")
            read_items(items, of, field, self.draft)
        keywords.read(field, self.draft, tuple(self.draft.missing or ()))
        if len(place.path) > 1:
            field.path = ".".join(map(escaped, place.path))
        self.draft.add("_".join(place.path), field)


def _is_described(schema: dict[str, Any]) -> bool:
    """Whether a schema says what the properties of an object are; one that dq wrote says what type holds it."""
    inside = schema.get("properties")
    return (
        isinstance(inside, dict)
        and bool(inside)
        and schema.get("type", "object") == "object"
        and TYPE_MARK not in schema
    )


def read_items(items: Settled, of: Type, field: FieldDraft, draft: SpecDraft) -> None:
    """Read what is asked of the elements of a list."""
    assert of.element is not None
    inner = items.schema if isinstance(items.schema, dict) else {}
    element = FieldDraft(str(of.element), f"{field.at}.items")
    if of.element.name == "object" and "properties" in inner:
        draft.lose(f"{field.at}.items.properties", "what is asked of the inside of objects in a list")
        inner = {key: value for key, value in inner.items() if key in {"type", "description"}}
    Keywords(inner, of.element).read(element, draft)
    asked = [check.text for check in element.checks]
    if not items.nullable and isinstance(items.schema, dict):
        asked.insert(0, "required")
    if asked:
        text = ", ".join(text if text == "required" else f"{{{text}}}" for text in asked)
        field.checks.append(Entry(f"items: [{text}]", f"{field.at}.items"))


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
        inner = type_of(items, f"{at}.items", draft) if isinstance(items, dict) else None
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
