"""Frictionless Table Schema, alone or as the first table of a data package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dq.dtypes.types import parse_type
from dq.errors import UsageError
from dq.exchange.base import READERS, Imported, Reader
from dq.exchange.documents import flow
from dq.exchange.draft import Entry, FieldDraft, SpecDraft, entry
from dq.exchange.producer import TYPE_MARK
from dq.exchange.readers.keywords import Keywords, shortened
from dq.exchange.writers.tableschema import unanchored

TYPES = {name: name for name in ("string", "integer", "number", "boolean", "date", "time", "datetime", "object")}
TYPES |= {"array": "list<string>", "duration": "duration", "any": "string", "year": "integer"}
FORMATS = {"email": "email", "uri": "uri", "uuid": "uuid", "binary": "base64"}
READ = frozenset({"name", "type", "format", "constraints", "title", "description", "missingValues", TYPE_MARK})
READ |= {"trueValues", "falseValues", "example", "rdfType"}


@READERS.register
class TableSchemaReader(Reader):
    """Reads the fields of a table; keys of other tables are losses."""

    kind = "tableschema"
    title = "Frictionless Table Schema, or a data package"

    def recognizes(self, document: Any) -> bool:
        """Whether it has a list of fields, or tables that have one."""
        return isinstance(document, dict) and (_is_table(document) or _is_table(_first(document).get("schema")))

    def tables(self, document: Any) -> Iterator[tuple[str, Any]]:
        """Yield every resource of a package, as a package of its own."""
        for number, one in enumerate(document.get("resources") or []):
            yield str(one.get("name", f"table_{number + 1}")), document | {"resources": [one]}

    def read(self, document: Any, name: str) -> Imported:
        """Return the specification of the table, or of the first one of a package."""
        if not self.recognizes(document):
            raise UsageError(f"{name}: this is no Table Schema, and no data package with one")
        first = _first(document)
        schema = document if _is_table(document) else first["schema"]
        draft = SpecDraft(str(document.get("name") or name.partition(".")[0]), format="csv")
        if schema is not document:
            draft.event = str(first.get("name", draft.event))
            _read_package(document, first, draft)
        if "version" in document:
            draft.version = str(document["version"])
        draft.description = draft.description or schema.get("description")
        draft.missing = schema.get("missingValues")
        _read_table(schema, draft)
        return draft.finish(name)


def _is_table(schema: Any) -> bool:
    return isinstance(schema, dict) and isinstance(schema.get("fields"), list)


def _first(document: dict[str, Any]) -> dict[str, Any]:
    """Return the first resource of a package that has a schema."""
    resources = document.get("resources")
    tables = [one for one in resources if _is_table(one.get("schema"))] if isinstance(resources, list) else []
    return tables[0] if tables else {}


def _read_package(document: dict[str, Any], first: dict[str, Any], draft: SpecDraft) -> None:
    """List what a package says beside its first table."""
    draft.description = first.get("description") or document.get("description") or document.get("title")
    for number, other in enumerate(document["resources"]):
        if other is not first:
            draft.lose(f"resources[{number}]", f"the table {other.get('name')}: a specification is of one table")
    for key in ("dialect", "encoding"):
        if key in first:
            draft.lose(f"resources.{first.get('name')}.{key}", shortened(first[key]))


def _read_table(schema: dict[str, Any], draft: SpecDraft) -> None:
    """Add the fields and the key of a table to a draft."""
    names = {item["name"]: _read_field(item, draft) for item in schema["fields"]}
    key = schema.get("primaryKey")
    wanted = [key] if isinstance(key, str) else list(key or [])
    found = [names[name] for name in wanted if names.get(name)]
    if found and len(found) == len(wanted):
        for name in found:
            draft.fields[str(name)].required = True
        draft.checks.append(Entry(entry("unique", found), "primaryKey"))
    elif wanted:
        draft.lose("primaryKey", f"a key of {', '.join(wanted)}, of which not every field is carried over")
    for number, alike in enumerate(schema.get("uniqueKeys") or []):
        fields = [names.get(name) or name for name in ([alike] if isinstance(alike, str) else alike)]
        draft.checks.append(Entry(entry("unique", fields), f"uniqueKeys[{number}]"))
    for number, foreign in enumerate(schema.get("foreignKeys") or []):
        draft.lose(f"foreignKeys[{number}]", shortened(foreign))


def _read_field(item: dict[str, Any], draft: SpecDraft) -> str | None:
    """Add a field to a draft and return its name, or None where no type of dq holds it."""
    at, kind, form = f"fields.{item['name']}", item.get("type", "string"), item.get("format", "default")
    named = item.get(TYPE_MARK) or TYPES.get(kind)
    if named is None:
        draft.lose(at, f"no type of dq holds {kind}")
        return None
    of = parse_type(named)
    field = FieldDraft(named, at, description=item.get("description") or item.get("title"))
    constraints = dict(item.get("constraints") or {})
    field.required = bool(constraints.pop("required", False))
    if constraints.pop("unique", False):
        field.check("unique")
    if "pattern" in constraints:  # it must match the whole text there
        field.check("pattern", unanchored(constraints.pop("pattern")))
    _read_form(item, form, field, draft)
    Keywords(constraints, of).read(field, draft)
    for key, value in item.items():
        if key not in READ:
            draft.lose(f"{at}.{key}", shortened(value))
    return draft.add(item["name"], field)


def _read_form(item: dict[str, Any], form: str, field: FieldDraft, draft: SpecDraft) -> None:
    """Read how values are written: formats of texts and dates, words for true and false, for no value."""
    kind = item.get("type", "string")
    if kind == "string" and form in FORMATS:
        field.check("format", FORMATS[form])
    elif kind in {"date", "time", "datetime"} and form.startswith("%"):
        field.settings.append(f"formats: {flow([form])}")
    elif form != "default":
        draft.lose(f"{field.at}.format", shortened(form))
    if kind == "boolean" and "trueValues" in item and "falseValues" in item:
        field.settings.append(f"words: {flow({'true': item['trueValues'], 'false': item['falseValues']})}")
    if kind == "array":
        draft.lose(f"{field.at}.type", "elements of an array are read as texts")
    if "missingValues" in item:
        field.settings.append(f"missing: {flow([str(word) for word in item['missingValues']])}")
