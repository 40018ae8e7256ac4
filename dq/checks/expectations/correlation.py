"""How two fields go together: `correlation`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, Judgement, Subject
from dq.checks.expectations.ends import in_words, require_ends, within
from dq.dtypes.types import Family
from dq.params import Exact, ParamError, Text
from dq.params import Params as BaseParams
from dq.states.products import ProductsOf


@EXPECTATIONS.register
class Correlation(Expectation):
    """Pearson's correlation of two fields lies between two ends, over the accepted rows that have both numbers.

    It is computed from exact sums, so that neither order nor chunks decide.
    """

    kind = "correlation"
    scope = "batch"
    families = frozenset({Family.NUMBER})
    title = "The correlation of two fields lies between two ends."
    example = "correlation: {fields: [a, b], min: 0.8}"
    example_values = ("1", "2", "4")

    class Params(BaseParams):
        """The fields and the ends, at least one of them."""

        fields: list[Text] = Field(min_length=2, max_length=2, description="The two fields.")
        min: Exact | None = Field(None, description="The smallest correlation that is expected, from -1.")
        max: Exact | None = Field(None, description="The largest correlation that is expected, up to 1.")

    def __init__(self, params: Any, subject: Subject) -> None:
        """Keep the ends.  ParamError DQ306 if there are none, DQ308 if no correlation is there, DQ324 for one field."""
        super().__init__(params, subject)
        require_ends(self.kind, params.min, params.max)
        for key, end in (("min", params.min), ("max", params.max)):
            if end is not None and abs(end) > 1:
                raise ParamError("DQ308", key, kind=self.kind, problem="a correlation lies between -1 and 1")
        one, two = params.fields
        if one == two:
            raise ParamError("DQ324", "fields", within=(1,), name=two, where=f"'{self.kind}'")
        self.measure = ProductsOf(one, two)

    @classmethod
    def names(cls, params: Any) -> Mapping[tuple[str | int, ...], str]:
        """Return both fields."""
        return {("fields", place): name for place, name in enumerate(params.fields)}

    def measures(self) -> tuple[ProductsOf, ...]:
        """Return the products of the two."""
        return (self.measure,)

    def judge(self, batch: Batch) -> Judgement:
        """Compare the correlation with the ends."""
        found = batch.measured.of(self.measure).correlation
        expected = f"a correlation of {in_words(self.params.min, self.params.max)}"
        if found is None:
            return Judgement(None, None, expected, "one of the two is constant, or no row has both")
        return Judgement(within(found, self.params.min, self.params.max), found, expected)

    def idle(self) -> bool:
        """Whether every correlation is right."""
        return self.params.min in {None, -1} and self.params.max in {None, 1}
