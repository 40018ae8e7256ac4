"""`repair`: where records say the same thing several times, the few are set to what the many say."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import polars as pl
from pydantic import Field

from dq.params import Count, Flag, Params, Share, Text
from dq.states.group_counts import COUNT, VALUE, GroupCounts
from dq.steps.fitted.base import FITTED_STEPS, SCALARS, Applied, FitTarget, FittedStep, read_table, write_table


class AgreeParams(Params):
    """Which records say the same thing, and when many are enough."""

    by: list[Text] = Field(min_length=1, description="The fields that determine this one.")
    min_share: Share = Field(Fraction(1, 2), description="The share of the majority below which nothing is repaired.")
    min_count: Count = Field(2, description="How many records must say what the majority says.")
    fill: Flag = Field(False, description="Whether missing values are set to the majority too.")


@FITTED_STEPS.register
class Agree(FittedStep):
    """Set the minority to the majority among records that agree in the fields of `by`.

    It speaks of a functional dependency: one provider number has one name.  A value is only changed where one
    value has at least `min_share` of those in its group, at least `min_count` records say it, and no other value
    is as frequent: ties are never guessed.  A record with a null in `by` belongs to no group.
    """

    kind = "agree"
    stage = "repair"
    families = SCALARS
    title = "The value that most records with the same key agree on."
    example = "{agree: {by: [provider_number], min_share: 0.6}}"
    Params = AgreeParams

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Keep the key.  ParamError DQ311 for one that is no field, DQ308 for the field itself."""
        super().__init__(params, target)
        self.by = target.groups(params.by, self.kind)

    def _types(self) -> dict[str, Any]:
        return {**{name: self.target.types[name] for name in self.by}, VALUE: self.target.type}

    def freeze(self, counts: GroupCounts | None) -> dict[str, Any]:
        """Return the agreed value of every group that has one."""
        by = list(self.by)
        if counts is None:
            return {"by": by, "values": []}
        keyed = counts.table.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in by))
        share, count = self.params.min_share, pl.col(COUNT)
        agreed = keyed.with_columns(
            count.sum().over(by).alias("size"),
            count.max().over(by).alias("most"),
            (count == count.max().over(by)).sum().over(by).alias("ties"),
        ).filter(
            (count == pl.col("most"))
            & (pl.col("ties") == 1)
            & (count >= self.params.min_count)
            & (count * share.denominator >= pl.col("size") * share.numerator)
        )
        return {"by": by, "values": write_table(agreed.sort(by).select(*by, VALUE), self._types())}

    def thaw(self, frozen: dict[str, Any]) -> pl.DataFrame:
        """Return the table of agreed values."""
        return read_table(frozen["values"], self._types())

    def apply(self, frame: pl.DataFrame, learnt: Any) -> Applied:
        """Return the column with the minority set to the majority."""
        values = frame[self.name]
        agreed = frame.select(self.by).join(learnt, on=list(self.by), how="left", maintain_order="left")[VALUE]
        repaired = agreed.is_not_null() if self.params.fill else agreed.is_not_null() & values.is_not_null()
        return Applied(agreed.zip_with(repaired, values).alias(self.name))

    def identity(self) -> dict[str, Any]:
        """Return the kind and its parameters."""
        return {
            "kind": self.kind,
            "field": self.name,
            "by": list(self.by),
            "min_share": str(self.params.min_share),
            "min_count": self.params.min_count,
            "fill": self.params.fill,
        }
