"""Frictionless Table Schema, of the rows that are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.checks.bounds import Bounded
from dq.checks.literals import texts
from dq.checks.text import Pattern
from dq.dtypes.types import Family
from dq.exchange.base import WRITERS, Exported, Writer
from dq.exchange.constructs import Saying
from dq.exchange.documents import to_json
from dq.exchange.keywords import given, keys, must_be_there, required_id, written, written_type
from dq.exchange.producer import SAID_BY_JSON, TYPE_MARK
from dq.patterns.parser import Parser
from dq.patterns.tree import Assertion, Sequence, print_node

if TYPE_CHECKING:
    from dq.plan.bound import BoundCheck, BoundField
    from dq.plan.plan import CompiledPlan

TYPES = {"decimal": "number", "list": "array"}
KNOWN = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "enum"})
_ANYTHING = r"[\s\S]*"
TEMPORAL = frozenset({Family.DATE, Family.TIME, Family.DATETIME})


@WRITERS.register
class TableSchema(Writer):
    """The schema of the table that consumers read."""

    kind = "tableschema"
    title = "Frictionless Table Schema, for consumers"

    def write(self, plan: CompiledPlan) -> Exported:
        """Return the schema of accepted rows."""
        saying = Saying(plan)
        saying.said("output.fields", "description")
        unique = {names[0]: check.id for check, names in keys(plan) if len(names) == 1}
        several = [(check, names) for check, names in keys(plan) if len(names) > 1]
        schema: dict[str, Any] = {"name": plan.event, "version": plan.version}
        schema |= {"description": plan.title} if plan.title else {}
        schema["fields"] = [_field(bound, unique.get(bound.name), saying) for bound in given(plan)]
        if several:
            schema["uniqueKeys"] = [list(names) for _, names in several]
        saying.said(*unique.values(), *(check.id for check, _ in several))
        return Exported(to_json(schema), saying.losses())


def _field(bound: BoundField, unique: str | None, saying: Saying) -> dict[str, Any]:
    """Return the description of one field, striking out what it says."""
    of = written_type(bound)
    described: dict[str, Any] = {"name": bound.name, "type": TYPES.get(of.name, of.name)}
    if of.name not in SAID_BY_JSON and of.family not in TEMPORAL | {Family.DURATION}:
        described[TYPE_MARK] = str(of)
    if bound.description:
        described["description"] = bound.description
    saying.said(f"fields.{bound.name}.type", f"fields.{bound.name}.description")
    constraints: dict[str, Any] = {"required": True} if must_be_there(bound) else {}
    saying.said(required_id(bound) or "")
    constraints |= {"unique": True} if unique is not None else {}
    for check, said in _constraints(bound):
        if not constraints.keys() & said.keys():
            constraints |= said
            saying.said(check.id)
    return described | ({"constraints": constraints} if constraints else {})


def _constraints(bound: BoundField) -> list[tuple[BoundCheck, dict[str, Any]]]:
    """Return the checks that are constraints of a table, and as which."""
    found: list[tuple[BoundCheck, dict[str, Any]]] = []
    for check, fragment in written(bound):
        if isinstance(check.check, Pattern):
            found.append((check, {"pattern": whole(check.check.pattern.source)}))
        elif set(fragment) == {"const"}:
            found.append((check, {"enum": [fragment["const"]]}))
        elif set(fragment) <= KNOWN:
            found.append((check, fragment))
    if bound.type.family in TEMPORAL and bound.mask is None:
        found += [
            (check, _ends(check.check))
            for check in bound.checks
            if isinstance(check.check, Bounded) and not check.where and check.refuses
        ]
    return found


def _ends(check: Bounded) -> dict[str, str]:
    """Return the ends of an interval of dates or times, in canonical text."""
    names = ("exclusiveMinimum", "exclusiveMaximum") if check.bounds.strict else ("minimum", "maximum")
    ends = zip(names, (check.bounds.lower, check.bounds.upper), strict=True)
    return {name: texts([end], check.target.type)[0] for name, end in ends if end is not None}


def whole(pattern: str) -> str:
    """Return a pattern that matches a whole text where the given one matches somewhere in it."""
    node = Parser(pattern).whole()
    if isinstance(node, Sequence) and node.items[:1] == (Assertion("^"),) and node.items[-1:] == (Assertion("$"),):
        return print_node(Sequence(node.items[1:-1]), "ecma")
    return f"{_ANYTHING}(?:{print_node(node, 'ecma')}){_ANYTHING}"


def unanchored(pattern: str) -> str:
    """Return a pattern of dq that matches somewhere in a text where the given one matches the whole text."""
    wrapped = f"{_ANYTHING}(?:"
    if pattern.startswith(wrapped) and pattern.endswith(f"){_ANYTHING}"):
        return pattern[len(wrapped) : -len(_ANYTHING) - 1]
    return f"^(?:{pattern})$" if "|" in pattern else f"^{pattern}$"
