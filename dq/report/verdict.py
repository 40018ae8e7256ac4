"""The verdict of a batch: which checks, expectations and rules of the gate hold, and so whether it passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from dq.checks.expectations import Judgement, Measure
from dq.outcome import Counts

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan
    from dq.plan.tally import Tally

Verdict = Literal["pass", "warn", "fail"]
CheckVerdict = Literal["pass", "warn", "fail", "not_evaluated", "tolerated"]
READABLE = "readable"


@dataclass(slots=True)
class Judged:
    """The verdict, its reasons in words (worst first), and the verdict of every check and expectation."""

    verdict: Verdict = "pass"
    because: list[str] = field(default_factory=list)
    checks: dict[str, CheckVerdict] = field(default_factory=dict)
    expectations: dict[str, tuple[CheckVerdict, Judgement]] = field(default_factory=dict)

    def fail(self, reason: str) -> None:
        """Fail the batch."""
        self.verdict = "fail"
        self.because.append(reason)

    def warn(self, reason: str) -> None:
        """Warn, unless the batch fails already."""
        self.verdict = "fail" if self.verdict == "fail" else "warn"
        self.because.append(reason)


def share(counts: Counts) -> Fraction | None:
    """Return passed / (passed + failed + blocked), or None where nothing was asked."""
    asked = counts.passed + counts.failed + counts.blocked
    return Fraction(counts.passed, asked) if asked else None


def readable(tally: Tally) -> Counts:
    """Return the counts of the check that every run has: whether a record could be read at all."""
    unreadable = sum(tally.unreadable.values())
    return Counts(passed=tally.read - unreadable, failed=unreadable)


def judge(plan: CompiledPlan, tally: Tally, fail_on: str | None = None) -> Judged:
    """Return the verdict of a run; `fail_on` "warning" tightens the spec's own gate."""
    judged = Judged()
    strict = "warning" in {plan.gate.fail_on, fail_on}
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
    return judged


def _judge_run(tally: Tally, judged: Judged) -> None:
    if tally.aborted is not None:
        judged.fail(f"{tally.aborted} asks to abort the run, and a row failed it")
    for source in tally.refused_sources:
        code, message = source.account.refused or ("", "")
        judged.fail(f"{source.name} was refused as a whole ({code}): {message}")
    for source in tally.sources:
        for name in source.account.absent:
            judged.warn(f"{source.name} has no column for {name}; it is null throughout")
    for name in undelivered(tally):
        judged.fail(f"no record has anything at the path declared for {name}")


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
        judged.fail(f"{float(refused):.2%} of the records were refused, {float(tolerated):.2%} are tolerated")


def _judge_check(
    judged: Judged, name: str, counts: Counts, severity: str, mostly: Fraction | None, *, strict: bool, counted: bool
) -> CheckVerdict:
    """Return the verdict of one check, and carry it to the batch.

    `counted` says that the gate decides by the share of refused records, so that only checks with a share of
    their own are judged one by one.
    """
    reached = share(counts)
    if not counts.evaluated:
        if not counts.blocked:
            return "not_evaluated"
        words = f"{name} could not be evaluated: {counts.blocked:,} cells failed to cast"
    elif reached is None or reached >= (mostly if mostly is not None else 1):
        return "pass"
    else:
        failed = counts.failed + counts.blocked
        wanted = "" if mostly is None else f", {float(mostly):.2%} must"
        words = f"{name}: {failed:,} of {counts.evaluated + counts.blocked:,} do not pass{wanted}"
    if counted and mostly is None:
        return "tolerated"
    if severity == "error" or strict:
        judged.fail(words)
        return "fail" if counts.evaluated else "not_evaluated"
    judged.warn(words)
    return "warn" if counts.evaluated else "not_evaluated"


def _judge_expectations(plan: CompiledPlan, tally: Tally, judged: Judged, *, strict: bool) -> None:
    for bound in plan.expectations:
        missing = tally.missing[bound.field] if bound.field else 0
        result = bound.expectation.judge(Measure(tally.accepted, tally.entered, missing))
        verdict: CheckVerdict = "pass"
        if not result.passed:
            observed = f"{result.observed:.2%}" if isinstance(result.observed, float) else f"{result.observed:,}"
            words = f"{bound.id}: expected {result.expected}, found {observed}"
            if bound.severity == "error" or strict:
                verdict = "fail"
                judged.fail(words)
            else:
                verdict = "warn"
                judged.warn(words)
        judged.expectations[bound.id] = (verdict, result)
