"""A plan in words for its page: what is asked of each field, how it is cleaned, and when a batch is refused."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from dq.plan.bound import BoundCheck, BoundExpectation, BoundField
from dq.plan.plan import CompiledPlan, Gate
from dq.report.wording import FATES, limit_percent, measure


@dataclass(frozen=True, slots=True)
class Question:
    """One check or expectation: what it expects, of which records, what follows, and where it stands."""

    id: str
    expected: str
    where: str | None
    fate: str
    line: int


@dataclass(frozen=True, slots=True)
class FieldWords:
    """One field: what it is, where its value comes from, what is done to it, and what is asked of it."""

    field: BoundField
    source: str | None
    steps: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def marks(self) -> tuple[str, ...]:
        """What a reader must know of the field at once."""
        flags = {"required": self.field.required, "personal data": self.field.pii}
        return (*(word for word, holds in flags.items() if holds), *([self.source] if self.source else []))


def fields(plan: CompiledPlan) -> list[FieldWords]:
    """Return the fields in the order of the spec."""
    found = []
    for field in plan.fields:
        asked = [_check(check) for check in plan.checks if check.field == field.name]
        asked += [_expectation(bound) for bound in plan.expectations if bound.field == field.name]
        found.append(FieldWords(field, _source(field), tuple(_steps(plan, field)), tuple(asked)))
    return found


def of_rows(plan: CompiledPlan) -> list[Question]:
    """Return what is asked of rows and of the whole batch, and what of a training set."""
    asked = [_check(check) for check in plan.checks if check.field is None]
    asked += [_expectation(bound) for bound in plan.expectations if bound.field is None]
    training = plan.ml.checks if plan.ml else ()
    return asked + [Question(b.id, b.check.expected(), None, b.severity, b.span.line) for b in training]


def gates(plan: CompiledPlan) -> list[str]:
    """Return when a batch is refused, by the gate and by each of its profiles."""
    return [_gate(gate) for gate in (plan.gate, *plan.profiles)]


def dedupe(plan: CompiledPlan) -> str | None:
    """Return which of several records stays, where the plan asks."""
    rule = plan.dedupe
    if rule is None:
        return None
    near = f"nearly the same {', '.join(one.field for one in rule.match.compared)}" if rule.match else ""
    same = ", then ".join(filter(None, (f"the same {', '.join(rule.key)}" if rule.key else "", near)))
    order = f" by {rule.order_by}" if rule.order_by else ""
    return f"of records with {same}, keep {rule.keep.replace('_', ' ')}{order}"


def _check(check: BoundCheck) -> Question:
    where = check.where.canonical if check.where is not None else None
    mostly = f", {limit_percent(float(check.mostly))} must pass" if check.mostly is not None else ""
    return Question(
        check.id, check.expected, where, f"{check.severity}, {FATES[check.on_fail]}{mostly}", check.span.line
    )


def _expectation(bound: BoundExpectation) -> Question:
    params = bound.expectation.params
    stated = {key: getattr(params, key) for key in type(params).model_fields if key != "field"}
    words = [
        f"{key} {_said(value, share=bound.expectation.share)}" for key, value in stated.items() if value is not None
    ]
    expected = f"{bound.expectation.kind}: {', '.join(words)}" if words else bound.expectation.kind
    return Question(bound.id, expected, None, f"{bound.severity}, of the batch", bound.span.line)


def _said(value: Any, *, share: bool) -> str:
    """Return a parameter in words."""
    if isinstance(value, Fraction):
        return limit_percent(float(value)) if share else measure(float(value))
    if isinstance(value, (list, tuple)):
        return ", ".join(_said(item, share=share) for item in value)
    return measure(getattr(value, "text", value))


def _source(field: BoundField) -> str | None:
    """Return how a field comes to its value, where records do not simply bring it."""
    if field.lookup is not None:
        return f"{field.lookup.take} of {field.lookup.file} by {', '.join(field.lookup.keys)}"
    if field.derive is not None:
        return f"= {field.derive.canonical}"
    return f"says where {field.indicates} was filled" if field.indicates is not None else None


def _steps(plan: CompiledPlan, field: BoundField) -> list[str]:
    """Return what is done to a field, in order: text steps, fitted steps, the constant that fills, the mask."""
    fits = [fit for fits in plan.fits for fit in fits if fit.step.name == field.name]
    words = [bound.step.kind for bound in field.steps]
    words += [f"{fit.stage} {fit.step.words()}" for fit in fits]
    words += ["impute a constant"] if field.impute is not None else []
    return [*words, f"written as {field.mask}"] if field.mask is not None else words


def _gate(gate: Gate) -> str:
    name = f"{gate.profile}: " if gate.profile is not None else ""
    if gate.quarantined is not None:
        return f"{name}at most {limit_percent(float(gate.quarantined))} of the judged records may be refused"
    return f"{name}no check of severity {gate.fail_on} may fail"
