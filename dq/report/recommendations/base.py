"""What every kind of recommendation is: a question of a finished run, answered by advice with evidence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from dq.registry import Registry

if TYPE_CHECKING:
    from dq.plan.bound import BoundCheck, BoundField
    from dq.plan.plan import CompiledPlan
    from dq.plan.tally import Tally
    from dq.spec.edits import Edit

SHOWN = 3
"""So many values stand in a sentence."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: its plan, what was counted, and the report without recommendations."""

    plan: CompiledPlan
    tally: Tally
    report: Mapping[str, Any]

    def failing(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the checks of a kind that rows have failed, as the report has them."""
        for check in self.report["checks"]:
            if check["kind"] == kind and check["failed"]:
                yield check

    def bound(self, check: Mapping[str, Any]) -> BoundCheck:
        """Return the check of the plan that a check of the report is about."""
        return next(bound for bound in self.plan.checks if bound.id == check["id"])

    def field_of(self, check: Mapping[str, Any]) -> BoundField:
        """Return the field that a check is about."""
        return self.plan.by_name[check["field"]]


@dataclass(frozen=True, slots=True)
class Advice:
    """One next action.

    `subject` is what it is about and makes its id with the kind; `records` is how many it concerns and decides the
    order; `evidence` are JSON values by the keys of the report's schema; `edits` mend the spec, none where a person
    must look.  No value of a `pii` field is in any of them.
    """

    subject: str
    text: str
    records: int
    edits: tuple[Edit, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)


class Recommendation(ABC):
    """One kind of recommendation."""

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str]
    first: ClassVar[bool] = False
    """Whether it stands before those that concern more records."""
    otherwise: ClassVar[bool] = False
    """Whether it is only said where no other kind speaks of the same subject."""

    @abstractmethod
    def find(self, run: Run) -> Iterator[Advice]:
        """Yield what there is to do, in an order that depends on the run alone."""


RECOMMENDATIONS: Registry[type[Recommendation]] = Registry("recommendation")


def several(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def examples(check: Mapping[str, Any]) -> list[str]:
    """Return the distinct values among the examples of a check; there are none of `pii` fields."""
    return list(dict.fromkeys(str(e["value"]) for e in check["examples"] if e["value"] is not None))


def counted(check: Mapping[str, Any], values: list[str]) -> str:
    """Return how many values of which field failed, with some of them."""
    whole = len(values) == check["failed"] <= SHOWN
    shown = f" ({'' if whole else 'for example '}{', '.join(values[:SHOWN])})" if values else ""
    return f"{several(check['failed'], 'value')} of {check['field']}{shown}"


def share_of(part: int, whole: int) -> float:
    """Return a share, rounded as evidence shows it."""
    return round(part / whole, 4) if whole else 0.0
