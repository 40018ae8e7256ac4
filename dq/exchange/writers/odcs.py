"""The Open Data Contract Standard 3.1, of the rows that are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.dtypes.types import Family, Type
from dq.exchange.base import WRITERS, Exported, Writer
from dq.exchange.constructs import Saying
from dq.exchange.documents import comments, to_yaml
from dq.exchange.keywords import Keywords, given, keys, must_be_there, required_id, written, written_type

if TYPE_CHECKING:
    from dq.plan.bound import BoundExpectation, BoundField
    from dq.plan.plan import CompiledPlan

LOGICAL = {"datetime": "timestamp", "decimal": "number", "list": "array", "duration": "string"}
OPTIONS = {
    Family.TEXT: frozenset({"minLength", "maxLength", "pattern"}),
    Family.NUMBER: frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    Family.LIST: frozenset({"minItems", "maxItems"}),
}


@WRITERS.register
class Odcs(Writer):
    """A data contract about one object: the rows that consumers read."""

    kind = "odcs"
    title = "Open Data Contract Standard 3.1, for consumers"

    def write(self, plan: CompiledPlan) -> Exported:
        """Return the contract of accepted rows."""
        saying = Saying(plan)
        saying.said("output.fields", "description", "owner")
        single = {names[0]: check.id for check, names in keys(plan) if len(names) == 1}
        quality = _row_counts(plan.expectations, saying)
        for check, names in keys(plan):
            saying.said(check.id)
            if len(names) > 1:
                quality.append(_rule("duplicateValues", "uniqueness", arguments={"properties": list(names)}))
        table: dict[str, Any] = {"name": plan.event, "logicalType": "object"}
        table |= {"description": plan.title} if plan.title else {}
        table["properties"] = [_property(bound, bound.name in single, saying) for bound in given(plan)]
        table |= {"quality": quality} if quality else {}
        contract: dict[str, Any] = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": plan.event}
        contract |= {"name": plan.event, "version": plan.version, "status": "active"}
        contract |= {"domain": plan.owner} if plan.owner else {}
        losses = saying.losses()
        head = comments(losses, "#", f"{plan.event} {plan.version}, by `dq export`.", "Not said here:")
        return Exported(head + to_yaml(contract | {"schema": [table]}), losses)


def _property(bound: BoundField, unique: bool, saying: Saying) -> dict[str, Any]:
    """Return the description of one field, striking out what it says."""
    of, place = written_type(bound), f"fields.{bound.name}"
    described = {"name": bound.name} | _type(of)
    described |= {"description": bound.description} if bound.description else {}
    described |= {"required": True} if must_be_there(bound) else {}
    described |= {"unique": True} if unique else {}
    described |= {"classification": "restricted"} if bound.pii else {}
    saying.said(f"{place}.type", f"{place}.description", f"{place}.pii", required_id(bound) or "")
    options: Keywords = {}
    rules: list[dict[str, Any]] = []
    for check, fragment in written(bound):
        if set(fragment) <= OPTIONS.get(of.family, frozenset()) - options.keys():
            options |= fragment
        elif arguments := _invalid(fragment):
            rules.append(_rule("invalidValues", check.dimension, name=check.id, arguments=arguments))
        else:
            continue
        saying.said(check.id)
    described |= {"logicalTypeOptions": options} if options else {}
    return described | ({"quality": rules} if rules else {})


def _type(of: Type) -> dict[str, Any]:
    """Return the logical type, and the physical one where it says more."""
    described: dict[str, Any] = {"logicalType": LOGICAL.get(of.name, of.name)}
    if of.name in {"decimal", "duration"}:
        described["physicalType"] = str(of)
    return described | ({"items": _type(of.element)} if of.element is not None else {})


def _invalid(fragment: Keywords) -> Keywords | None:
    """Return the arguments of the metric that counts values which are not these, or not of this pattern."""
    if set(fragment) == {"enum"}:
        return {"validValues": fragment["enum"]}
    if set(fragment) == {"const"}:
        return {"validValues": [fragment["const"]]}
    return dict(fragment) if set(fragment) == {"pattern"} else None


def _rule(metric: str, dimension: str, **more: Any) -> dict[str, Any]:
    """Return a rule of which no value may be counted."""
    return {"type": "library", "metric": metric, **more, "mustBe": 0, "dimension": dimension, "severity": "error"}


def _row_counts(expectations: tuple[BoundExpectation, ...], saying: Saying) -> list[dict[str, Any]]:
    """Return the rules for how many rows a batch must have."""
    rules = []
    for bound in expectations:
        ends = {key: getattr(bound.expectation.params, key, None) for key in ("min", "max")}
        operators = {"min": "mustBeGreaterOrEqualTo", "max": "mustBeLessOrEqualTo"}
        if (
            bound.expectation.kind == "row_count"
            and bound.severity == "error"
            and all(end is None or isinstance(end, int) for end in ends.values())
        ):
            saying.said(bound.id)
            stated = {key: end for key, end in ends.items() if end is not None}
            rules += [{"type": "library", "metric": "rowCount", operators[key]: end} for key, end in stated.items()]
    return rules
