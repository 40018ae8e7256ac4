"""Whether the target has the classes that it should have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from dq.checks.ml.base import ML_CHECKS, Answer, Evidence, Finding, MlCheck, MlParams, Training
from dq.checks.ml.columns import counted, labels, value_counts
from dq.params import Count, ParamError
from dq.states.measures import StateOf
from dq.states.top import Top

if TYPE_CHECKING:
    from dq.states.scalars import Scalar


@ML_CHECKS.register
class Classes(MlCheck):
    """The target has so many classes, and a row of each that its `accepted_values` name.

    One class alone cannot be learnt, and a class that is missing will never be predicted.  Asked where the task is
    classification.  With `--train DIR`, a class that the training set does not have is a finding, too: the model
    cannot have learnt it.  Classes are counted exactly up to a thousand.
    """

    kind = "classes"
    title = "The target has so many classes, and each that is declared."
    example = "classes: {min: 2, max: 100}"

    class Params(MlParams):
        """The ends."""

        min: Count = Field(2, description="The smallest number of classes.")
        max: Count = Field(100, description="The largest number of classes.")

    def __init__(self, params: Any, training: Training) -> None:
        """Keep the ends.  ParamError DQ308 if no number lies between them."""
        super().__init__(params, training)
        if params.min > params.max:
            raise ParamError("DQ308", "min", kind=self.kind, problem=f"{params.min} is above {params.max}")

    @classmethod
    def missing(cls, training: Training) -> str | None:
        """Ask where the target is a class."""
        return None if training.task == "classification" else "a target that is a class"

    def measures(self) -> tuple[StateOf[Any], ...]:
        """Return the values of the target."""
        return counted(self.training.label)

    def expected(self) -> str:
        """Say how many classes."""
        declared = len(self.training.declared.get(self.training.label, ()))
        words = f"{self.params.min} to {self.params.max} classes of {self.training.label}"
        return f"{words}, with rows of all {declared} accepted ones" if declared else words

    def answer(self, evidence: Evidence) -> Answer:
        """Count the classes, and look for declared ones without a row."""
        name = self.training.label
        top = evidence.measured.of(StateOf(name, Top))
        counts = value_counts(self.training, evidence, name)
        if counts is None:
            return Answer((Finding(name, 1001, "more than 1,000"),))
        classes = len(top.counts)
        findings = []
        if not self.params.min <= classes <= self.params.max:
            findings.append(Finding(name, classes, f"{classes:,}"))
        names = labels(self.training, name, [value for value, _ in counts])
        absent = [label for label, (_, count) in zip(names, counts, strict=True) if not count]
        findings += [Finding(label, 0, f"no row of {label}") for label in absent]
        findings += [
            Finding(label, count, f"{label}, which is not in the training set")
            for label, (value, count) in zip(names, counts, strict=True)
            if count and _is_new(value, evidence)
        ]
        return Answer(tuple(findings), {name: classes})


def _is_new(value: Scalar, evidence: Evidence) -> bool:
    """Return whether a class is not in the training set; without one, or with too many classes, nobody knows."""
    known = evidence.trained_on.classes if evidence.trained_on is not None else None
    return known is not None and value not in known
