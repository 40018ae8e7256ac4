"""The verdict of a batch: which checks, expectations and rules of the gate hold, and so whether it passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from dq.checks.expectations import Batch, Judgement
from dq.outcome import Counts
from dq.report.terms import PLAIN_TERMS
from dq.report.training import Asked, ask

if TYPE_CHECKING:
    from dq.plan.bound import BoundExpectation
    from dq.plan.plan import CompiledPlan
    from dq.plan.tally import Tally
    from dq.report.terms import Terms

Verdict = Literal["pass", "warn", "fail"]
CheckVerdict = Literal["pass", "warn", "fail", "not_evaluated", "tolerated"]
READABLE = "readable"


class Weight(IntEnum):
    """How much a reason says about a batch; the heaviest stand first."""

    RUN = 0
    SOURCE = 1
    ERROR = 2
    BLOCKED = 3
    WARNING = 4


@dataclass(slots=True)
class Judged:
    """The verdict, its reasons, and the verdict of every check and expectation."""

    verdict: Verdict = "pass"
    reasons: list[tuple[Weight, int, str]] = field(default_factory=list)
    checks: dict[str, CheckVerdict] = field(default_factory=dict)
    expectations: dict[str, tuple[CheckVerdict, Judgement]] = field(default_factory=dict)
    training: list[Asked] = field(default_factory=list)

    def fail(self, reason: str, weight: Weight = Weight.ERROR, rows: int = 0) -> None:
        """Fail the batch; among reasons of one weight, the one of most rows stands first."""
        self.verdict = "fail"
        self.reasons.append((weight, -rows, reason))

    def warn(self, reason: str, rows: int = 0) -> None:
        """Warn, unless the batch fails already."""
        self.verdict = "fail" if self.verdict == "fail" else "warn"
        self.reasons.append((Weight.WARNING, -rows, reason))

    @property
    def because(self) -> list[str]:
        """The reasons in words: the run and its gate, sources, errors, warnings; each group with most rows first."""
        return [reason for _, _, reason in sorted(self.reasons, key=lambda item: item[:2])]


def share(counts: Counts) -> Fraction | None:
    """Return passed / (passed + failed + blocked), or None where nothing was asked."""
    asked = counts.passed + counts.failed + counts.blocked
    return Fraction(counts.passed, asked) if asked else None


def readable(tally: Tally) -> Counts:
    """Return the counts of the check that every run has: whether a record could be read at all."""
    unreadable = sum(tally.unreadable.values())
    return Counts(passed=tally.read - unreadable, failed=unreadable)


def is_strict(plan: CompiledPlan, terms: Terms) -> bool:
    """Whether what only warns elsewhere fails the gate here."""
    return "warning" in {plan.gate.fail_on, terms.fail_on}


def judge(plan: CompiledPlan, tally: Tally, terms: Terms = PLAIN_TERMS) -> Judged:
    """Return the verdict of a run on these terms."""
    judged = Judged()
    strict = is_strict(plan, terms)
    _judge_run(tally, judged)
    _judge_share(plan, tally, judged)
    counted = plan.gate.quarantined is not None
    judged.checks[READABLE] = _judge_check(
        judged, READABLE, readable(tally), "error", None, strict=strict, counted=counted
    )
    for check in plan.checks:
        judged.checks[check.id] = _judge_check(
            judged, check.id, tally.checks[check.id], check.severity, check.mostly, strict=strict, counted=counted
        )
    _judge_expectations(plan, tally, judged, strict=strict)
    _judge_training(plan, tally, judged, strict=strict)
    return judged


def _judge_run(tally: Tally, judged: Judged) -> None:
    if tally.aborted is not None:
        judged.fail(f"{tally.aborted} asks to abort the run, and a row failed it", Weight.RUN)
    for source in tally.refused_sources:
        code, message = source.account.refused or ("", "")
        judged.fail(f"{source.name} was refused as a whole ({code}): {message}", Weight.SOURCE)
    for source in tally.sources:
        for name in source.account.absent:
            judged.warn(f"{source.name} has no column for {name}; it is null throughout")
    for name in undelivered(tally):
        judged.fail(f"no record has anything at the path declared for {name}", Weight.SOURCE)


def undelivered(tally: Tally) -> list[str]:
    """Return the fields whose declared path no record of the run had, though records were read through it."""
    seen: dict[str, int] = {}
    for source in tally.sources:
        if source.account.records == source.account.unreadable:
            continue
        for name, count in source.account.present.items():
            if name in source.explicit:
                seen[name] = seen.get(name, 0) + count
    return sorted(name for name, count in seen.items() if count == 0)


def _judge_share(plan: CompiledPlan, tally: Tally, judged: Judged) -> None:
    """Compare the share of refused records with the one that the gate tolerates."""
    tolerated = plan.gate.quarantined
    judgeable = tally.accepted + tally.quarantined
    if tolerated is None or not judgeable:
        return
    refused = Fraction(tally.quarantined, judgeable)
    if refused > tolerated:
        of = f"{tally.quarantined:,} of {judgeable:,} judged records were refused ({float(refused):.2%})"
        words = f"{of}, {percent(tolerated)} are tolerated"
        judged.fail(words, Weight.RUN, tally.quarantined)


def _judge_check(
    judged: Judged, name: str, counts: Counts, severity: str, mostly: Fraction | None, *, strict: bool, counted: bool
) -> CheckVerdict:
    """Return the verdict of one check, and carry it to the batch.

    `counted` says that the gate decides by the share of refused records, so that only checks with a share of
    their own are judged one by one.
    """
    reached = share(counts)
    if reached is None:
        return "not_evaluated"
    if counts.evaluated and reached >= (mostly if mostly is not None else 1):
        return "pass"
    if counted and mostly is None:
        return "tolerated"
    words = _words(name, counts, mostly)
    if severity == "error" or strict:
        judged.fail(words, Weight.ERROR if counts.failed else Weight.BLOCKED, counts.failed or counts.blocked)
        return "fail" if counts.evaluated else "not_evaluated"
    judged.warn(words, counts.failed)
    return "warn" if counts.evaluated else "not_evaluated"


def _words(name: str, counts: Counts, mostly: Fraction | None) -> str:
    """Return what is wrong with the answers to one check.  Its id and a colon come first."""
    asked = counts.evaluated + counts.blocked
    blocked = f"{counts.blocked:,} of {asked:,} cells could not be read"
    if not counts.failed:
        return f"{name}: not asked, because {blocked}"
    wanted = "" if mostly is None else f", {percent(mostly)} must pass"
    also = f", and {blocked}" if counts.blocked else ""
    return f"{name}: {counts.failed:,} of {asked:,} {'fails' if counts.failed == 1 else 'fail'}{also}{wanted}"


def percent(part: Fraction) -> str:
    """Return a share in per cent, with no more digits than it needs."""
    return f"{float(part * 100):.4g}%"


def _judge_expectations(plan: CompiledPlan, tally: Tally, judged: Judged, *, strict: bool) -> None:
    """Judge every expectation by what was counted and measured; one that nothing answers is `not_evaluated`."""
    batch = Batch(tally.accepted, tally.entered, tally.missing, tally.measured, tally.now, tally.references)
    for bound in plan.expectations:
        result = bound.expectation.judge(batch)
        verdict: CheckVerdict = "pass"
        if result.passed is None:
            verdict = "not_evaluated"
        elif not result.passed:
            verdict = "fail" if bound.severity == "error" or strict else "warn"
        words = _answer(bound, result)
        if verdict == "fail":
            judged.fail(words, Weight.ERROR)
        elif verdict == "warn" or (result.passed is None and tally.accepted and not result.quiet):
            judged.warn(words)
        judged.expectations[bound.id] = (verdict, result)


def _answer(bound: BoundExpectation, result: Judgement) -> str:
    """Return what was expected and what was found, in words; of a hidden field nothing is told."""
    if result.passed is None:
        return f"{bound.id}: not evaluated: {result.note}"
    if bound.hides or result.observed is None:
        return f"{bound.id}: expected {result.expected}"
    shown = result.observed
    if isinstance(shown, float):
        found = f"{shown:.2%}" if bound.expectation.share else f"{shown:.6g}"
    else:
        found = f"{shown:,}" if isinstance(shown, int) else shown
    return f"{bound.id}: expected {result.expected}, found {found}"


def _judge_training(plan: CompiledPlan, tally: Tally, judged: Judged, *, strict: bool) -> None:
    """Ask whether the batch is fit to train on.

    A question that nothing answers decides nothing; where the spec states it and there are rows, that is a warning.
    """
    judged.training = ask(plan, tally, strict=strict)
    for asked in judged.training:
        if asked.verdict == "fail":
            judged.fail(asked.words, Weight.ERROR)
        elif asked.verdict == "warn" or (asked.overdue and tally.accepted):
            judged.warn(asked.words)
