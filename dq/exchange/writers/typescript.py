"""TypeScript: the interface of a record that is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dq.dtypes.types import Family, Type
from dq.exchange.base import WRITERS, Exported, Writer
from dq.exchange.constructs import Saying
from dq.exchange.documents import comments
from dq.exchange.keywords import must_be_sent, required_id, sayable, sent
from dq.exchange.producer import takes_canonical_text

if TYPE_CHECKING:
    from dq.plan.bound import BoundField
    from dq.plan.plan import CompiledPlan

EXACT = frozenset({"string", "number", "boolean"})


@WRITERS.register
class TypeScript(Writer):
    """Types tell which values there are; what must hold of them stands in comments."""

    kind = "typescript"
    title = "TypeScript, an interface, for producers"

    def write(self, plan: CompiledPlan) -> Exported:
        """Return the interface of a record that is sent."""
        saying = Saying(plan)
        saying.said("description")
        lines = [line for bound in sent(plan) for line in _property(bound, saying)]
        losses = saying.losses()
        head = comments(losses, "//", f"{plan.event} {plan.version}, by `dq export`.", "Not said by the types:")
        doc = f"/** {_plain(plan.title)} */\n" if plan.title else ""
        name = "".join(part[:1].upper() + part[1:] for part in plan.event.split("_"))
        return Exported(f"{head}\n{doc}export interface {name} {{\n{''.join(lines)}}}\n", losses)


def _property(bound: BoundField, saying: Saying) -> list[str]:
    """Return the lines of one property, striking out what they say."""
    place, listed = f"fields.{bound.name}", None
    for check, fragment in sayable(bound):
        values = fragment.get("enum") or ([fragment["const"]] if "const" in fragment else None)
        if values and len(fragment) == 1 and listed is None and takes_canonical_text(bound):
            listed = " | ".join(json.dumps(value, ensure_ascii=True) for value in values)
            saying.said(check.id)
    saying.said(f"{place}.description", required_id(bound) or "")
    if bound.type.name in EXACT:
        saying.said(f"{place}.type")
    asked = [check.expected for check in bound.checks if check.kind not in {"required", "type"}]
    notes = [
        *([bound.description] if bound.description else []),
        *([str(bound.type)] if bound.type.name not in EXACT else []),
        *asked,
    ]
    doc = [f"  /** {_plain('; '.join(notes))} */\n"] if notes else []
    optional, null = ("", "") if must_be_sent(bound) else ("?", " | null")
    return [*doc, f"  {bound.name}{optional}: {listed or said_type(bound.type)}{null};\n"]


def said_type(of: Type) -> str:
    """Return the type of TypeScript that holds the values of a type as they stand in JSON."""
    if of.element is not None:
        return f"Array<{said_type(of.element)} | null>"
    if of.family is Family.NUMBER:
        return "number"
    if of.family is Family.OBJECT:
        return "Record<string, unknown>"
    return "boolean" if of.family is Family.BOOLEAN else "string"


def _plain(text: str | None) -> str:
    """Return a text that stays inside its comment."""
    return "".join(c if c.isprintable() else " " for c in text or "").replace("*/", "* /")
