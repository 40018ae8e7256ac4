"""What every question to a training set is: asked of the accepted rows as a whole, answered from mergeable counts.

A kind is one file with one class.  It names the measures that it needs (`dq.states.measures`), the engine measures
the accepted rows as they pass, and `answer` says what was found against it.  Every kind is asked by default, as a
warning; a spec states its threshold and severity under the kind's name in `ml`, or `false` to leave it out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from dq.params import Params, Word
from dq.registry import Registry
from dq.states.measures import Measured

if TYPE_CHECKING:
    from dq.dtypes.types import Type
    from dq.states.measures import Measure
    from dq.states.scalars import Scalar

Task = Literal["classification", "regression"]
SHOWN = 5  # findings that are named in a reason; the report has all of them


@dataclass(frozen=True, slots=True)
class Training:
    """What a spec says of the model that its records are for.

    `key` names what a record is about.  `declared` has, for fields that say so, every value that is accepted;
    values of fields in `pii` are never shown.
    """

    target: str | None
    task: Task | None
    features: tuple[str, ...]
    groups: tuple[str, ...]
    key: tuple[str, ...]
    types: Mapping[str, Type]
    declared: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)
    pii: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """The target; TypeError where there is none."""
        if self.target is None:
            raise TypeError("there is no target")
        return self.target


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """What a batch has in common with the accepted rows of earlier runs that a model was trained on.

    `outputs` are their names, SHA-256 sums and numbers of rows.  Of the `keyed_rows` of this batch, which have a
    whole key, `shared_rows` have one of the training set; these are `shared_keys` different ones.  `classes` are
    those of the training set, None where they are not asked for or too many to know.
    """

    outputs: tuple[tuple[str, str, int], ...] = ()
    keyed_rows: int = 0
    shared_rows: int = 0
    shared_keys: int = 0
    classes: tuple[Scalar, ...] | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run knows of the batch: its accepted rows, what was measured of them, and what they were compared with."""

    rows: int = 0
    measured: Measured = field(default_factory=Measured)
    trained_on: TrainingSet | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that speaks against the batch: a feature, a class or a group, what was observed of it, and in words.

    `words` begin with the name, and hold no value of a `pii` field.
    """

    name: str
    observed: float
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found.  Without findings the question is passed.

    `scores` are what was observed of every feature, class or group, findings or not, rounded once.  `unanswered`
    says why there was nothing to judge, `quiet` that this is as it should be; `note` says what could not be judged, or
    not exactly.
    """

    findings: tuple[Finding, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    unanswered: str | None = None
    quiet: bool = False
    note: str | None = None


class MlParams(Params):
    """What the parameters of all kinds have."""

    severity: Annotated[Literal["warning", "error"], Word] = Field(
        "warning", description="How bad it is: warning, or error, which fails the gate."
    )


class MlCheck(ABC):
    """One question, bound to a training set.  Subclasses may raise `dq.params.ParamError` when constructed."""

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str]
    example: ClassVar[str]  # YAML, one entry of `ml`
    Params: ClassVar[type[MlParams]]

    def __init__(self, params: Any, training: Training) -> None:
        """Keep the parameters (an instance of `Params`) and what is to be trained."""
        self.params = params
        self.training = training

    @classmethod
    @abstractmethod
    def missing(cls, training: Training) -> str | None:
        """Say what `ml` would have to name before this could be asked; None if it can be."""

    @abstractmethod
    def measures(self) -> tuple[Measure[Any], ...]:
        """Return what must be measured of the accepted rows; equal measures are measured once."""

    @abstractmethod
    def expected(self) -> str:
        """Say what is expected, in words."""

    @abstractmethod
    def answer(self, evidence: Evidence) -> Answer:
        """Return what was found."""

    def identity(self) -> dict[str, Any]:
        """Return what makes this question itself, as JSON values: it goes into the plan's fingerprint."""
        given = {name: getattr(self.params, name) for name in sorted(type(self.params).model_fields)}
        return {"kind": self.kind, "params": {name: str(value) for name, value in given.items()}}


def percent(share: float | Fraction) -> str:
    """Return a share in per cent, as a threshold is written."""
    return f"{float(share) * 100:.6g}%"


def found(share: float) -> str:
    """Return an observed share in per cent, never rounded to nothing or to all."""
    if 0 < share < 0.0001:  # noqa: PLR2004
        return "<0.01%"
    if 0.9999 < share < 1:  # noqa: PLR2004
        return ">99.99%"
    return f"{share * 100:.4g}%"


def rows(count: int) -> str:
    """Return a number of rows with its noun."""
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def share(part: int, whole: int) -> Fraction:
    """Return a part of a whole; nothing of nothing is 0."""
    return Fraction(part, whole) if whole else Fraction(0)


ML_CHECKS: Registry[type[MlCheck]] = Registry("question of 'ml'")
