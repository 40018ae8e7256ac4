"""`impute: {from: other}`: a missing value is taken from another field of the same record."""

from __future__ import annotations

from typing import Any, ClassVar

import polars as pl
from pydantic import Field

from dq.diagnostics import did_you_mean
from dq.dtypes.types import Type, holds
from dq.params import ParamError, Params, Text
from dq.states.group_counts import GroupCounts
from dq.steps.fitted.base import FITTED_STEPS, SCALARS, Applied, FitTarget, FittedStep


class FromParams(Params):
    """Which field gives the value."""

    shorthand: ClassVar[str | None] = "field"
    field: Text = Field(description="The field whose value is taken.")


@FITTED_STEPS.register
class From(FittedStep):
    """Fill a missing value with that of another field of the same record.

    The field must hold whatever the other one does: the same type, or a number for an integer or a decimal.  A value
    that it cannot hold exactly is not taken.  The other field is read as it stands before this fill, so where both
    are missing nothing is filled.
    """

    kind = "from"
    stage = "impute"
    families = SCALARS
    title = "The value of another field of the record."
    learns = False
    example = "{from: billing_city}"
    Params = FromParams

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Keep the other field.  ParamError DQ311 if it is none, DQ308 for the field itself, DQ304 for its type."""
        super().__init__(params, target)
        self.other = str(params.field)
        if self.other not in target.types:
            near = did_you_mean(self.other, [name for name in target.types if name != target.name])
            raise ParamError("DQ311", "field", field=self.other, where="impute.from", suggestion=near)
        if self.other == target.name:
            raise ParamError("DQ308", "field", kind=self.kind, problem=f"{self.other} has no value of its own to take")
        if not holds(target.type, self._type):
            fits = f"fields whose values a {target.type} can hold"
            raise ParamError("DQ304", "field", check="impute.from", field=self.other, type=str(self._type), fits=fits)

    @property
    def _type(self) -> Type:
        return self.target.types[self.other]

    @property
    def reads(self) -> tuple[str, ...]:
        """The other field, and the field itself."""
        return (self.other, self.name)

    def freeze(self, counts: GroupCounts | None) -> dict[str, Any]:
        """Return which field gives the value, whatever was counted."""
        del counts
        return {"from": self.other}

    def thaw(self, frozen: dict[str, Any]) -> str:
        """Return the name of the other field."""
        return str(frozen["from"])

    def apply(self, frame: pl.DataFrame, learnt: Any) -> Applied:
        """Return the column with its nulls filled where the other column has a value that fits exactly."""
        values, other = frame[self.name], frame[learnt]
        taken = other.cast(values.dtype, strict=False)
        if taken.dtype != other.dtype:
            exact = (taken.cast(other.dtype, strict=False) == other).fill_null(value=False)
            taken = taken.set(~exact, None)
        return Applied(values.zip_with(values.is_not_null(), taken).alias(self.name))

    def words(self) -> str:
        """Say where the value comes from."""
        return f"from {self.other}"

    def identity(self) -> dict[str, Any]:
        """Return the kind and the other field."""
        return {"kind": self.kind, "field": self.name, "from": self.other}
