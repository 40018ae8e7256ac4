"""Whether every word of a set occurs: `covers`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

from pydantic import Field

from dq.checks.base import Target
from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, FieldParams, Judgement, Subject
from dq.checks.literals import read
from dq.dtypes.types import Family
from dq.params import Literal, ParamError, Share
from dq.states.occurrences import OccurrencesOf

_SHOWN = 5


@EXPECTATIONS.register
class Covers(Expectation):
    """Every value of a set occurs among the accepted rows, or at least a share of the set does.

    The check `accepted_values` refuses what is not in the set; this asks the other way round, whether anything of the
    set is lacking: a shop that sent nothing, a class that a model would never see.
    """

    kind = "covers"
    families = frozenset(Family) - {Family.LIST, Family.OBJECT}
    share = True
    title = "Every value of a set occurs."
    example = "covers: [paid, pending]"
    example_type = "string"
    example_values = ("pending", "paid", "paid")

    class Params(FieldParams):
        """The set, and how much of it must occur."""

        shorthand: ClassVar[str | None] = "values"
        values: list[Literal] = Field(min_length=1, description="The values that must occur.")
        min: Share = Field(Fraction(1), description="The smallest share of them that must occur.")

    def __init__(self, params: Any, subject: Subject) -> None:
        """Read the values.  ParamError DQ318 for one that is not of the field's type, DQ324 for one listed twice."""
        super().__init__(params, subject)
        target = Target(subject.field, subject.type)
        self.values = tuple(read(self.kind, "values", scalar, target) for scalar in params.values)
        for place, value in enumerate(self.values):
            if value in self.values[:place]:
                name = params.values[place].text
                raise ParamError("DQ324", "values", within=(place,), name=name, where=f"'{self.kind}'")
        self.measure = OccurrencesOf(subject.field, self.values)

    def measures(self) -> tuple[OccurrencesOf, ...]:
        """Return how often each of the values occurs."""
        return (self.measure,)

    def judge(self, batch: Batch) -> Judgement:
        """Compare the share of values that occur with the smallest."""
        counts = batch.measured.of(self.measure).counts
        lacking = [scalar.text for scalar, count in zip(self.params.values, counts, strict=True) if not count]
        reached = Fraction(len(counts) - len(lacking), len(counts))
        wanted = "all" if self.params.min == 1 else f"at least {float(self.params.min * 100):g}%"
        note = None
        if lacking:
            more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
            note = f"lacking: {', '.join(lacking[:_SHOWN])}{more}"
        return Judgement(reached >= self.params.min, float(reached), f"{wanted} of {len(counts)} values", note)

    def idle(self) -> bool:
        """Whether none must occur."""
        return bool(self.params.min == 0)
