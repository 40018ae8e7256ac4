"""JSON Schema draft-07, for tools that know no later one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.exchange.base import WRITERS, Exported, Writer
from dq.exchange.constructs import Saying
from dq.exchange.documents import to_json
from dq.exchange.producer import comment, producer_schema

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan


@WRITERS.register
class Draft7(Writer):
    """The same schema: every keyword that it uses means the same in both drafts."""

    kind = "jsonschema-draft7"
    title = "JSON Schema draft-07, strict, for producers with older tools"

    def write(self, plan: CompiledPlan) -> Exported:
        """Return the schema of a record that is sent."""
        saying = Saying(plan)
        schema, losses = producer_schema(plan, saying), saying.losses()
        return Exported(
            to_json({"$schema": "http://json-schema.org/draft-07/schema#"} | comment(losses) | schema), losses
        )
