"""Whether any feature is an identifier."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from dq.checks.ml.base import ML_CHECKS, Answer, Evidence, Finding, MlCheck, MlParams, Training, found, percent
from dq.dtypes.types import Family
from dq.params import Share
from dq.states.measures import StateOf
from dq.states.repeats import Repeats


@ML_CHECKS.register
class IdLike(MlCheck):
    """No feature has values nearly all of which occur only once.

    A model can learn such a feature by heart and knows nothing of the next record.  Asked of text and of whole
    numbers; measurements and moments are seldom equal by nature.  The share is of the different values: exact up to
    4096 of them, and of a sample of 2048 to 4096 above, whose standard error is 0.25 % near 100 %.
    """

    kind = "id_like"
    title = "No feature has values nearly all of which occur only once."
    example = "id_like: {max_share: 99%}"

    class Params(MlParams):
        """The share."""

        shorthand: ClassVar[str | None] = "max_share"
        max_share: Share = Field(
            "99%", validate_default=True, description="The largest share of the values that may occur only once."
        )

    @classmethod
    def missing(cls, training: Training) -> str | None:
        """Ask where there are features."""
        return None if training.features else "features"

    @property
    def asked(self) -> tuple[str, ...]:
        """The features that are text or whole numbers."""
        types = self.training.types
        return tuple(
            name
            for name in self.training.features
            if types[name].family is Family.TEXT or types[name].name == "integer"
        )

    def measures(self) -> tuple[StateOf[Repeats], ...]:
        """Return how often the values of each feature occur."""
        return tuple(StateOf(name, Repeats) for name in self.asked)

    def expected(self) -> str:
        """Say how many may be alone."""
        return f"no feature with over {percent(self.params.max_share)} of its values occurring once"

    def answer(self, evidence: Evidence) -> Answer:
        """Compare the share of values that occur once."""
        findings, scores = [], {}
        for name, measure in zip(self.asked, self.measures(), strict=True):
            share = evidence.measured.of(measure).once_share
            if share is None:
                continue
            scores[name] = share
            if share > self.params.max_share:
                findings.append(Finding(name, share, f"{name} ({found(share)})"))
        return Answer(tuple(findings), scores)
