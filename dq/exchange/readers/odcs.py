"""The Open Data Contract Standard, versions 3.0 and 3.1: one object of a contract becomes a specification."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dq.dtypes.types import parse_type
from dq.errors import UsageError
from dq.exchange.base import READERS, Imported, Reader
from dq.exchange.draft import Entry, FieldDraft, SpecDraft, entry
from dq.exchange.readers.keywords import Keywords, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.dtypes.types import Type

TYPES = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "datetime",
    "time": "time",
    "object": "object",
}
_DECIMAL = re.compile(r"(?:decimal|numeric)\(\s*([0-9]+)\s*,\s*([0-9]+)\s*\)\Z", re.IGNORECASE | re.ASCII)
_LENGTH = re.compile(r"(?:var)?char\(\s*([0-9]+)\s*\)\Z", re.IGNORECASE | re.ASCII)
PERSONAL = frozenset({"restricted", "confidential", "pii", "personal", "sensitive"})
# Of a property, what is read here or says nothing of its values.
READ = frozenset({"name", "id", "logicalType", "physicalType", "logicalTypeOptions", "items", "required", "unique"})
READ |= {"primaryKey", "primaryKeyPosition", "description", "businessName", "classification", "quality", "examples"}
READ |= {"tags", "criticalDataElement"}
EMPTY: tuple[Any, ...] = (None, False, -1, [], {}, "")


@READERS.register
class OdcsReader(Reader):
    """Reads the first object of the schema; what a contract says beyond the data (servers, prices, teams) is a loss."""

    kind = "odcs"
    title = "Open Data Contract Standard 3"

    def recognizes(self, document: Any) -> bool:
        """Whether the document is a data contract."""
        return isinstance(document, dict) and document.get("kind") == "DataContract" and "apiVersion" in document

    def tables(self, document: Any) -> Iterator[tuple[str, Any]]:
        """Yield every object of the schema, as a contract of its own."""
        for one in document.get("schema") or []:
            yield str(one.get("name")), document | {"schema": [one]}

    def read(self, document: Any, name: str) -> Imported:
        """Return the specification of the first object."""
        objects = document.get("schema") if isinstance(document, dict) else None
        if not isinstance(objects, list) or not objects or not isinstance(objects[0].get("properties"), list):
            raise UsageError(f"{name}: this is no data contract with a schema of properties")
        first, *others = objects
        draft = SpecDraft(str(first.get("name")), str(document.get("version", "1.0.0")), format="csv")
        draft.description = first.get("description") or first.get("businessName")
        draft.owner = document.get("domain")
        for number, other in enumerate(others, 1):
            draft.lose(f"schema[{number}]", f"the object {other.get('name')}: a specification is of one object")
        for key in document:
            if key not in {"kind", "apiVersion", "version", "schema", "domain", "id", "status"}:
                draft.lose(key, "not about the data itself")
        _read_object(first, draft)
        return draft.finish(name)


def _read_object(given: dict[str, Any], draft: SpecDraft) -> None:
    """Add an object to a draft."""
    keys = []
    for item in given["properties"]:
        if name := _read_property(item, draft):
            keys += [(item.get("primaryKeyPosition", 0), name)] if item.get("primaryKey") else []
    if keys:
        draft.checks.append(Entry(entry("unique", [name for _, name in sorted(keys)]), "primaryKey"))
    for number, rule in enumerate(given.get("quality") or []):
        _read_rule(rule, f"quality[{number}]", None, draft)
    for key, value in given.items():
        if key not in READ | {"properties", "physicalName"} and value not in EMPTY:
            draft.lose(f"schema.{key}", shortened(value))


def _read_property(item: dict[str, Any], draft: SpecDraft) -> str | None:
    """Add a property to a draft and return the name of its field, or None where no type holds it."""
    at = f"properties.{item.get('name')}"
    of = _type(item)
    if of is None:
        draft.lose(at, f"no type of dq holds {item.get('logicalType')} ({item.get('physicalType')})")
        return None
    description = item.get("description") or item.get("businessName")
    field = FieldDraft(str(of), at, required=bool(item.get("required")), description=description)
    field.pii = str(item.get("classification")).lower() in PERSONAL
    options = dict(item.get("logicalTypeOptions") or {})
    if length := _LENGTH.match(str(item.get("physicalType"))):
        options.setdefault("maxLength", int(length[1]))
    Keywords(options, of).read(field, draft)
    if item.get("unique"):
        field.check("unique")
    name = draft.add(str(item.get("name")), field)
    for number, rule in enumerate(item.get("quality") or []):
        _read_rule(rule, f"{at}.quality[{number}]", field, draft)
    for key, value in item.items():
        if key not in READ and not (key == "physicalName" and value == item.get("name")) and value not in EMPTY:
            draft.lose(f"{at}.{key}", shortened(value))
    return name


def _type(item: dict[str, Any]) -> Type | None:
    """Return the type of a property: exact decimals by the physical type, all others by the logical one."""
    kind, physical = item.get("logicalType"), str(item.get("physicalType"))
    if decimal := _DECIMAL.match(physical):
        return _parsed(f"decimal({decimal[1]},{decimal[2]})")
    if physical == "duration" and kind == "string":
        return parse_type("duration")
    if kind == "array":
        inner = _type(item.get("items") or {"logicalType": "string"})
        return None if inner is None else _parsed(f"list<{inner}>")
    if kind is None:
        return parse_type("string")
    return _parsed(TYPES.get(str(kind), ""))


def _parsed(text: str) -> Type | None:
    """Return a type, or None where there is none of this form."""
    try:
        return parse_type(text)
    except ValueError:
        return None


def _read_rule(rule: dict[str, Any], at: str, field: FieldDraft | None, draft: SpecDraft) -> None:
    """Read one rule of quality; those in words, in SQL or for one vendor are losses."""
    found = list(_checks_of(rule, field is None))
    for where, text in found:
        target = field if field is not None else draft
        (target.checks if where == "checks" else target.expect).append(Entry(text, at))
    if not found:
        said = rule.get("description") or rule.get("query") or rule.get("implementation") or rule.get("metric")
        draft.lose(at, shortened(said))


def _checks_of(rule: dict[str, Any], whole: bool) -> Iterator[tuple[str, str]]:
    """Yield what a rule asks as entries of `checks` or of `expect`."""
    metric, arguments, none = rule.get("metric"), rule.get("arguments") or {}, rule.get("mustBe") == 0
    if metric == "rowCount" and whole and (bounds := _bounds(rule)):
        yield "expect", entry("row_count", bounds)
    elif metric == "nullValues" and none:
        yield "checks", "required"
    elif metric == "nullValues" and rule.get("unit") == "percent" and "mustBeLessOrEqualTo" in rule:
        yield "expect", entry("missing", {"max": f"{rule['mustBeLessOrEqualTo']}%"})
    elif metric == "duplicateValues" and none:
        yield "checks", entry("unique", arguments.get("properties")) if whole else "unique"
    elif metric == "invalidValues" and none and not whole:
        if "validValues" in arguments:
            yield "checks", entry("accepted_values", arguments["validValues"])
        if pattern := arguments.get("pattern") or rule.get("pattern"):
            yield "checks", entry("pattern", pattern)


def _bounds(rule: dict[str, Any]) -> dict[str, int]:
    """Return the smallest and the largest count that a rule allows; nothing if it says neither."""
    if "mustBeBetween" in rule:
        low, high = rule["mustBeBetween"]
        return {"min": low, "max": high}
    found = {
        "mustBe": {"min": rule.get("mustBe"), "max": rule.get("mustBe")},
        "mustBeGreaterThan": {"min": rule.get("mustBeGreaterThan", 0) + 1},
        "mustBeGreaterOrEqualTo": {"min": rule.get("mustBeGreaterOrEqualTo")},
        "mustBeLessThan": {"max": rule.get("mustBeLessThan", 0) - 1},
        "mustBeLessOrEqualTo": {"max": rule.get("mustBeLessOrEqualTo")},
    }
    return next((bounds for key, bounds in found.items() if key in rule), {})
