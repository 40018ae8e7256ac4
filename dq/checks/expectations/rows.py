"""How many rows a batch has: `row_count`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, Judgement, Subject
from dq.checks.expectations.ends import in_words, require_ends, within
from dq.params import ParamError, Whole
from dq.params import Params as BaseParams


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
    example_values = ("1",)

    class Params(BaseParams):
        """The ends, at least one of them."""

        min: Whole | None = Field(None, description="The smallest number of accepted rows.")
        max: Whole | None = Field(None, description="The largest number of accepted rows.")

    def __init__(self, params: Any, subject: Subject) -> None:
        """Keep the ends.  ParamError DQ306 if there are none, DQ308 if no count could be right."""
        super().__init__(params, subject)
        require_ends(self.kind, params.min, params.max)
        for key, end in (("min", params.min), ("max", params.max)):
            if end is not None and end < 0:
                raise ParamError("DQ308", key, kind=self.kind, problem=f"a count of {end}")

    def judge(self, batch: Batch) -> Judgement:
        """Compare the accepted rows with the ends."""
        low, high = self.params.min, self.params.max
        noun = "row" if (low if high is None else high) == 1 else "rows"
        expected = f"{in_words(low, high)} accepted {noun}"
        return Judgement(within(batch.accepted, low, high), batch.accepted, expected)

    def idle(self) -> bool:
        """Whether every count is right."""
        return not self.params.min and self.params.max is None
