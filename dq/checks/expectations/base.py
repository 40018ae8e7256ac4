"""What every expectation is: a question of the whole batch, judged once, from what was counted and measured.

A kind is one file with one or more classes.  It names the measures that it needs (`dq.states.measures`), the engine
measures the accepted rows as they pass, and `judge` compares what was found with what was expected.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, ClassVar, Literal, TypeAlias

from pydantic import Field

from dq.dtypes.types import Family, Type
from dq.params import Params as BaseParams
from dq.params import Scalar, Text
from dq.registry import Registry
from dq.states.measures import Measure, Measured
from dq.states.profile import Profile
from dq.states.reference import ReferenceOf

Observed: TypeAlias = int | float | str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a run counted and measured.

    `accepted` are the rows that left by the door `accepted`, and `measured` is what was found in them.  `entered` are
    the framed records that were not filtered, and `missing` says of each field in how many of them its cell was null
    before any repair (a cell that could not be cast is not missing).  `references` are the reference profiles of the
    state that was given, by field; None where none was.
    """

    accepted: int = 0
    entered: int = 0
    missing: Mapping[str, int] = field(default_factory=dict)
    measured: Measured = field(default_factory=Measured)
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    references: Mapping[str, Profile] | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a batch, what was observed and what was expected, for the report.

    `passed` is None where there was nothing to judge, and `note` then says why; else it may say how exact the
    observation is.  `quiet` says that it is no fault that nothing was judged.  `details` are what a report tells
    beside, as JSON values and without any value of personal data.
    """

    passed: bool | None
    observed: Observed
    expected: str
    note: str | None = None
    quiet: bool = False
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What an expectation is bound to: its field, the types of all fields, and where reference files are read.

    `pii` says that the field holds personal data.  `reference(file, column)` gives the sorted distinct values of a
    reference file as text, or raises ParamError.
    """

    name: str | None
    types: Mapping[str, Type]
    reference: Callable[[str, str], tuple[str, ...]] | None = None
    pii: bool = False

    @property
    def field(self) -> str:
        """The field that is asked about; TypeError where the whole batch is."""
        if self.name is None:
            raise TypeError("this expectation is not about one field")
        return self.name

    @property
    def type(self) -> Type:
        """The type of the field."""
        return self.types[self.field]


class FieldParams(BaseParams):
    """The parameters of an expectation of one field: what all of them have."""

    field: Text | None = Field(None, description="The field; left out where the expectation stands under it.")


class Expectation(ABC):
    """One bound expectation.  Subclasses may raise `dq.params.ParamError` when constructed.

    An expectation of the scope `batch` stands under the spec.  One of the scope `field` asks about one field: it
    stands under the field, or under the spec and names the field in its parameters, which are `FieldParams`.
    `reveals` says that what it observes is a value of the data, which is not told of `pii` fields; `share` that it is
    a share, shown in per cent; and `raw` that it asks about the cells as they came, so that a derived field has none.
    """

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    scope: ClassVar[Literal["batch", "field"]] = "field"
    families: ClassVar[frozenset[Family] | None] = None  # None: every family
    reveals: ClassVar[bool] = False
    share: ClassVar[bool] = False
    raw: ClassVar[bool] = False
    title: ClassVar[str]
    example: ClassVar[str]  # YAML, one entry of `expect:`, under a field of `example_type` or under the spec
    example_type: ClassVar[str] = "number"
    example_values: ClassVar[tuple[str | None, ...]]  # texts of that field of which the example holds
    Params: ClassVar[type[BaseParams]]

    def __init__(self, params: Any, subject: Subject) -> None:
        """Keep the parameters (an instance of `Params`) and what they are about."""
        self.params = params
        self.subject = subject

    @classmethod
    def names(cls, params: Any) -> Mapping[tuple[str | int, ...], str]:
        """Return the fields that the parameters name, each by its path in them; the binder looks them up."""
        named = getattr(params, "field", None)
        return {} if named is None else {("field",): named}

    def measures(self) -> tuple[Measure[Any], ...]:
        """Return what must be measured of the accepted rows; equal measures are measured once."""
        return ()

    def compares(self) -> ReferenceOf | None:
        """Return the reference profile that a state must hold for it; None where it compares with none."""
        return None

    def measures_against(self, reference: Profile) -> tuple[Measure[Any], ...]:
        """Return what else must be measured where a state gives a reference."""
        del reference
        return ()

    @abstractmethod
    def judge(self, batch: Batch) -> Judgement:
        """Return the verdict on a batch."""

    def idle(self) -> bool:
        """Whether no batch could fail it, so that something else was meant."""
        return False

    def identity(self) -> dict[str, Any]:
        """Return what makes this expectation itself, as JSON values."""
        given = {key: getattr(self.params, key) for key in sorted(type(self.params).model_fields) if key != "field"}
        params = {key: plain(value) for key, value in given.items() if value is not None}
        return {"kind": self.kind, "field": self.subject.name, "params": params}


def plain(value: Any) -> Any:
    """Return a parameter as JSON values, the same for equal parameters: shares and numbers as reduced fractions."""
    if isinstance(value, BaseParams):
        return {key: plain(getattr(value, key)) for key in sorted(type(value).model_fields)}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Scalar):
        return value.text
    return str(value) if isinstance(value, (Fraction, timedelta)) else value


EXPECTATIONS: Registry[type[Expectation]] = Registry("expectation")
