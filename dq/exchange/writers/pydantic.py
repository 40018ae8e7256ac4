"""Pydantic: the Python source of a model of a record that is sent."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, Any

from dq.checks.formats import Format
from dq.checks.text import Pattern
from dq.dtypes.types import Type
from dq.exchange.base import WRITERS, Exported, Writer
from dq.exchange.constructs import Saying
from dq.exchange.documents import comments
from dq.exchange.keywords import Keywords, must_be_sent, required_id, sayable, sent
from dq.exchange.producer import takes_canonical_text

if TYPE_CHECKING:
    from dq.plan.bound import BoundCheck, BoundField
    from dq.plan.plan import CompiledPlan

TYPES = {
    "string": "StrictStr",
    "integer": "StrictInt",
    "number": "float",
    "boolean": "StrictBool",
    "date": "date",
    "time": "time",
    "datetime": "AwareDatetime",
    "duration": "timedelta",
    "object": "dict[str, Any]",
}
BOUNDS = {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"}
LENGTHS = {"minLength": "min_length", "maxLength": "max_length", "minItems": "min_length", "maxItems": "max_length"}
IMPORTS = """\
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
"""


@WRITERS.register
class Pydantic(Writer):
    """A model with the constraints that pydantic knows; patterns are those of its linear-time engine."""

    kind = "pydantic"
    title = "Pydantic, a model, for producers"

    def write(self, plan: CompiledPlan) -> Exported:
        """Return the source of the model of a record that is sent."""
        saying = Saying(plan)
        saying.said("description", "unknown_fields" if plan.unknown_fields == "quarantine" else "")
        fields = "".join(_field(bound, saying) for bound in sent(plan))
        losses = saying.losses()
        head = comments(losses, "#", f"{plan.event} {plan.version}, by `dq export`.", "Not said here:")
        name = "".join(part[:1].upper() + part[1:] for part in plan.event.split("_"))
        doc = f"    {(plan.title or f'{plan.event} {plan.version}')!r}\n\n"
        extra = "forbid" if plan.unknown_fields == "quarantine" else "ignore"
        config = f"    model_config = ConfigDict(extra={extra!r}, regex_engine='rust-regex')\n\n"
        return Exported(f"{head}\n{IMPORTS}\n\nclass {name}(BaseModel):\n{doc}{config}{fields}", losses)


def _field(bound: BoundField, saying: Saying) -> str:
    """Return the line of one field, striking out what it says."""
    place, kind, constraints = f"fields.{bound.name}", type_source(bound.type), []
    for check, fragment in sayable(bound) if takes_canonical_text(bound) else ():
        if values := _listed(fragment):
            kind, allowed = f"Literal[{', '.join(map(repr, values))}]", True
        else:
            said = _constraints(check, fragment)
            constraints += said or []
            allowed = said is not None
        if allowed:
            saying.said(check.id)
    saying.said(f"{place}.type", f"{place}.description", required_id(bound) or "")
    described = [f"description={bound.description!r}"] if bound.description else []
    arguments = [f"Field({argument})" for argument in (*constraints, *described)]
    annotated = f"Annotated[{kind}, {', '.join(arguments)}]" if arguments else kind
    optional = "" if must_be_sent(bound) else " | None"
    if keyword.iskeyword(bound.name) or bound.name.startswith("model_"):  # a name that no attribute of a model may have
        default = "None, " if optional else ""
        return f"    {bound.name}_: {annotated}{optional} = Field({default}alias={bound.name!r})\n"
    return f"    {bound.name}: {annotated}{optional}{' = None' if optional else ''}\n"


def type_source(of: Type) -> str:
    """Return the source of the type that holds the values of a type."""
    if of.element is not None:
        return f"list[{type_source(of.element)} | None]"
    if of.name == "decimal":
        return f"Annotated[Decimal, Field(max_digits={of.precision}, decimal_places={of.scale})]"
    return TYPES[of.name]


def _listed(fragment: Keywords) -> list[Any] | None:
    """Return the values of a fragment that is nothing but a list of texts or whole numbers, which Literal can say."""
    values = fragment.get("enum") or ([fragment["const"]] if "const" in fragment else [])
    sayable_values = len(fragment) == 1 and all(type(value) in {str, int} for value in values)
    return values if sayable_values else None


def _constraints(check: BoundCheck, fragment: Keywords) -> list[str] | None:
    """Return what a check is as arguments of `Field`, one a `Field`; None where pydantic has no form of it."""
    if isinstance(check.check, Pattern):
        return [f"pattern={check.check.pattern.polars!r}"]
    if isinstance(check.check, Format):
        length = check.check.notation.max_length
        patterns = [f"pattern={pattern.polars!r}" for pattern in check.check.patterns]
        return patterns + ([f"max_length={length}"] if length is not None else [])
    known = BOUNDS | LENGTHS
    if not set(fragment) <= set(known):
        return None
    return [f"{known[key]}={value!r}" for key, value in fragment.items()]
