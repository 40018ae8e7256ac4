"""`outliers`: values far from the others are clipped, set to null, or refused."""

from __future__ import annotations

import math
from abc import abstractmethod
from decimal import Context, Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import polars as pl
from pydantic import Field, PlainValidator, WithJsonSchema

from dq.dtypes.literals import parse_literal, polars_literal
from dq.dtypes.types import Family, Type
from dq.params import ParamError, Params, Real, Scalar, Word, read_literal
from dq.states.group_counts import COUNT, VALUE, GroupCounts
from dq.steps.fitted.base import FITTED_STEPS, Applied, FitTarget, FittedStep

Action = Annotated[Literal["clip", "set_null", "quarantine"], Word]
_WIDE = Context(prec=200)  # no fence is rounded, however far away
NORMAL = Fraction(14826, 10000)  # the median absolute deviation of a normal distribution is its deviation / 1.4826


class ActionParams(Params):
    """What is done with a value outside the fences."""

    action: Action = Field("quarantine", description="clip to the fence, set_null, or quarantine the record.")


class Outliers(FittedStep):
    """Do something about values outside two fences, which are learnt from all values of the field.

    The fences themselves are inside.  They are of the field's type: of integers and decimals they are moved
    inwards to the nearest value that the type has.
    """

    stage = "outliers"
    families = frozenset({Family.NUMBER})
    Params: ClassVar[type[Params]] = ActionParams

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Keep the parameters.  ParamError DQ308 for a distance that is not positive."""
        super().__init__(params, target)
        reach = getattr(params, self.kind, None)
        if isinstance(reach, float) and reach <= 0:
            raise ParamError(
                "DQ308", self.kind, kind=self.kind, problem=f"a distance of {reach:g} fences everything out"
            )

    @abstractmethod
    def fences(self, counts: GroupCounts) -> tuple[Fraction | None, Fraction | None]:
        """Return the lower and the upper fence, exactly; None for none."""

    def freeze(self, counts: GroupCounts | None) -> dict[str, Any]:
        """Return the fences as texts of the field's type."""
        return self.written(*(self.fences(counts) if counts is not None and counts.table.height else (None, None)))

    def written(self, low: Fraction | None, high: Fraction | None) -> dict[str, Any]:
        """Return two fences as texts of the field's type."""
        kind = self.target.type
        return {
            "low": None if low is None else fence_text(kind, low, math.ceil),
            "high": None if high is None else fence_text(kind, high, math.floor),
        }

    def thaw(self, frozen: dict[str, Any]) -> tuple[Any, Any]:
        """Return the fences as values."""
        kind = self.target.type
        return tuple(None if frozen[end] is None else parse_literal(kind, frozen[end]) for end in ("low", "high"))  # type: ignore[return-value]

    def apply(self, frame: pl.DataFrame, learnt: Any) -> Applied:
        """Return the column with its outliers clipped or set to null, or which rows they refuse."""
        values, kind = frame[self.name], self.target.type
        column = pl.col(self.name)
        outside, clipped = pl.lit(value=False), column
        if self.params.action == "clip" and None not in learnt:
            learnt = sorted(learnt)  # where no value of the type lies between, its nearest ones on both sides are kept
        for bound, beyond in zip(learnt, (column.__lt__, column.__gt__), strict=True):
            if bound is not None:
                fence = polars_literal(kind, bound)
                outside = outside | beyond(fence)
                clipped = pl.when(beyond(fence)).then(fence).otherwise(clipped)
        mask = frame.select(outside.fill_null(value=False).alias("outside"))["outside"]
        if len(mask) != frame.height or not mask.any():
            return Applied(values)
        if self.params.action == "quarantine":
            return Applied(values, mask)
        if self.params.action == "clip":
            return Applied(frame.select(clipped.alias(self.name))[self.name])
        return Applied(frame.select(pl.when(~pl.lit(mask)).then(column).alias(self.name))[self.name])

    def identity(self) -> dict[str, Any]:
        """Return the kind and its parameters."""
        return {
            "kind": self.kind,
            "field": self.name,
            "params": self.params.model_dump(mode="json", exclude={"fences"}),
        }

    def expected(self) -> str:
        """Say where a value was expected."""
        return f"a value within the fences of {self.kind}"


def fence_text(kind: Type, exact: Fraction, inwards: Any) -> str | None:
    """Return a fence as text of the field's type, moved inwards where the type has no such value.

    None stands for a fence beyond everything that the type can hold: no value lies outside.
    """
    try:
        if kind.name == "number":
            return repr(float(exact))
        scale = kind.scale or 0
        text = format(Decimal(int(inwards(exact * 10**scale))).scaleb(-scale, _WIDE), "f")
        parse_literal(kind, text)
    except (OverflowError, ValueError):
        return None
    return text


def order_statistic(counts: GroupCounts, share: Fraction) -> Fraction:
    """Return the quantile at a share, exactly: linear between the two nearest values (Hyndman and Fan, type 7)."""
    listed = counts.sorted()
    ends = listed[COUNT].cum_sum().to_numpy()
    place = share * (int(ends[-1]) - 1)
    below = math.floor(place)
    at = np.searchsorted(ends, [below, min(below + 1, int(ends[-1]) - 1)], side="right").tolist()
    low, high = (Fraction(listed[VALUE][index]) for index in at)
    return low + (high - low) * (place - below)


class IqrParams(ActionParams):
    """How far the fences are from the quartiles."""

    shorthand: ClassVar[str | None] = "iqr"
    iqr: Real = Field(1.5, description="The distance of the fences from the quartiles, in interquartile ranges.")


@FITTED_STEPS.register
class Iqr(Outliers):
    """Fences at a number of interquartile ranges below the first and above the third quartile (Tukey 1977)."""

    kind = "iqr"
    title = "Fences by interquartile ranges."
    example = "{iqr: 3, action: clip}"
    Params = IqrParams

    def fences(self, counts: GroupCounts) -> tuple[Fraction | None, Fraction | None]:
        """Return Q1 - k IQR and Q3 + k IQR."""
        first, third = (order_statistic(counts, Fraction(part, 4)) for part in (1, 3))
        reach = Fraction(self.params.iqr) * (third - first)
        return first - reach, third + reach


class MadParams(ActionParams):
    """How far the fences are from the median."""

    shorthand: ClassVar[str | None] = "mad"
    mad: Real = Field(3.5, description="The distance of the fences from the median, in scaled median deviations.")


@FITTED_STEPS.register
class Mad(Outliers):
    """Fences at a number of median absolute deviations (times 1.4826) from the median."""

    kind = "mad"
    title = "Fences by median absolute deviations."
    example = "{mad: 5, action: set_null}"
    Params = MadParams

    def fences(self, counts: GroupCounts) -> tuple[Fraction | None, Fraction | None]:
        """Return the median minus and plus k times 1.4826 MAD."""
        middle = order_statistic(counts, Fraction(1, 2))
        listed = counts.sorted()
        deviations = sorted((abs(Fraction(v) - middle), n) for v, n in zip(listed[VALUE], listed[COUNT], strict=True))
        spread = _weighted_median(deviations)
        reach = Fraction(self.params.mad) * NORMAL * spread
        return middle - reach, middle + reach


def _weighted_median(pairs: list[tuple[Fraction, int]]) -> Fraction:
    """Return the median of values with counts, sorted by value; the mean of the middle two of an even number."""
    size = sum(n for _, n in pairs)
    wanted, seen, found = {(size + 1) // 2, size // 2 + 1}, 0, []
    for value, count in pairs:
        found += [value for rank in sorted(wanted) if seen < rank <= seen + count]
        seen += count
    return sum(found, Fraction()) / len(found)


class QuantileParams(ActionParams):
    """At which quantiles the fences stand."""

    shorthand: ClassVar[str | None] = "quantiles"
    quantiles: list[Real] = Field(
        min_length=2, max_length=2, description="The shares of the lower and the upper fence."
    )


@FITTED_STEPS.register
class Quantiles(Outliers):
    """Fences at two quantiles."""

    kind = "quantiles"
    title = "Fences by quantiles."
    example = "{quantiles: [0.01, 0.99], action: clip}"
    Params = QuantileParams

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Keep the shares.  ParamError DQ308 unless 0 <= low < high <= 1."""
        super().__init__(params, target)
        low, high = params.quantiles
        if not 0 <= low < high <= 1:
            raise ParamError("DQ308", "quantiles", kind=self.kind, problem=f"{low} to {high} is no part of 0 to 1")

    def fences(self, counts: GroupCounts) -> tuple[Fraction | None, Fraction | None]:
        """Return the two quantiles."""
        low, high = (order_statistic(counts, Fraction(share)) for share in self.params.quantiles)
        return low, high


def read_fence(value: object) -> Scalar | None:
    """Read a fence that a spec states, or null for none."""
    return None if isinstance(value, Scalar) and value.is_null else read_literal(value)


Fence = Annotated[Scalar | None, PlainValidator(read_fence), WithJsonSchema({"type": ["string", "number", "null"]})]


class BoundsParams(ActionParams):
    """The fences themselves."""

    shorthand: ClassVar[str | None] = "bounds"
    bounds: list[Fence] = Field(
        min_length=2, max_length=2, description="The lower and the upper fence; null for none on that side."
    )


@FITTED_STEPS.register
class Bounds(Outliers):
    """Fences that the spec states; nothing is learnt."""

    kind = "bounds"
    title = "Fences that are stated."
    learns = False
    example = "{bounds: [0, 50000], action: clip}"
    Params = BoundsParams

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Read the fences.  ParamError DQ318 if they are not of the field's type, DQ308 if they cross."""
        super().__init__(params, target)
        try:
            low, high = (bound and parse_literal(target.type, bound.text) for bound in params.bounds)
        except ValueError as error:
            text = ", ".join("null" if bound is None else bound.text for bound in params.bounds)
            raise ParamError("DQ318", "bounds", value=text, type=str(target.type), kind=self.kind) from error
        if low is None and high is None:
            raise ParamError("DQ308", "bounds", kind=self.kind, problem="there is no fence on either side")
        if low is not None and high is not None and low > high:
            raise ParamError("DQ308", "bounds", kind=self.kind, problem=f"{low} is above {high}")
        self.stated = (None if low is None else Fraction(low), None if high is None else Fraction(high))

    def fences(self, counts: GroupCounts) -> tuple[Fraction | None, Fraction | None]:
        """Return the stated fences."""
        del counts
        return self.stated

    def freeze(self, counts: GroupCounts | None) -> dict[str, Any]:
        """Return the stated fences, whatever was counted."""
        del counts
        return self.written(*self.stated)

    def identity(self) -> dict[str, Any]:
        """Return the fences as fractions."""
        return {
            "kind": self.kind,
            "field": self.name,
            "bounds": [str(bound) for bound in self.stated],
            "action": self.params.action,
        }
