"""The JSON Schema that producers hold a record to: what it accepts, dq accepts.

It describes records as they are after cleaning, by the canonical names of the fields that are read, with values in
their own JSON types.  dq is more lenient: it reads `"5"` as a number, and mends what cleaning mends.  On records in
canonical form the two agree, but for the checks that are listed among the losses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.checks.formats import NOTATIONS
from dq.checks.literals import json_value
from dq.dtypes.jsontype import json_type
from dq.dtypes.literals import parse_literal
from dq.dtypes.types import Family, Type
from dq.exchange.keywords import Keywords, missing_words, must_be_sent, required_id, sayable, sent
from dq.patterns import compile_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dq.exchange.base import Loss
    from dq.exchange.constructs import Saying
    from dq.plan.bound import BoundField
    from dq.plan.plan import CompiledPlan

MARK = "x-dq"  # event, version and words for no value, which lead the way back
TYPE_MARK = "x-dq-type"  # the type of a field, where its JSON type says less
SAID_BY_JSON = {"string", "integer", "number", "boolean", "object"}
TIGHTER: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), min),
}
_DAY = NOTATIONS["date"].patterns[0].removeprefix("^").removesuffix("$")
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
_OFFSET = "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_ANY_YEAR = "^(?:000[1-9]|00[1-9]|0[1-9]|[1-9])"
# An offset may lead from the first and the last year out of the calendar.
_INNER_YEAR = "^(?:000[2-9]|00[1-9]|0[1-9]|[1-8]|9[0-8]|99[0-8]|999[0-8])|^(?:0001|9999).*Z$"


def producer_schema(plan: CompiledPlan, saying: Saying) -> dict[str, Any]:
    """Return the schema of a record that is sent, without `$schema`, striking out what it says."""
    schema: dict[str, Any] = {"title": f"{plan.event} {plan.version}"}
    if plan.title:
        schema["description"] = plan.title
        saying.said("description")
    schema[MARK] = {"event": plan.event, "version": plan.version, "missing": list(plan.missing)}
    schema["type"] = "object"
    schema["properties"] = {bound.name: property_schema(plan, bound, saying) for bound in sent(plan)}
    required = [bound.name for bound in sent(plan) if must_be_sent(bound)]
    schema |= {"required": required} if required else {}
    if plan.unknown_fields == "quarantine":
        schema["additionalProperties"] = False
        saying.said("unknown_fields")
    return schema


def comment(losses: Sequence[Loss]) -> Keywords:
    """Return what is not said as the comment of a schema, draft-07 or later; nothing where all is said."""
    return {"$comment": f"Not said: {', '.join(loss.at for loss in losses)}"} if losses else {}


def property_schema(plan: CompiledPlan, bound: BoundField, saying: Saying) -> Keywords:
    """Return the schema of one field that is sent; null stands for no value where one may be left out."""
    required = must_be_sent(bound)
    own, fragments = sent_type(bound.type), []
    if takes_canonical_text(bound):
        for check, fragment in sayable(bound):
            fragments.append(fragment)
            saying.said(check.id)
    else:
        own = {"type": ["string", "number"]}
    if required:
        fragments += _no_missing_word(plan, bound)
        saying.said(required_id(bound) or "")
    schema = assemble(own, fragments, nullable=not required)
    _say_type(bound, saying)
    if bound.type.name not in SAID_BY_JSON:
        schema[TYPE_MARK] = str(bound.type)
    if bound.description:
        schema = {"description": bound.description} | schema
        saying.said(f"fields.{bound.name}.description")
    return schema


def sent_type(of: Type) -> Keywords:
    """Return the keywords of a type as it is sent: moments may have any offset, and days exist."""
    match of.name:
        case "date":
            return _text(f"^{_DAY}$", _ANY_YEAR) | {"format": "date"}
        case "datetime":
            return _text(f"^{_DAY}T{_CLOCK}{_OFFSET}$", _INNER_YEAR) | {"format": "date-time"}
        case "time":
            return {"type": "string", "pattern": _ecma(f"^{_CLOCK}$")}
        case "list":
            assert of.element is not None
            return {"type": "array", "items": assemble(sent_type(of.element), [], nullable=True)}
        case _:
            return json_type(of)


def _text(*patterns: str) -> Keywords:
    """Return the keywords of a text that matches all patterns, in ECMA-262's spelling."""
    first, *others = (_ecma(pattern) for pattern in patterns)
    return {"type": "string", "pattern": first, "allOf": [{"pattern": other} for other in others]}


def _ecma(pattern: str) -> str:
    """Return a pattern without word boundaries as JSON Schema spells it."""
    return str(compile_pattern(pattern).ecma)


def takes_canonical_text(bound: BoundField) -> bool:
    """Whether dq reads the canonical text of the field's values: another declared format may shut it out."""
    return not bound.options.formats or "rfc3339" in bound.options.formats


def _say_type(bound: BoundField, saying: Saying) -> None:
    """Strike out the type, or what JSON Schema does say of it."""
    place, innermost = f"fields.{bound.name}.type", bound.type.element or bound.type
    if innermost.name == "decimal":
        saying.partly(place, f"{innermost.scale} digits after the point: many validators divide binary fractions")
    else:
        saying.said(place)


def _no_missing_word(plan: CompiledPlan, bound: BoundField) -> list[Keywords]:
    """Return what refuses the words that mean no value, as they would stand in JSON."""
    values = [value for word in missing_words(plan, bound) if (value := _as_json(word, bound.type)) is not None]
    return [{"not": {"enum": values}}] if values else []


def _as_json(word: str, of: Type) -> Any:
    """Return a word as a value of the type in JSON; None where it can be none."""
    if of.family is Family.TEXT:
        return word
    try:
        return json_value(parse_literal(of, word), of) if of.family in {Family.NUMBER, Family.BOOLEAN} else None
    except ValueError:
        return None


def assemble(own: Keywords, fragments: Iterable[Keywords], *, nullable: bool) -> Keywords:
    """Return one schema that says the type and all fragments, and takes null if asked to.

    Bounds that are said twice become the tighter one; what cannot stand beside the rest stands in `allOf`.
    """
    schema = dict(own)
    beside: list[Keywords] = list(schema.pop("allOf", []))
    for fragment in (part for whole in fragments for part in _parts(whole)):
        if all(key not in schema or key in TIGHTER for key in fragment):
            tighter = {key: TIGHTER[key](schema[key], fragment[key]) for key in fragment.keys() & schema.keys()}
            schema |= fragment | tighter
        else:
            beside.append(fragment)
    if nullable:
        schema, beside = _with_null(schema), [_beside_null(fragment) for fragment in beside]
    return schema | ({"allOf": beside} if beside else {})


def _parts(fragment: Keywords) -> list[Keywords]:
    """Return a fragment that is nothing but `allOf` as its parts."""
    parts: list[Keywords] = fragment["allOf"] if set(fragment) == {"allOf"} else [fragment]
    return parts


_OF_ONE_TYPE = frozenset(
    {"pattern", "format", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    | {"multipleOf", "minItems", "maxItems", "items"}
)  # keywords that judge values of their own type and pass all others, null among them


def _beside_null(fragment: Keywords) -> Keywords:
    """Return a fragment that passes null."""
    return fragment if _passes_null(fragment) else {"anyOf": [{"type": "null"}, fragment]}


def _passes_null(fragment: Keywords) -> bool:
    """Whether a fragment passes null as it stands, as far as its keywords tell."""
    if set(fragment) == {"not"}:
        return set(fragment["not"]) == {"enum"} and None not in fragment["not"]["enum"]
    return set(fragment) <= _OF_ONE_TYPE


def _with_null(schema: Keywords) -> Keywords:
    """Return a schema of one type that takes null as well: in its type, in its list of values, and beside the rest."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    widened: Keywords = {"type": [*kinds, "null"]}
    if listed is not None:
        widened["enum"] = [*listed, None]
    rest = {key: value for key, value in schema.items() if key not in {"type", "const", "enum"}}
    passed = {key: value for key, value in rest.items() if _passes_null({key: value})}
    refused = {key: value for key, value in rest.items() if key not in passed}
    return widened | passed | (_beside_null(refused) if refused else {})
