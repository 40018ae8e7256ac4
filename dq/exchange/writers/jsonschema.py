"""JSON Schema 2020-12, strict, for producers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.exchange.base import WRITERS, Exported, Writer
from dq.exchange.constructs import Saying
from dq.exchange.documents import to_json
from dq.exchange.producer import comment, producer_schema
from dq.plan.lower.jsonschema import DRAFT

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan


@WRITERS.register
class JsonSchema(Writer):
    """A schema that accepts only what dq accepts, before any cleaning."""

    kind = "jsonschema"
    title = "JSON Schema 2020-12, strict, for producers"

    def write(self, plan: CompiledPlan) -> Exported:
        """Return the schema of a record that is sent."""
        saying = Saying(plan)
        schema, losses = producer_schema(plan, saying), saying.losses()
        return Exported(to_json({"$schema": DRAFT} | comment(losses) | schema), losses)
