"""The examples of a spec as its tests: whether each does what it says, and which checks none of them shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq.outcome import Door
from dq.sampling.judge import Answer, Judge

if TYPE_CHECKING:
    from datetime import datetime

    from dq.plan.bound import BoundCheck, BoundExample
    from dq.plan.plan import CompiledPlan
    from dq.plan.state import State

OF_THE_LANGUAGE = frozenset({"type", "filter", "unknown_fields"})  # asked of every spec, and stated by none


@dataclass(frozen=True, slots=True)
class Trial:
    """One example and what came of it; `problem` says in words why it failed, and is None where it passed."""

    example: BoundExample
    problem: str | None


@dataclass(frozen=True, slots=True)
class Trials:
    """The trials of one spec.  `shown` are the ids of stated checks that some example violates, `unshown` the others.

    Checks that ask several records at once are in neither: one record cannot show them.
    """

    trials: tuple[Trial, ...]
    shown: tuple[str, ...]
    unshown: tuple[str, ...]

    @property
    def failed(self) -> int:
        """How many examples do not do what they say."""
        return sum(trial.problem is not None for trial in self.trials)

    @property
    def coverage(self) -> float:
        """The share of stated checks that some example violates; 1 where there is none."""
        stated = len(self.shown) + len(self.unshown)
        return len(self.shown) / stated if stated else 1.0


def try_examples(plan: CompiledPlan, now: datetime, state: State | None = None) -> Trials:
    """Return what came of every example of a plan."""
    answers = Judge(plan, now, state).ask([example.record for example in plan.examples])
    together = frozenset(check.id for check in plan.checks if check.keys)
    trials = tuple(
        Trial(example, problem_of(example, answer, together))
        for example, answer in zip(plan.examples, answers, strict=True)
    )
    violated = frozenset(id for trial in trials if trial.problem is None for id in trial.example.violates)  # noqa: A001
    stated = [check.id for check in plan.checks if is_stated(check)]
    return Trials(
        trials,
        shown=tuple(each for each in stated if each in violated),
        unshown=tuple(each for each in stated if each not in violated),
    )


def is_stated(check: BoundCheck) -> bool:
    """Whether the spec itself states this check, and one record can violate it."""
    return check.kind not in OF_THE_LANGUAGE and not check.keys


def problem_of(example: BoundExample, answer: Answer, together: frozenset[str]) -> str | None:
    """Say why an example does not do what it says; None where it does.

    A valid record is accepted and violates nothing.  An invalid one violates what it says, and nothing else.
    """
    claimed = frozenset(example.violates)
    if claimed & together:
        return f"{_listed(claimed & together)} asks several records at once, and an example is one"
    if answer.door is Door.FILTERED:
        return f"the filter {answer.filtered_by} takes it out"
    if not claimed:
        return f"it violates {_listed(answer.fails)}" if answer.fails else None
    missed, more = claimed - answer.fails, answer.fails - claimed
    parts = [f"it does not violate {_listed(missed)}"] if missed else []
    parts += [f"it also violates {_listed(more)}" if not missed else f"it violates {_listed(more)}"] if more else []
    return ", but ".join(parts) or None


def _listed(ids: frozenset[str]) -> str:
    return ", ".join(sorted(ids))
