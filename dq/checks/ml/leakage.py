"""Whether any feature gives the target away."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from dq.checks.ml.association import told_of_classes, told_of_numbers
from dq.checks.ml.base import ML_CHECKS, Answer, Evidence, Finding, MlCheck, MlParams, Training, found, percent
from dq.checks.ml.columns import ORDERED, Against, against_target
from dq.params import Share


@ML_CHECKS.register
class Leakage(MlCheck):
    """No feature alone settles the target, or nearly.

    What is so good is seldom true: mostly such a feature was written after the fact, such as the date of a refund
    where it is to be predicted who will ask for one.  The measure is the share of the mistakes in guessing the target
    that knowing the feature alone removes: Goodman and Kruskal's lambda of classes, the correlation ratio of ranks of
    numbers; each row is guessed from other rows, so that identifiers give nothing away.  Counts are exact up to 4096
    different values of a feature (512 where the target is a number).  Beyond, numbers and moments are taken in so
    many narrow ranges, and text in classes of its hash, where a leak by single values may be missed, but none is made
    up.  With more than a hundred classes there is no answer.
    """

    kind = "leakage"
    title = "No feature alone settles the target, or nearly."
    example = "leakage: {max: 95%, severity: error}"

    class Params(MlParams):
        """The share."""

        shorthand: ClassVar[str | None] = "max"
        max: Share = Field(
            "95%", validate_default=True, description="The largest share of the mistakes that a feature may remove."
        )

    @classmethod
    def missing(cls, training: Training) -> str | None:
        """Ask where there are a target and features."""
        if training.target is None:
            return "target"
        return None if training.features else "features"

    def measures(self) -> tuple[Against, ...]:
        """Return every feature against the target."""
        return tuple(against_target(self.training, name) for name in self.training.features)

    def expected(self) -> str:
        """Say how much one feature may tell."""
        return (
            f"no feature that removes over {percent(self.params.max)} of the mistakes in guessing {self.training.label}"
        )

    def answer(self, evidence: Evidence) -> Answer:
        """Compare what each feature tells; the worst is named first."""
        findings: list[Finding] = []
        scores: dict[str, float] = {}
        coarse: list[str] = []
        for name, measure in zip(self.training.features, self.measures(), strict=True):
            pairs = evidence.measured.of(measure)
            ordered = self.training.types[name].family in ORDERED
            if self.training.task == "classification" and pairs.cuts[1]:
                return Answer(unanswered=f"{self.training.label} has more than 100 classes")
            told = told_of_classes if self.training.task == "classification" else told_of_numbers
            score = told(pairs, ordered=ordered)
            if score is None:
                return Answer(unanswered=f"{self.training.label} does not vary")
            scores[name] = score
            if pairs.cuts[0] and not ordered:
                coarse.append(name)
            if score > self.params.max:
                findings.append(Finding(name, score, f"{name} ({found(score)})"))
        findings.sort(key=lambda finding: -finding.observed)
        note = f"{', '.join(coarse)}: more different values than are compared one by one" if coarse else None
        return Answer(tuple(findings), scores, note=note)
