"""Whether the batch shares records with its training set."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from dq.checks.ml.base import ML_CHECKS, Answer, Evidence, Finding, MlCheck, MlParams, Training, found, percent, rows
from dq.checks.ml.base import share as share_of
from dq.params import Share


@ML_CHECKS.register
class Overlap(MlCheck):
    """No more than a share of the rows has a key that is in the training set.

    What a model has seen says nothing of what it has learnt.  Asked of a batch that is to test a model, with
    `--train DIR` naming the output of the run that the model was trained on; without it there is no answer, and no
    warning.  The key is `key` of `ml`, or that of `dedupe`; null matches nothing, and every match is decided by the
    keys themselves.
    """

    kind = "overlap"
    title = "No more than a share of the rows is in the training set."
    example = "overlap: {max: 0%, severity: error}"

    class Params(MlParams):
        """The share."""

        shorthand: ClassVar[str | None] = "max"
        max: Share = Field("0%", validate_default=True, description="The largest share of rows that may be in both.")

    @classmethod
    def missing(cls, training: Training) -> str | None:
        """Ask where there is a key."""
        return None if training.key else "key, and the spec does not deduplicate by one"

    def measures(self) -> tuple[()]:
        """Return nothing: the keys of the training set are not known before the run."""
        return ()

    def expected(self) -> str:
        """Say how many may be in both."""
        return f"at most {percent(self.params.max)} of the rows in the training set, by {', '.join(self.training.key)}"

    def answer(self, evidence: Evidence) -> Answer:
        """Compare the share of rows whose key is in the training set, exactly."""
        known = evidence.trained_on
        if known is None:
            return Answer(unanswered="no training set was given: name its output folder with --train", quiet=True)
        share = share_of(known.shared_rows, evidence.rows)
        name = ", ".join(self.training.key)
        words = f"{found(float(share))} ({rows(known.shared_rows)}, different keys: {known.shared_keys:,})"
        findings = (Finding(name, float(share), words),) if share > self.params.max else ()
        return Answer(findings, {name: float(share)})
