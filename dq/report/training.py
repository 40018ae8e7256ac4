"""Whether a batch is fit to train on: the answers to the questions of `ml`, their verdicts, and what a report says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from dq.checks.ml.base import SHOWN, Answer, Evidence
from dq.checks.ml.columns import VALUES, against_target, keys_for, labels, value_counts
from dq.checks.ml.representation import MISSING, group_counts
from dq.states.contingency import COUNT, X, Y

if TYPE_CHECKING:
    from dq.checks.ml.base import Training, TrainingSet
    from dq.plan.bound import BoundMl, BoundMlCheck
    from dq.plan.plan import CompiledPlan
    from dq.plan.tally import Tally

LISTED = 20  # classes, and values of a group, that the report lists

MlVerdict = Literal["pass", "warn", "fail", "not_evaluated", "waived", "known"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, its answer, the verdict, and the reason in words where there is something to say."""

    bound: BoundMlCheck
    answer: Answer
    verdict: MlVerdict

    @property
    def overdue(self) -> bool:
        """Whether the spec states the question, and it should have been answered and was not."""
        return self.verdict == "not_evaluated" and self.bound.stated and not self.answer.quiet

    @property
    def words(self) -> str:
        """What was expected and what was found."""
        if self.answer.unanswered is not None:
            return f"{self.bound.id}: not evaluated: {self.answer.unanswered}"
        findings = self.answer.findings
        shown = ", ".join(finding.words for finding in findings[:SHOWN])
        more = f" and {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
        return f"{self.bound.id}: expected {self.bound.check.expected()}, found {shown}{more}"


def ask(plan: CompiledPlan, tally: Tally, *, strict: bool) -> list[Asked]:
    """Return the answer to every question of `ml`; `strict` makes failures of warnings."""
    return [_ask(plan.ml, bound, tally, strict=strict) for bound in plan.ml.checks] if plan.ml is not None else []


def _ask(ml: BoundMl, bound: BoundMlCheck, tally: Tally, *, strict: bool) -> Asked:
    """Answer one question; a batch that is too small to say anything is not asked."""
    if tally.accepted < ml.min_rows:
        few = f"of {tally.accepted:,} accepted rows, where {ml.min_rows:,} are the least to be judged"
        return Asked(bound, Answer(unanswered=few), "not_evaluated")
    answer = bound.check.answer(Evidence(tally.accepted, tally.measured, tally.trained_on))
    if answer.unanswered is not None:
        return Asked(bound, answer, "not_evaluated")
    if not answer.findings:
        return Asked(bound, answer, "pass")
    return Asked(bound, answer, "fail" if strict or bound.severity == "error" else "warn")


def describe(plan: CompiledPlan, tally: Tally, asked: list[Asked]) -> dict[str, Any]:
    """Return what a report says of the batch as a training set."""
    if plan.ml is None:
        return {"target": None, "features": []}
    training = plan.ml.training
    evidence = Evidence(tally.accepted, tally.measured)
    kinds = {bound.check.kind for bound in plan.ml.checks}
    return {
        "target": training.target,
        "features": list(training.features),
        "task": training.task,
        "rows": tally.accepted,
        "trained_on": _trained_on(tally.trained_on),
        "checks": [_question(question) for question in asked],
        "classes": _classes(training, evidence) if kinds & {"classes", "class_balance"} else None,
        "groups": _groups(training, evidence) if "representation" in kinds else [],
    }


def _trained_on(known: TrainingSet | None) -> dict[str, Any] | None:
    """Return what the batch was compared with, and what they share; no key is told."""
    if known is None:
        return None
    return {
        "outputs": [dict(zip(("name", "sha256", "rows"), output, strict=True)) for output in known.outputs],
        "keyed_rows": known.keyed_rows,
        "shared_rows": known.shared_rows,
        "shared_keys": known.shared_keys,
    }


def _question(asked: Asked) -> dict[str, Any]:
    """Return one question with its answer."""
    answer, bound = asked.answer, asked.bound
    return {
        "id": bound.id,
        "kind": bound.check.kind,
        "severity": bound.severity,
        "expected": bound.check.expected(),
        "verdict": asked.verdict,
        "findings": [{"name": f.name, "observed": round(f.observed, 6), "words": f.words} for f in answer.findings],
        "scores": {name: round(score, 6) for name, score in answer.scores.items()},
        "note": answer.unanswered or answer.note,
        "file": PurePath(bound.span.file).name,
        "line": bound.span.line,
    }


def _classes(training: Training, evidence: Evidence) -> list[dict[str, Any]] | None:
    """Return the rows and the share of the commonest classes; None where there are too many to know."""
    counts = value_counts(training, evidence, training.label)
    if counts is None:
        return None
    names = labels(training, training.label, [value for value, _ in counts])
    total = sum(count for _, count in counts)
    return [
        {"value": name, "rows": count, "share": count / total if total else 0.0}
        for name, (_, count) in list(zip(names, counts, strict=True))[:LISTED]
    ]


def _groups(training: Training, evidence: Evidence) -> list[dict[str, Any]]:
    """Return of each declared group the rows and the share of its values, and how often each class is met there."""
    found = []
    for name in training.groups:
        members = group_counts(training, evidence, name) or []
        total = sum(count for _, count in members)
        rates = _rates(training, evidence, name)
        values = [
            {"value": label, "rows": count, "share": count / total if total else 0.0, "rates": rates.get(label)}
            for label, count in members[:LISTED]
        ]
        found.append({"field": name, "values": values})
    return found


def _rates(training: Training, evidence: Evidence, group: str) -> dict[str, dict[str, float]]:
    """Return the share of each class among the rows of each value of a group; nothing where there are too many."""
    if training.task != "classification":
        return {}
    pairs = evidence.measured.of(against_target(training, group))
    named = _labels_by_key(training, evidence, group), _labels_by_key(training, evidence, training.label)
    if any(pairs.cuts) or None in named:
        return {}
    rates: dict[str, dict[str, float]] = {}
    for key, cells in pairs.table.filter(pl.col(Y).is_not_null()).partition_by(X, as_dict=True).items():
        label = MISSING if key[0] is None else named[0][key[0]]  # type: ignore[index]
        counts = dict(zip(cells[Y].to_list(), cells[COUNT].to_list(), strict=True))
        total = sum(counts.values())
        rates[label] = {name: counts[y] / total for y, name in named[1].items() if y in counts}  # type: ignore[union-attr]
    return rates


def _labels_by_key(training: Training, evidence: Evidence, field: str) -> dict[int, str] | None:
    """Return the label of each value by its key in a table that is not cut; None where there are too many."""
    counts = value_counts(training, evidence, field)
    if counts is None or len(counts) > VALUES:
        return None
    values = [value for value, _ in counts]
    hashed = training.task == "classification" and field == training.target
    keys = keys_for(values, training.types[field], hashed=hashed)
    return dict(zip(keys, labels(training, field, values), strict=True))
