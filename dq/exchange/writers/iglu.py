"""Snowplow Iglu: a self-describing JSON Schema (draft-04 by its meta-schema)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.exchange.base import WRITERS, Exported, Writer
from dq.exchange.constructs import Saying
from dq.exchange.documents import to_json
from dq.exchange.producer import MARK, producer_schema

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan

META = "http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0#"


@WRITERS.register
class Iglu(Writer):
    """A schema for a registry of Snowplow, of which the version is a SchemaVer (1-2-0 for 1.2.0)."""

    kind = "iglu"
    title = "Snowplow Iglu, a self-describing JSON Schema"

    def write(self, plan: CompiledPlan) -> Exported:
        """Return the schema of a record that is sent."""
        saying = Saying(plan)
        schema = producer_schema(plan, saying)
        released = plan.version.partition("-")[0].partition("+")[0]
        described = {
            "vendor": plan.owner if plan.owner and plan.owner.replace(".", "").isalnum() else "dq",
            "name": plan.event,
            "format": "jsonschema",
            "version": released.replace(".", "-"),
        }
        if released != plan.version:
            saying.partly("version", "what stands behind the three numbers")
        if described["vendor"] == plan.owner:
            saying.said("owner")
        del schema["title"]
        schema[MARK] = {"missing": list(plan.missing)}
        return Exported(to_json({"$schema": META, "self": described} | draft4(schema)), saying.losses())


def draft4(schema: Any) -> Any:
    """Return a schema in the words of draft-04: exclusive bounds are flags there, and `const` is an `enum` of one."""
    if isinstance(schema, list):
        return [draft4(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    said = {key: draft4(value) for key, value in schema.items()}
    for bound, exclusive, tightest in (("minimum", "exclusiveMinimum", max), ("maximum", "exclusiveMaximum", min)):
        if exclusive not in said:
            continue
        end = said.pop(exclusive)
        if bound not in said or tightest(end, said[bound]) == end:
            said |= {bound: end, exclusive: True}
    if "const" in said:
        said["enum"] = [said.pop("const")]
    return said
