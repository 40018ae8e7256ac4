"""Whether every declared group has enough rows."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from dq.checks.ml.base import ML_CHECKS, Answer, Evidence, Finding, MlCheck, MlParams, Training, found, percent, rows
from dq.checks.ml.base import share as share_of
from dq.checks.ml.columns import Against, against_target, counted, labels, value_counts
from dq.params import Count, Share
from dq.states.counts import Counts
from dq.states.measures import StateOf


@ML_CHECKS.register
class Representation(MlCheck):
    """Every value of a declared group has so many rows, and a share of them.

    A model serves badly whom it has hardly seen.  Groups are the fields in `groups`; a value that `accepted_values`
    names and that has no row is a group without rows, and rows without a value are a group like any other.  Values
    are counted exactly up to a thousand.
    """

    kind = "representation"
    title = "Every value of a declared group has enough rows."
    example = "representation: {min_count: 30, min_share: 1%}"

    class Params(MlParams):
        """The least of a group."""

        min_count: Count = Field(30, description="The smallest number of rows of a group.")
        min_share: Share = Field("1%", validate_default=True, description="The smallest share of a group.")

    @classmethod
    def missing(cls, training: Training) -> str | None:
        """Ask where groups are declared."""
        return None if training.groups else "groups"

    def measures(self) -> tuple[Any, ...]:
        """Return the values of the groups, and those against the target, which the report tells."""
        pairs: tuple[Against, ...] = tuple(against_target(self.training, name) for name in self.training.groups)
        return (*(measure for name in self.training.groups for measure in counted(name)), *pairs)

    def expected(self) -> str:
        """Say how many of each."""
        least = f"{rows(self.params.min_count)} and {percent(self.params.min_share)} of them"
        return f"at least {least} for each value of {', '.join(self.training.groups)}"

    def answer(self, evidence: Evidence) -> Answer:
        """Compare the rows of each value, exactly."""
        findings: list[Finding] = []
        unknown: list[str] = []
        for name in self.training.groups:
            members = group_counts(self.training, evidence, name)
            if members is None:
                unknown.append(name)
                continue
            total = sum(count for _, count in members)
            for label, count in members:
                share = share_of(count, total)
                if count < self.params.min_count or share < self.params.min_share:
                    words = f"{name} {label}: {rows(count)} ({found(float(share))})"
                    findings.append(Finding(f"{name}={label}", float(share), words))
        note = f"{', '.join(unknown)}: more than 1,000 different values" if unknown else None
        if len(unknown) == len(self.training.groups):
            return Answer(unanswered=note)
        findings.sort(key=lambda finding: finding.observed)
        return Answer(tuple(findings), note=note)


MISSING = "(missing)"


def group_counts(training: Training, evidence: Evidence, name: str) -> list[tuple[str, int]] | None:
    """Return the rows of each value of a group, by its label, and of rows without a value; None if too many."""
    counts = value_counts(training, evidence, name)
    if counts is None:
        return None
    names = labels(training, name, [value for value, _ in counts])
    members = [(label, count) for label, (_, count) in zip(names, counts, strict=True)]
    nulls = evidence.measured.of(StateOf(name, Counts)).nulls
    return [*members, (MISSING, nulls)] if nulls else members
