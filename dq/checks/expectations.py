"""Expectations: questions of the whole batch, judged once from plain counts: `row_count`, `missing`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from dq.params import ParamError, Share, Whole
from dq.params import Params as BaseParams
from dq.registry import Registry


@dataclass(frozen=True, slots=True)
class Measure:
    """What an engine counted, in records.

    `accepted` are the rows that left by the door `accepted`.  For an expectation of a field, `present` are the
    framed records that were not filtered, and `missing` those of them whose cell was null before any repair
    (a cell that could not be cast is not missing).
    """

    accepted: int
    present: int = 0
    missing: int = 0


class Judgement(NamedTuple):
    """The verdict on a batch, what was observed and what was expected, for the report."""

    passed: bool
    observed: int | float
    expected: str


class Expectation(ABC):
    """One bound expectation.  `scope` says whether it stands under the spec (`batch`) or under a field."""

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    scope: ClassVar[Literal["batch", "field"]]
    title: ClassVar[str]
    example: ClassVar[str]  # YAML, one entry of `expect:`
    Params: ClassVar[type[BaseParams]]

    def __init__(self, params: Any) -> None:
        """Keep the parameters (an instance of `Params`)."""
        self.params = params

    @abstractmethod
    def judge(self, measure: Measure) -> Judgement:
        """Return the verdict on the counts of a batch."""

    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """Return what makes this expectation itself, as JSON values."""


EXPECTATIONS: Registry[type[Expectation]] = Registry("expectation")


@EXPECTATIONS.register
class RowCount(Expectation):
    """The batch has so many accepted rows.

    Accepted rows are counted, not records read, because they are what the next program trains on: a batch whose
    rows were all refused is as empty as one that never came.
    """

    kind = "row_count"
    scope = "batch"
    title = "The batch has so many accepted rows."
    example = "row_count: {min: 1}"

    class Params(BaseParams):
        """The ends, at least one of them."""

        min: Whole | None = Field(None, description="The smallest number of accepted rows.")
        max: Whole | None = Field(None, description="The largest number of accepted rows.")

    def __init__(self, params: Any) -> None:
        """Keep the ends.  ParamError DQ306 if there are none, DQ308 if no count could be right."""
        super().__init__(params)
        low, high = params.min, params.max
        if low is None and high is None:
            raise ParamError("DQ306", "min", kind=self.kind)
        for key, end in (("min", low), ("max", high)):
            if end is not None and end < 0:
                raise ParamError("DQ308", key, kind=self.kind, problem=f"a count of {end}")
        if low is not None and high is not None and low > high:
            raise ParamError("DQ308", "min", kind=self.kind, problem=f"{low} is above {high}")

    def judge(self, measure: Measure) -> Judgement:
        """Compare the accepted rows with the ends."""
        low, high = self.params.min, self.params.max
        passed = (low is None or measure.accepted >= low) and (high is None or measure.accepted <= high)
        ends = f"at most {high}" if low is None else f"{low} to {high}"
        words = f"at least {low}" if high is None else ends
        noun = "row" if (low if high is None else high) == 1 else "rows"
        return Judgement(passed, measure.accepted, f"{words} accepted {noun}")

    def identity(self) -> dict[str, Any]:
        """Return the kind and the ends."""
        return {"kind": self.kind, "params": self.params.model_dump(mode="json", exclude_none=True)}


@EXPECTATIONS.register
class Missing(Expectation):
    """No more than a share of the field's values is missing, before any repair.

    The share is of the framed records that were not filtered.  An empty batch has no share and passes; whether
    it may be empty is the question of `row_count`.
    """

    kind = "missing"
    scope = "field"
    title = "No more than a share of the values is missing."
    example = "missing: {max: 5%}"

    class Params(BaseParams):
        """The share."""

        shorthand: ClassVar[str | None] = "max"
        max: Share = Field(description="The largest share of missing values that is allowed.")

    def judge(self, measure: Measure) -> Judgement:
        """Compare the share of missing cells with the largest, exactly."""
        share = Fraction(measure.missing, measure.present) if measure.present else Fraction(0)
        allowed = float(self.params.max * 100)
        return Judgement(share <= self.params.max, float(share), f"at most {allowed:g}% missing")

    def identity(self) -> dict[str, Any]:
        """Return the kind and the share as a reduced fraction."""
        return {"kind": self.kind, "params": {"max": str(self.params.max)}}
