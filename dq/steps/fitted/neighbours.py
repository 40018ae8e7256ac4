"""`impute: {ffill: …}` and `{bfill: …}`: a missing value is that of the nearest record before or behind, in an order.

Such a fill needs the records around a record, so it belongs to batches: what is decided is about the batch at hand,
is in no state, and cannot be asked of one event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import polars as pl
from pydantic import Field

from dq.diagnostics import did_you_mean
from dq.params import ParamError, Params, Text
from dq.states.group_counts import VALUE
from dq.steps.fitted.base import FITTED_STEPS, SCALARS, Applied, BatchStep, FitTarget

FOUND = "\x00found"
NEEDED = "\x00needed"


class NeighbourParams(Params):
    """The order of the records, and within which of them a value is taken."""

    shorthand: ClassVar[str | None] = "order_by"
    order_by: Text = Field(description="The field that orders the records; a record without it takes no part.")
    by: list[Text] = Field(
        default_factory=list, description="Take values only from records that agree in these fields."
    )


class Neighbour(BatchStep):
    """Fill a missing value with that of the nearest record in one direction."""

    stage = "impute"
    families = SCALARS
    Params = NeighbourParams

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Keep order and groups.  ParamError DQ311 for what is no field, DQ308 for the field itself or a repetition."""
        super().__init__(params, target)
        self.by = target.groups(params.by, self.kind)
        self.order = str(params.order_by)
        if self.order not in target.types:
            near = did_you_mean(self.order, target.types)
            where = f"{self.kind}.order_by"
            raise ParamError("DQ311", "order_by", field=self.order, where=where, suggestion=near)
        if self.order == self.name or self.order in self.by:
            raise ParamError("DQ308", "order_by", kind=self.kind, problem=f"{self.order} cannot be the order here")
        if target.types[self.order].family not in SCALARS:
            kind = target.types[self.order]
            raise ParamError("DQ308", "order_by", kind=self.kind, problem=f"{self.order} is a {kind}, without an order")

    @property
    def reads(self) -> tuple[str, ...]:
        """The groups, the order, and the field itself."""
        return (*self.by, self.order, self.name)

    @property
    def _keys(self) -> list[str]:
        return [*self.by, self.order]

    def decide(self, scan: Callable[[], Iterator[pl.DataFrame]]) -> pl.DataFrame:
        """Return the value of every place in the order that lacks one: the keys and VALUE.

        Two passes: one collects the places where a value is missing, one finds the nearest value of each.  Memory is
        of the order of the places; in which chunks the records come does not matter.
        """
        best = self._places(scan())
        if best.is_empty():
            return best.select(*self._keys, VALUE)
        for frame in scan():
            best = self._nearer(best, frame)
        return best.filter(pl.col(VALUE).is_not_null()).select(*self._keys, VALUE)

    def _places(self, frames: Iterator[pl.DataFrame]) -> pl.DataFrame:
        """Return the places where a value is missing, in order, each once: the keys, and FOUND and VALUE, null."""
        missing = pl.col(self.name).is_null() & pl.col(self.order).is_not_null()
        found = [frame.filter(missing).select(self._keys).unique() for frame in frames]
        value, order = self.target.type.polars, self.target.types[self.order].polars
        schema = {name: self.target.types[name].polars for name in self._keys}
        places = pl.concat([pl.DataFrame(schema=schema), *found]).unique().sort(self._keys)
        return places.with_columns(pl.lit(None, order).alias(FOUND), pl.lit(None, value).alias(VALUE))

    def _nearer(self, best: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the places with the values of one more frame, where those are nearer than what was found before.

        Of records at one place of the order the earliest that has a value speaks for it, so an equal place in a
        later frame changes nothing.
        """
        backwards = self.kind == "bfill"
        having = frame.filter(pl.col(self.name).is_not_null() & pl.col(self.order).is_not_null())
        first = having.group_by(self._keys, maintain_order=True).agg(pl.col(self.name).first().alias(VALUE))
        sources = first.select(*self._keys, pl.col(self.order).alias(FOUND), VALUE, pl.lit(value=False).alias(NEEDED))
        asked = best.with_columns(
            pl.lit(None, best.schema[FOUND]).alias(FOUND), pl.lit(None, best.schema[VALUE]).alias(VALUE)
        )
        lined = pl.concat([sources, asked.with_columns(pl.lit(value=True).alias(NEEDED))])
        lined = lined.sort([*self._keys, NEEDED], descending=[*([False] * len(self._keys)), backwards])
        filled = [pl.col(name).backward_fill() if backwards else pl.col(name).forward_fill() for name in (FOUND, VALUE)]
        filled = [column.over(list(self.by)) for column in filled] if self.by else filled
        near = lined.with_columns(filled).filter(NEEDED)
        closer = near[FOUND] < best[FOUND] if backwards else near[FOUND] > best[FOUND]
        better = near[FOUND].is_not_null() & (best[FOUND].is_null() | closer.fill_null(value=False))
        return best.with_columns(near[name].zip_with(better, best[name]) for name in (FOUND, VALUE))

    def apply(self, frame: pl.DataFrame, learnt: Any) -> Applied:
        """Return the column with its nulls filled where a value was found."""
        values = frame[self.name]
        if learnt.is_empty():
            return Applied(values)
        found = frame.select(self._keys).join(
            learnt, on=self._keys, how="left", nulls_equal=True, maintain_order="left"
        )
        return Applied(values.zip_with(values.is_not_null(), found[VALUE]).alias(self.name))

    def words(self) -> str:
        """Say in which order, within which groups."""
        groups = f" by {', '.join(self.by)}" if self.by else ""
        return f"{self.kind}{groups} in the order of {self.order}"

    def identity(self) -> dict[str, Any]:
        """Return the kind, the order and the groups."""
        return {"kind": self.kind, "field": self.name, "order_by": self.order, "by": list(self.by)}


@FITTED_STEPS.register
class ForwardFill(Neighbour):
    """Fill with the last value before, in the order of another field.

    It is the value at the greatest place of the order that is not behind the record's own; where several records
    stand at that place, that of the earliest one with a value.  A record whose `order_by` is null neither gives nor
    takes.  Values are taken from records, never from what was filled.
    """

    kind = "ffill"
    title = "The last value before, in an order."
    example = "{ffill: {order_by: measured_at, by: [sensor]}}"


@FITTED_STEPS.register
class BackwardFill(Neighbour):
    """Fill with the next value behind, in the order of another field.

    It is the value at the least place of the order that is not before the record's own; where several records stand
    at that place, that of the earliest one with a value.  A record whose `order_by` is null neither gives nor takes.
    """

    kind = "bfill"
    title = "The next value behind, in an order."
    example = "{bfill: {order_by: measured_at, by: [sensor]}}"
