"""pandera: a schema of accepted rows in pandera's own YAML, for Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from dq.exchange.base import WRITERS, Exported, Writer
from dq.exchange.constructs import Saying
from dq.exchange.documents import comments
from dq.exchange.keywords import given, must_be_there, written_type
from dq.exchange.writers.pandera_python import said_calls
from dq.plan.lower.pandera import import_pandera

if TYPE_CHECKING:
    from dq.exchange.pandera_calls import Call
    from dq.plan.bound import BoundField
    from dq.plan.plan import CompiledPlan

SIMPLE = (str, int, float, bool, type(None))


@WRITERS.register
class PanderaYaml(Writer):
    """What `pandera.io.from_yaml` reads; values that are no plain numbers or texts have no form there."""

    kind = "pandera-yaml"
    title = "pandera, YAML for Polars, for consumers"

    def write(self, plan: CompiledPlan) -> Exported:
        """Return the schema of accepted rows, as pandera writes it."""
        pa, saying = import_pandera(), Saying(plan)
        saying.said("output.fields")
        columns = {bound.name: _column(bound, saying, pa) for bound in given(plan)}
        if plan.unknown_fields == "keep":
            columns["unknown_fields"] = pa.Column(pl.String, nullable=True)
        schema = pa.DataFrameSchema(columns, name=plan.event, strict=True)
        losses = saying.losses()
        head = comments(losses, "#", f"{plan.event} {plan.version}, by `dq export`.", "Not said here:")
        return Exported(head + schema.to_yaml(), losses)


def _column(bound: BoundField, saying: Saying, pa: Any) -> Any:
    """Return one column with the checks that YAML can hold, striking out what it says."""
    saying.said(f"fields.{bound.name}.description")
    made = said_calls(bound, saying)
    kept = [call for call in made if is_plain(call)]
    for call in made:
        if call not in kept:
            saying.partly(f"fields.{bound.name}.checks", f"{call.name}: its values have no form in this YAML")
    return pa.Column(
        written_type(bound).polars,
        checks=[getattr(pa.Check, call.name)(*call.args, **dict(call.kwargs)) for call in kept],
        nullable=not must_be_there(bound),
        description=bound.description,
        name=bound.name,
    )


def is_plain(call: Call) -> bool:
    """Whether all values of a call are plain ones."""
    values = [*call.args, *(value for _, value in call.kwargs)]
    flat = [item for value in values for item in (value if isinstance(value, (list, tuple)) else [value])]
    return all(isinstance(item, SIMPLE) for item in flat)
