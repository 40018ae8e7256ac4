"""What a plan is made of: fields, steps and checks that are bound, typed and placed.

Everything here is a frozen value.  YAML is gone, except for the spans that lead back to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal

import polars as pl

from dq.checks.base import Check
from dq.checks.expectations import Expectation
from dq.checks.ml import MlCheck, Training
from dq.diagnostics import Span
from dq.dtypes.cast import CastOptions
from dq.dtypes.types import Type
from dq.expressions import Typed
from dq.plan.stream_rule import StreamRule
from dq.sources.base import Dialect
from dq.steps.base import TextStep
from dq.steps.fitted.base import BatchStep, FittedStep, Stage
from dq.steps.lookup import Lookup
from dq.steps.mask import Way
from dq.steps.matching.scores import MatchRule

Severity = Literal["warning", "error"]
OnFail = Literal["quarantine", "set_null", "keep", "abort"]


@dataclass(frozen=True, slots=True)
class BoundStep:
    """One text step of one field; `id` is `field.kind`, with `#2` for a second of the kind."""

    id: str
    step: TextStep
    span: Span


@dataclass(frozen=True, slots=True)
class BoundFit:
    """One fitted step of one field; `id` is `field.stage`, `turn` counts the steps of one stage of a field from 0.

    `indicator` is the boolean column that says where an imputation filled the field.
    """

    id: str
    step: FittedStep
    stage: Stage
    turn: int
    span: Span
    indicator: str | None = None

    @property
    def is_of_batch(self) -> bool:
        """Whether it decides about the batch at hand, so that no state can hold it."""
        return isinstance(self.step, BatchStep)


@dataclass(frozen=True, slots=True)
class BoundCheck:
    """One check, with what is done when it fails.

    Exactly one of `check` (a field's question), `assertion` (a row's) and `keys` (of several rows: unique) is
    set, but for the kinds `type` and `clean`, whose answers come from the cast and the cleaning.  `reads` are
    the fields whose failed casts block it.  `code` is the reason's code.
    """

    id: str
    kind: str
    dimension: str
    field: str | None
    severity: Severity
    on_fail: OnFail
    mostly: Fraction | None
    where: Typed | None
    expected: str
    reads: frozenset[str]
    span: Span
    check: Check | None = None
    assertion: Typed | None = None
    keys: tuple[str, ...] = ()
    step: int | None = None  # for kind `clean`: which step of the field refuses

    @property
    def refuses(self) -> bool:
        """Whether a row that fails leaves by the door `quarantined`."""
        return self.on_fail in {"quarantine", "abort"}

    @property
    def empties(self) -> bool:
        """Whether a value that fails becomes null, and the row stays: a text that cannot be cast has no value."""
        return self.on_fail == "set_null" or (self.kind == "type" and not self.refuses)

    def passes(self, column: Callable[[str], pl.Expr], now: datetime) -> pl.Expr:
        """Return the Boolean expression of a row-level check: true, false, or null for unknown."""
        if self.assertion is not None:
            return self.assertion.lower(column, now)
        if self.check is None or self.field is None:
            raise TypeError(f"{self.id} has no expression of its own")
        return self.check.expression(column(self.field), now)

    def question(self) -> dict[str, Any]:
        """Return what the check asks, whatever its answer is good for, as JSON values."""
        return {
            "kind": self.kind,
            "where": self.where.canonical if self.where else None,
            "check": self.check.identity() if self.check else None,
        }

    def identity(self) -> dict[str, Any]:
        """Return what makes this check itself, as JSON values, for fingerprints."""
        return {
            "id": self.id,
            "kind": self.kind,
            "field": self.field,
            "severity": self.severity,
            "on_fail": self.on_fail,
            "mostly": str(self.mostly) if self.mostly is not None else None,
            "where": self.where.canonical if self.where else None,
            "assert": self.assertion.canonical if self.assertion else None,
            "check": self.check.identity() if self.check else None,
            "keys": list(self.keys),
        }


@dataclass(frozen=True, slots=True)
class BoundField:
    """One field of the canonical record.

    `late` says that a derived field reads a value that is imputed, and so is computed after the imputation.
    `impute` is the constant at the end of its fills, and `impute_indicator` the column that says where it was taken.
    `indicates` is set for such a column: the field of which it says where that was filled.  `lookup` is the table
    that gives the field its value.  `mask` says what is written of it; such a field is personal data.
    """

    name: str
    type: Type
    required: bool
    pii: bool
    description: str | None
    missing: tuple[str, ...] | None
    steps: tuple[BoundStep, ...]
    options: CastOptions
    derive: Typed | None
    impute: Any
    checks: tuple[BoundCheck, ...]
    span: Span
    late: bool = False
    fits: tuple[BoundFit, ...] = ()
    impute_indicator: str | None = None
    indicates: str | None = None
    lookup: Lookup | None = None
    mask: Way | None = None

    @property
    def is_read(self) -> bool:
        """Whether records bring the field; the others are computed."""
        looked_up = self.lookup is not None and not self.lookup.fill
        return self.derive is None and self.indicates is None and not looked_up

    @property
    def operands(self) -> frozenset[str]:
        """The fields that a computed field is computed from; none for a field that is only read."""
        if self.lookup is not None:
            return frozenset(self.lookup.keys)
        return self.derive.fields if self.derive is not None else frozenset()

    @property
    def beside(self) -> tuple[str, ...]:
        """The other fields whose cleaned text the cleaning of this one reads."""
        return tuple(dict.fromkeys(name for bound in self.steps for name in bound.step.beside))

    @property
    def is_computed(self) -> bool:
        """Whether the field is derived or looked up, alone or beside being read."""
        return self.derive is not None or self.lookup is not None

    @property
    def constant_id(self) -> str:
        """The id of the constant among the fills of the field."""
        before = sum(fit.stage == "impute" for fit in self.fits)
        return f"{self.name}.impute" + (f"#{before + 1}" if before else "")

    @property
    def indicators(self) -> list[str | None]:
        """The indicator column of each fill of the field, in order; none where no fill has one."""
        named = [*(fit.indicator for fit in self.fits), self.impute_indicator]
        return named if any(named) else []

    @property
    def filled(self) -> bool:
        """Whether a missing value of the field is filled, by a table, by a constant or by what was learnt."""
        from_table = self.lookup is not None and self.lookup.fill
        return from_table or self.impute is not None or any(fit.stage == "impute" for fit in self.fits)

    @property
    def changed_late(self) -> bool:
        """Whether the field's value is changed after the barriers, so that what is derived from it is late."""
        return self.impute is not None or bool(self.fits)

    @property
    def filled_or_emptied(self) -> bool:
        """Whether the field may have another value, or none, where the cast gave one: then its answer is kept."""
        emptied = any(check.on_fail == "set_null" and check.kind != "type" for check in self.checks)
        return self.changed_late or emptied or (self.lookup is not None and self.lookup.fill)

    def identity(self) -> dict[str, Any]:
        """Return what decides the field's value, as JSON values, for fingerprints."""
        identity = self.entry_identity() | {
            "impute": None if self.impute is None else str(self.impute),
            "fits": [fit.step.identity() for fit in self.fits],
        }
        identity |= {"indicators": self.indicators} if self.indicators else {}
        return identity | ({"mask": self.mask} if self.mask is not None else {})

    def entry_identity(self) -> dict[str, Any]:
        """Return what decides the field's value up to the barriers, as JSON values, for fit fingerprints."""
        return {
            "name": self.name,
            "type": str(self.type),
            "missing": list(self.missing) if self.missing is not None else None,
            "clean": [bound.step.identity() for bound in self.steps],
            "cast": {key: repr(getattr(self.options, key)) for key in sorted(self.options.__slots__)},
            "derive": self.derive.canonical if self.derive else None,
            "set_null": [check.question() for check in self.checks if check.on_fail == "set_null"],
        } | ({"lookup": self.lookup.identity()} if self.lookup is not None else {})


@dataclass(frozen=True, slots=True)
class BoundSource:
    """One shape of input: its dialect, its marks and its words for no value."""

    name: str
    dialect: Dialect
    files: tuple[str, ...]
    decimal_mark: str
    thousands: str | None
    missing: tuple[str, ...] | None

    def identity(self) -> dict[str, Any]:
        """Return the source as JSON values, for fingerprints."""
        dialect = {name: getattr(self.dialect, name) for name in self.dialect.__slots__}
        dialect["fields"] = dict(sorted(self.dialect.fields.items()))
        dialect["required"] = sorted(self.dialect.required)
        dialect["explicit"] = sorted(self.dialect.explicit)
        return {
            "dialect": dialect,
            "decimal": self.decimal_mark,
            "thousands": self.thousands,
            "missing": list(self.missing) if self.missing is not None else None,
        }


@dataclass(frozen=True, slots=True)
class BoundFilter:
    """A filter: records for which `keep` is not true leave; unknown is refused under the filter's id."""

    id: str
    keep: Typed
    description: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class BoundDedupe:
    """Which of several records with one key, or nearly the same ones, stays.

    `key` is empty where only near duplicates are looked for, `match` None where only equal keys are.
    """

    key: tuple[str, ...]
    keep: Literal["first", "last", "most_complete", "merge"]
    order_by: str | None
    prefer_valid: bool
    span: Span
    match: MatchRule | None = None
    stream: StreamRule | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields that decide which records are one, and their order, each once."""
        order = (self.order_by,) if self.order_by else ()
        return tuple(dict.fromkeys((*self.key, *order, *(self.match.fields if self.match else ()))))

    @property
    def reads_all(self) -> bool:
        """Whether every value of a record takes part: it is counted, judged, or fills a gap of another."""
        return self.prefer_valid or self.keep in {"most_complete", "merge"}

    def identity(self) -> dict[str, Any]:
        """Return the rule of batches as JSON values, for fingerprints."""
        rule = {"key": list(self.key), "keep": self.keep, "order_by": self.order_by, "prefer_valid": self.prefer_valid}
        return rule if self.match is None else rule | {"match": self.match.identity()}


@dataclass(frozen=True, slots=True)
class BoundExpectation:
    """One expectation of the whole batch; `field` is None for the batch itself.

    `hides` says that what it observes is a value of personal data, which no report tells.
    """

    id: str
    field: str | None
    severity: Severity
    expectation: Expectation
    span: Span
    hides: bool = False


@dataclass(frozen=True, slots=True)
class BoundMlCheck:
    """One question to the batch as a training set; its id is `ml.kind`.

    `stated` says that the spec names it, rather than that it is asked by default.
    """

    id: str
    severity: Severity
    check: MlCheck
    span: Span
    stated: bool = False


@dataclass(frozen=True, slots=True)
class BoundMl:
    """What the records are for, and what is asked of them; a batch of fewer rows than `min_rows` is not asked."""

    training: Training
    min_rows: int
    checks: tuple[BoundMlCheck, ...]

    def identity(self) -> dict[str, Any]:
        """Return what decides the answers, as JSON values, for fingerprints."""
        training = self.training
        return {
            "target": training.target,
            "features": list(training.features),
            "task": training.task,
            "groups": list(training.groups),
            "key": list(training.key),
            "min_rows": self.min_rows,
            "checks": [bound.check.identity() for bound in self.checks],
        }


@dataclass(frozen=True, slots=True)
class BoundExample:
    """One record that the spec gives as an example, by the names of its fields, with Python values.

    `place` says where it stands (`valid[0]`); `violates` are the ids of the checks that refuse it, none if valid.
    """

    place: str
    record: Mapping[str, Any]
    violates: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Level:
    """One barrier of the plan: it must see every row before it decides about any.

    `reads` are the only columns that its narrow scan needs.  `fitted` levels learn something that can be
    frozen into a state and carry a fit fingerprint over themselves and everything upstream; levels that are
    not fitted (dedupe, unique) decide about the batch at hand and are never frozen.
    """

    name: str
    kind: Literal["dedupe", "unique", "fit", "order"]
    reads: tuple[str, ...]
    fitted: bool
    fingerprint: str
    checks: tuple[str, ...] = field(default=())
    fits: tuple[BoundFit, ...] = field(default=())
    fit_fingerprints: tuple[tuple[str, str], ...] = field(default=())

    @property
    def fingerprints(self) -> dict[str, str]:
        """The fit fingerprint of each of its fitted steps, by id."""
        return dict(self.fit_fingerprints)
