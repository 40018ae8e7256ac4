"""The verdict of a batch: which checks, expectations and rules of the gate hold, and so whether it passes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from dq.checks.expectations import Batch, Judgement
from dq.outcome import READABLE, Counts
from dq.plan.tally import EPOCH
from dq.report.baseline import GATE, Compared
from dq.report.terms import PLAIN_TERMS, Terms
from dq.report.training import Asked, ask

if TYPE_CHECKING:
    from datetime import datetime

    from dq.plan.bound import BoundExpectation
    from dq.plan.plan import CompiledPlan
    from dq.plan.tally import Tally

Verdict = Literal["pass", "warn", "fail"]
CheckVerdict = Literal["pass", "warn", "fail", "not_evaluated", "tolerated", "waived", "known"]


class Weight(IntEnum):
    """How much a reason says about a batch; the heaviest stand first."""

    RUN = 0
    SOURCE = 1
    ERROR = 2
    BLOCKED = 3
    WARNING = 4


@dataclass(slots=True)
class Judged:
    """The verdict, its reasons, and the verdict of every check and expectation, on these terms at this moment.

    `held` are the promises that hold, `waived` those that do not and are waived, `compared` those that do not and were
    looked for in the baseline.  The gate leaves `waived_records` out of the refused ones.
    """

    terms: Terms = PLAIN_TERMS
    now: datetime = EPOCH
    verdict: Verdict = "pass"
    reasons: list[tuple[Weight, int, str]] = field(default_factory=list)
    checks: dict[str, CheckVerdict] = field(default_factory=dict)
    expectations: dict[str, tuple[CheckVerdict, Judgement]] = field(default_factory=dict)
    training: list[Asked] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    waived: set[str] = field(default_factory=set)
    compared: dict[str, Compared] = field(default_factory=dict)
    waived_records: int = 0

    def settle(
        self,
        name: str,
        words: str,
        compared: Compared | None,
        *,
        fails: bool,
        weight: Weight = Weight.ERROR,
        rows: int = 0,
    ) -> Literal["fail", "warn", "waived", "known"]:
        """Carry a promise that does not hold to the batch, and return its verdict.

        It fails the batch or only warns; what is waived or known from the baseline never does more than warn.
        """
        waiver = self.terms.waivers.of(name, self.now) if self.terms.waivers is not None else None
        if waiver is not None:
            self.waived.add(name)
            self.warn(f"{words}; waived until {waiver.expires} by {waiver.owner}: {waiver.reason}", rows)
            return "waived"
        if compared is not None:
            self.compared[name] = compared
            words = f"{words}; {compared.words}"
        known = compared is not None and compared.standing == "known"
        if fails and not known:
            self.fail(words, weight, rows)
            return "fail"
        self.warn(words, rows)
        return "known" if known else "warn"

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
    judged = Judged(terms, tally.now)
    strict = is_strict(plan, terms)
    _judge_run(tally, judged)
    _judge_waivers(judged)
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


def _judge_waivers(judged: Judged) -> None:
    """Fail the batch for every waiver that expired, whether or not what it waived still fails."""
    for waiver in judged.terms.waivers.entries if judged.terms.waivers is not None else ():
        if not waiver.holds(judged.now):
            words = f"the waiver of {waiver.check} by {waiver.owner} expired on {waiver.expires}"
            judged.fail(f"{words}: {waiver.reason}", Weight.ERROR)


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
    """Compare the share of refused records, those that only waivers excuse left out, with the one that is tolerated."""
    waived = READABLE in judged.terms.waived(judged.now)
    judged.waived_records = tally.waived + (sum(tally.unreadable.values()) if waived else 0)
    tolerated, counted = plan.gate.quarantined, tally.quarantined - judged.waived_records
    judgeable = tally.accepted + tally.quarantined
    if tolerated is None or not judgeable:
        return
    refused = Fraction(counted, judgeable)
    if refused <= tolerated:
        judged.held.append(GATE)
        return
    also = f" ({judged.waived_records:,} waived not counted)" if judged.waived_records else ""
    of = f"{counted:,} of {judgeable:,} judged records were refused ({float(refused):.2%}){also}"
    words = f"{of}, {percent(tolerated)} are tolerated"
    baseline = judged.terms.baseline
    compared = baseline.compare_refused(refused) if baseline is not None else None
    judged.settle(GATE, words, compared, fails=True, weight=Weight.RUN, rows=tally.quarantined)


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
        judged.held.append(name)
        return "pass"
    if counted and mostly is None and name not in judged.terms.waived(judged.now):
        return "tolerated"
    baseline = judged.terms.baseline
    verdict = judged.settle(
        name,
        _words(name, counts, mostly),
        baseline.compare_check(name, counts) if baseline is not None else None,
        fails=severity == "error" or strict,
        weight=Weight.ERROR if counts.failed else Weight.BLOCKED,
        rows=counts.failed or counts.blocked,
    )
    return verdict if counts.evaluated or verdict in {"waived", "known"} else "not_evaluated"


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
            if tally.accepted and not result.quiet:
                judged.warn(_answer(bound, result))
        elif result.passed:
            judged.held.append(bound.id)
        else:
            fails = bound.severity == "error" or strict
            verdict = judged.settle(bound.id, _answer(bound, result), _compared(judged, bound.id), fails=fails)
        judged.expectations[bound.id] = (verdict, result)


def _compared(judged: Judged, name: str) -> Compared | None:
    """Look for an expectation or a question that does not hold in the baseline, if there is one."""
    return judged.terms.baseline.compare_promise(name) if judged.terms.baseline is not None else None


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
    for asked in ask(plan, tally, strict=strict):
        name, verdict = asked.bound.id, asked.verdict
        if verdict in {"fail", "warn"}:
            verdict = judged.settle(name, asked.words, _compared(judged, name), fails=verdict == "fail")
        elif verdict == "pass":
            judged.held.append(name)
        elif asked.overdue and tally.accepted:
            judged.warn(asked.words)
        judged.training.append(replace(asked, verdict=verdict))
