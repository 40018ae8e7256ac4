"""`impute`: fill missing values with what is usual, in the record's group or in all."""

from __future__ import annotations

import math
from abc import abstractmethod
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any, ClassVar

import polars as pl
from pydantic import Field

from dq.dtypes.types import Family
from dq.params import ParamError, Params, Text
from dq.states.group_counts import COUNT, VALUE, GroupCounts
from dq.steps.fitted.base import FITTED_STEPS, ORDERED, SCALARS, Applied, FitTarget, FittedStep, read_table, write_table


class GroupParams(Params):
    """By which groups a value is learnt."""

    by: list[Text] = Field(
        default_factory=list, description="Learn within groups of records that agree in these fields."
    )


class Impute(FittedStep):
    """Fill a missing value with one that is learnt within the record's group.

    Where the group was never seen with a value, the groups of `by` without its last field are asked, and so on
    down to all records.  A cell that could not be read is not missing and stays as it is.
    """

    stage = "impute"
    Params: ClassVar[type[Params]] = GroupParams

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Keep the groups.  ParamError DQ311 for one that is no field, DQ308 for the field itself or a repetition."""
        super().__init__(params, target)
        self.by = tuple(params.by)
        for name in self.by:
            if name not in target.types:
                raise ParamError("DQ311", "by", field=name, where=f"{self.kind}.by")
            if name == target.name or self.by.count(name) > 1:
                raise ParamError("DQ308", "by", kind=self.kind, problem=f"{name} cannot be a group here")
            if target.types[name].family in {Family.LIST, Family.OBJECT}:
                raise ParamError("DQ308", "by", kind=self.kind, problem=f"{name} is a {target.types[name]}")

    @abstractmethod
    def learn(self, counts: GroupCounts) -> pl.DataFrame:
        """Return one row per group: its columns and VALUE, in order of group."""

    def _chain(self) -> list[tuple[str, ...]]:
        """Return the groupings, finest first, down to all records."""
        return [self.by[:length] for length in range(len(self.by), -1, -1)]

    def _types(self, by: tuple[str, ...]) -> dict[str, Any]:
        return {**{name: self.target.types[name] for name in by}, VALUE: self.target.type}

    def freeze(self, counts: GroupCounts | None) -> dict[str, Any]:
        """Return the learnt values of every grouping, as canonical texts."""
        if counts is None:
            return {"levels": []}
        chain = [(by, counts.by_group(by, self.learn)) for by in self._chain()]
        return {"levels": [{"by": list(by), "values": write_table(table, self._types(by))} for by, table in chain]}

    def thaw(self, frozen: dict[str, Any]) -> list[tuple[tuple[str, ...], pl.DataFrame]]:
        """Return each grouping with its table."""
        return [(by := tuple(level["by"]), read_table(level["values"], self._types(by))) for level in frozen["levels"]]

    def apply(self, frame: pl.DataFrame, learnt: Any) -> Applied:
        """Return the column with its nulls filled as far as anything was learnt."""
        values = frame[self.name]
        for by, table in learnt:
            if not values.null_count() or table.is_empty():
                continue
            if by:
                found = frame.select(by).join(table, on=list(by), how="left", nulls_equal=True, maintain_order="left")[
                    VALUE
                ]
            else:
                found = pl.repeat(table[VALUE][0], frame.height, dtype=table[VALUE].dtype, eager=True)
            values = values.zip_with(values.is_not_null(), found)
        return Applied(values.alias(self.name))

    def identity(self) -> dict[str, Any]:
        """Return the kind and the groups."""
        return {"kind": self.kind, "field": self.name, "by": list(self.by)}


def _ranked(counts: GroupCounts) -> pl.DataFrame:
    """Return the sorted counts with the rank of each value's last occurrence, and the size of its group."""
    by = counts.by
    ranks = pl.col(COUNT).cum_sum()
    sizes = pl.col(COUNT).sum()
    return counts.sorted().with_columns(
        (ranks.over(by) if by else ranks).alias("rank"), (sizes.over(by) if by else sizes).alias("size")
    )


def _at_rank(ranked: pl.DataFrame, rank: pl.Expr, by: list[str]) -> pl.DataFrame:
    """Return, per group, the value at a 1-based rank."""
    return ranked.filter((pl.col("rank") >= rank) & (pl.col("rank") - pl.col(COUNT) < rank)).select(*by, VALUE)


@FITTED_STEPS.register
class Median(Impute):
    """Fill with the median.

    It is exact, and of the field's type: of an even number of integers, decimals or dates the lower of the two
    in the middle, of numbers their mean.
    """

    kind = "median"
    families = ORDERED
    title = "The median of the values, exactly."
    example = "{median: {by: [country]}}"

    def learn(self, counts: GroupCounts) -> pl.DataFrame:
        """Return the medians."""
        by, ranked = counts.by, _ranked(counts)
        lower = _at_rank(ranked, (pl.col("size") + 1) // 2, by)
        if self.target.type.name != "number":
            return lower
        upper = _at_rank(ranked, pl.col("size") // 2 + 1, by)
        # Both have one row per group in the same order.
        return lower.with_columns(_middle(lower[VALUE], upper[VALUE]))


def _middle(low: pl.Series, high: pl.Series) -> pl.Series:
    """Return the mean of two numbers, also where their sum would overflow."""
    mean = (low + high) / 2
    return mean.zip_with(mean.is_finite(), low / 2 + high / 2).alias(VALUE)


@FITTED_STEPS.register
class MostFrequent(Impute):
    """Fill with the value that occurs most often; of equals, the smallest."""

    kind = "most_frequent"
    aliases = ("mode",)
    families = SCALARS
    title = "The value that occurs most often."
    example = "{most_frequent: {by: [country]}}"

    def learn(self, counts: GroupCounts) -> pl.DataFrame:
        """Return the modes."""
        by = counts.by
        ranked = counts.sorted().sort(COUNT, descending=True, maintain_order=True)
        first = ranked.unique(by, keep="first", maintain_order=True) if by else ranked.head(1)
        return first.sort(by, nulls_last=False).select(*by, VALUE) if by else first.select(VALUE)


@FITTED_STEPS.register
class Mean(Impute):
    """Fill with the arithmetic mean of numbers or decimals, rounded once (decimals: half to even).

    An integer field has no mean of its type; use the median.
    """

    kind = "mean"
    families = frozenset({Family.NUMBER})
    title = "The arithmetic mean of the values."
    example = "{mean: {by: [country]}}"

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Keep the groups.  ParamError DQ304 for an integer field."""
        super().__init__(params, target)
        if target.type.name == "integer":
            raise ParamError(
                "DQ304", None, check=self.kind, field=target.name, type=str(target.type), fits="number or decimal"
            )

    def learn(self, counts: GroupCounts) -> pl.DataFrame:
        """Return the means."""
        by = counts.by
        listed = counts.sorted()
        grouped = listed.group_by(by, maintain_order=True) if by else [((), listed)]
        keys, means = [], []
        for key, rows in grouped:
            if rows.height:
                keys.append(key)
                means.append(self._mean(rows[VALUE].to_list(), rows[COUNT].to_list()))
        columns = {name: pl.Series(name, [k[i] for k in keys], dtype=listed.schema[name]) for i, name in enumerate(by)}
        return pl.DataFrame({**columns, VALUE: pl.Series(VALUE, means, dtype=listed.schema[VALUE])})

    def _mean(self, values: list[Any], counts: list[int]) -> Any:
        size = sum(counts)
        if self.target.type.name == "decimal":
            total = sum((Fraction(v) * n for v, n in zip(values, counts, strict=True)), Fraction())
            return rounded_decimal(total / size, self.target.type.scale or 0)
        try:
            # fsum rounds the exact sum once, so that neither order nor chunks show in it.
            return math.fsum(v for v, n in zip(values, counts, strict=True) for _ in range(n)) / size
        except OverflowError:
            return float(sum((Fraction(v) * n for v, n in zip(values, counts, strict=True)), Fraction()) / size)


def rounded_decimal(exact: Fraction, scale: int) -> Decimal:
    """Return a fraction as a decimal with `scale` digits after the point, half to even."""
    units = exact * 10**scale
    return Decimal(round(units)).scaleb(-scale).quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_EVEN)
