"""Whether every class has enough rows."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from dq.checks.ml.base import ML_CHECKS, Answer, Evidence, Finding, MlCheck, MlParams, Training, found, percent, rows
from dq.checks.ml.base import share as share_of
from dq.checks.ml.columns import counted, labels, value_counts
from dq.params import Share
from dq.states.measures import StateOf


@ML_CHECKS.register
class ClassBalance(MlCheck):
    """Each class of the target has a share of the rows or more.

    The share is of the rows that have a target.  Classes without any row are the question of `classes`.
    """

    kind = "class_balance"
    title = "Each class has a share of the rows or more."
    example = "class_balance: {min_share: 5%}"

    class Params(MlParams):
        """The share."""

        shorthand: ClassVar[str | None] = "min_share"
        min_share: Share = Field("5%", validate_default=True, description="The smallest share of a class.")

    @classmethod
    def missing(cls, training: Training) -> str | None:
        """Ask where the target is a class."""
        return None if training.task == "classification" else "a target that is a class"

    def measures(self) -> tuple[StateOf[Any], ...]:
        """Return the values of the target."""
        return counted(self.training.label)

    def expected(self) -> str:
        """Say how much of each."""
        return f"at least {percent(self.params.min_share)} of the rows in each class of {self.training.label}"

    def answer(self, evidence: Evidence) -> Answer:
        """Compare the share of each class, exactly; the rarest is named first."""
        name = self.training.label
        counts = value_counts(self.training, evidence, name)
        if counts is None:
            return Answer(unanswered=f"{name} has more than 1,000 classes")
        names = labels(self.training, name, [value for value, _ in counts])
        total = sum(count for _, count in counts)
        present = [(label, count) for label, (_, count) in zip(names, counts, strict=True) if count]
        few = [(label, n) for label, n in reversed(present) if share_of(n, total) < self.params.min_share]
        findings = [Finding(label, n / total, f"{label} {found(n / total)} ({rows(n)})") for label, n in few]
        return Answer(tuple(findings))
