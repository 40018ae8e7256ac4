"""pandera: the Python source of a schema of accepted rows, for Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.dtypes.types import Type
from dq.exchange.base import WRITERS, Exported, Writer
from dq.exchange.constructs import Saying
from dq.exchange.documents import comments
from dq.exchange.keywords import alone, given, must_be_there, required_id, written_type
from dq.exchange.pandera_calls import Call, calls

if TYPE_CHECKING:
    from dq.plan.bound import BoundField
    from dq.plan.plan import CompiledPlan

IMPORTS = """\
import datetime
import zoneinfo
from decimal import Decimal

import pandera.polars as pa
import polars as pl
"""
DTYPES = {
    "string": "pl.String",
    "integer": "pl.Int64",
    "number": "pl.Float64",
    "boolean": "pl.Boolean",
    "date": "pl.Date",
    "time": "pl.Time",
    "datetime": 'pl.Datetime("us", "UTC")',
    "duration": 'pl.Duration("us")',
    "object": "pl.String",
}


@WRITERS.register
class PanderaPython(Writer):
    """Source that needs nothing of dq.  `plan.pandera` has every check of one row, also those that are lost here."""

    kind = "pandera-python"
    title = "pandera, Python source for Polars, for consumers"

    def write(self, plan: CompiledPlan) -> Exported:
        """Return the source of the schema of accepted rows."""
        saying = Saying(plan)
        saying.said("output.fields")
        columns = "".join(_column(bound, saying) for bound in given(plan))
        if plan.unknown_fields == "keep":
            columns += '        "unknown_fields": pa.Column(pl.String, nullable=True),\n'
        losses = saying.losses()
        head = comments(losses, "#", f"{plan.event} {plan.version}, by `dq export`.", "Not said here:")
        schema = (
            f"schema = pa.DataFrameSchema(\n    {{\n{columns}    }},\n    name={plan.event!r},\n    strict=True,\n)\n"
        )
        return Exported(f"{head}\n{IMPORTS}\n{schema}", losses)


def said_calls(bound: BoundField, saying: Saying) -> list[Call]:
    """Return the calls for the checks of a column, striking out what they say."""
    found: list[Call] = []
    for check in bound.checks if bound.mask is None else ():
        made = calls(check) if alone(check) and check.kind not in {"required", "type"} else None
        if made is not None:
            found += made
            saying.said(check.id)
    saying.said(f"fields.{bound.name}.type", required_id(bound) or "")
    return found


def _column(bound: BoundField, saying: Saying) -> str:
    """Return the lines of one column."""
    checks = "".join(f"                {_source(call)},\n" for call in said_calls(bound, saying))
    listed = f"            checks=[\n{checks}            ],\n" if checks else ""
    described = f"            description={bound.description!r},\n" if bound.description else ""
    saying.said(f"fields.{bound.name}.description")
    return (
        f"        {bound.name!r}: pa.Column(\n            {dtype_source(written_type(bound))},\n{listed}"
        f"            nullable={not must_be_there(bound)},\n{described}        ),\n"
    )


def _source(call: Call) -> str:
    """Return the source of one call."""
    arguments = [*map(repr, call.args), *(f"{key}={value!r}" for key, value in call.kwargs)]
    return f"pa.Check.{call.name}({', '.join(arguments)})"


def dtype_source(of: Type) -> str:
    """Return the source of the Polars type of a column."""
    if of.element is not None:
        return f"pl.List({dtype_source(of.element)})"
    return f"pl.Decimal({of.precision}, {of.scale})" if of.name == "decimal" else DTYPES[of.name]
