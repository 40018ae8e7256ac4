"""The plan as a pandera schema of the canonical row: public, and the last gate of every batch.

Only collected DataFrames are validated: on a LazyFrame pandera looks at the schema alone.  Uniqueness and
what belongs to several chunks is not asked here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from dq.errors import InternalError
from dq.plan.rows import json_values
from dq.sources.base import UNKNOWN_COLUMN

if TYPE_CHECKING:
    from datetime import datetime

    from dq.plan.bound import BoundCheck, BoundField
    from dq.plan.plan import CompiledPlan


def import_pandera() -> Any:
    """Import pandera; it costs half a second of CPU, so it is imported where it is needed."""
    import pandera.polars as pa

    return pa


def gated(check: BoundCheck) -> bool:
    """Whether an accepted row must pass this check by itself: it refuses, and asks one row."""
    return (
        check.on_fail in {"quarantine", "abort"}
        and (check.check is not None or check.assertion is not None)
        and not check.keys
    )


def schema_of(plan: CompiledPlan, now: datetime, pa: Any) -> Any:
    """Return the `pandera.polars.DataFrameSchema` of an accepted row."""
    columns = {bound.name: _column(bound, now, pa) for bound in plan.fields}
    if plan.unknown_fields == "keep":
        columns[UNKNOWN_COLUMN] = pa.Column(pl.String, nullable=True)
    rows = [_row_check(check, now, pa) for check in plan.checks if gated(check) and check.field is None]
    return pa.DataFrameSchema(columns, checks=rows, strict=True, ordered=True, name=plan.event)


def _column(bound: BoundField, now: datetime, pa: Any) -> Any:
    checks = [_field_check(check, now, pa) for check in bound.checks if gated(check) and check.kind != "required"]
    return pa.Column(bound.type.polars, checks=checks, nullable=not is_required(bound), name=bound.name)


def is_required(bound: BoundField) -> bool:
    """Whether an accepted row always has a value in this field."""
    return bound.indicates is not None or any(
        check.kind == "required" and gated(check) and check.where is None for check in bound.checks
    )


def _field_check(check: BoundCheck, now: datetime, pa: Any) -> Any:
    if check.where is None and check.check is not None:
        made = check.check.pandera(pa, now)
        made.name = made.error = check.id
        return made
    return _row_check(check, now, pa)


def _row_check(check: BoundCheck, now: datetime, pa: Any) -> Any:
    """Return a check by the plan's own expression: rows for which `where` is not true pass."""
    answer = check.passes(pl.col, now)
    passed = answer.fill_null(value=check.assertion is None)
    if check.where is not None:
        passed = passed | ~check.where.lower(pl.col, now).fill_null(value=False)
    return pa.Check(lambda data: data.lazyframe.select(passed), name=check.id, error=check.id)


class PanderaGate:
    """Validates accepted rows with pandera; a row that it refuses is a bug of ours."""

    def __init__(self, plan: CompiledPlan, now: datetime) -> None:
        """Build the schema, and see it refuse a canary: a validator that was switched off never refuses."""
        self._pa = import_pandera()
        self._schema = schema_of(plan, now, self._pa)
        canary = self._pa.DataFrameSchema({"canary": self._pa.Column(pl.Int64, self._pa.Check.ge(1))})
        try:
            canary.validate(pl.DataFrame({"canary": [0]}))
        except (self._pa.errors.SchemaError, self._pa.errors.SchemaErrors):
            return
        raise InternalError("pandera validates nothing: is PANDERA_VALIDATION_ENABLED or PANDERA_VALIDATION_DEPTH set?")

    def check(self, frame: pl.DataFrame) -> None:
        """Validate canonical rows.  InternalError, naming the checks and no value, if pandera refuses any."""
        if frame.is_empty():
            return
        try:
            self._schema.validate(frame, lazy=True)
        except (self._pa.errors.SchemaErrors, self._pa.errors.SchemaError, pl.exceptions.PolarsError) as error:
            cases = getattr(error, "failure_cases", None)
            names = sorted(set(json_values(cases["check"]))) if isinstance(cases, pl.DataFrame) else ["?"]
            raise InternalError(
                f"the splitter accepted rows that the pandera gate refuses ({', '.join(map(str, names))}): "
                "this is a bug in dq, nothing was published"
            ) from None
