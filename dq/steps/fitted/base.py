"""What every fitted step is: learn counts from all records, freeze them to a few values, apply those.

Learning and applying are apart.  `partial` counts the values of some rows; partials are added up; `freeze` turns
the sum into JSON values, which `thaw` reads back, and `apply` changes rows by them.  What is frozen is all that
`apply` knows, so a batch, a stream and next month's batch are repaired alike.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import polars as pl

from dq.dtypes.cast import CastOptions, cast
from dq.dtypes.render import text_of
from dq.dtypes.types import Family, Type
from dq.params import ParamError, Params
from dq.registry import Registry
from dq.states.group_counts import GroupCounts

Stage = Literal["repair", "outliers", "impute"]
STAGES: tuple[Stage, ...] = ("repair", "outliers", "impute")
SCALARS = frozenset(Family) - {Family.LIST, Family.OBJECT}
ORDERED = frozenset({Family.NUMBER, Family.DATE, Family.TIME, Family.DATETIME, Family.DURATION})


@dataclass(frozen=True, slots=True)
class FitTarget:
    """The field that a step changes, and the types of all fields, since it may group by others.

    `reference(file, column)` gives the sorted distinct values of a file beside the spec as text, or raises
    ParamError DQ320; None where there are no files.
    """

    name: str
    types: Mapping[str, Type]
    reference: Callable[[str, str], tuple[str, ...]] | None = None

    @property
    def type(self) -> Type:
        """The type of the field itself."""
        return self.types[self.name]

    def groups(self, by: Sequence[str], kind: str, *, within: tuple[int, ...] = ()) -> tuple[str, ...]:
        """Return the fields by which records are grouped; `within` is their place in the parameter `by`.

        ParamError DQ311 for one that is no field; DQ308 for the field itself, a repetition, a list or an object.
        """
        for place, name in enumerate(by):
            at = (*within, place)
            if name not in self.types:
                raise ParamError("DQ311", "by", within=at, field=name, where=f"{kind}.by")
            if name == self.name or name in by[:place]:
                raise ParamError("DQ308", "by", within=at, kind=kind, problem=f"{name} cannot be a group here")
            if self.types[name].family in {Family.LIST, Family.OBJECT}:
                raise ParamError("DQ308", "by", within=at, kind=kind, problem=f"{name} is a {self.types[name]}")
        return tuple(by)


@dataclass(frozen=True, slots=True)
class Applied:
    """The column after the step, and which rows the step refuses (None where it refuses none)."""

    values: pl.Series
    refused: pl.Series | None = None


class FittedStep(ABC):
    """One bound fitted step of one field.  Subclasses may raise `dq.params.ParamError` when constructed."""

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    stage: ClassVar[Stage]
    families: ClassVar[frozenset[Family] | None] = None
    title: ClassVar[str]
    example: ClassVar[str]  # YAML, the value of the field's key `repair`, `outliers` or `impute`
    Params: ClassVar[type[Params]]
    learns: bool = True  # False where the spec states all that `apply` needs

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Keep the parameters and the target; `by` may be set by the kind."""
        self.params = params
        self.target = target
        self.by: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The field that the step changes."""
        return self.target.name

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that the step needs, its own included."""
        return (*self.by, self.name)

    @property
    def whole(self) -> tuple[str, ...]:
        """The columns of the counts whose groups must be whole where counts are parted."""
        return self.by[:1]

    def partial(self, frame: pl.DataFrame) -> GroupCounts:
        """Return what these rows teach: the counts of the field's values by group."""
        return GroupCounts.fit(frame, self.by, self.name)

    @abstractmethod
    def freeze(self, counts: GroupCounts | None) -> dict[str, Any]:
        """Return what is learnt from the sum of all partials, as JSON values, the same for the same counts.

        None stands for no partial at all: nothing was seen.
        """

    @abstractmethod
    def thaw(self, frozen: dict[str, Any]) -> Any:
        """Return what `freeze` wrote in the form that `apply` wants."""

    @abstractmethod
    def apply(self, frame: pl.DataFrame, learnt: Any) -> Applied:
        """Return the field's column after the step; the frame has the columns of `reads`."""

    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """Return what makes this step itself, as JSON values, for fit fingerprints."""

    def words(self) -> str:
        """Say in a few words what the step does, for the printed plan."""
        return self.kind + (f" by {', '.join(self.by)}" if self.by else "")

    def expected(self) -> str:
        """Say what a refused value was not."""
        return self.title


class BatchStep(FittedStep):
    """A fitted step that decides about the batch at hand: what it learns is in no state, and no event can ask it."""

    @abstractmethod
    def decide(self, scan: Callable[[], Iterator[pl.DataFrame]]) -> Any:
        """Return what `apply` wants, from frames with the columns of `reads`; each call of `scan` begins anew.

        The frames are consecutive records in the order of arrival, as the levels before have left them.
        """

    def freeze(self, counts: GroupCounts | None) -> dict[str, Any]:
        """Refuse: there is nothing to freeze."""
        del counts
        raise TypeError(f"{self.kind} decides about one batch and freezes nothing")

    def thaw(self, frozen: dict[str, Any]) -> Any:
        """Refuse: there is nothing to thaw."""
        del frozen
        raise TypeError(f"{self.kind} decides about one batch and thaws nothing")


def write_table(table: pl.DataFrame, types: Mapping[str, Type]) -> list[list[str | None]]:
    """Return a table as rows of canonical texts; `types` names its columns in order."""
    texts = table.select(text_of(kind, pl.col(name)).alias(name) for name, kind in types.items())
    return [list(row) for row in texts.iter_rows()]


def read_table(rows: Sequence[Sequence[str | None]], types: Mapping[str, Type]) -> pl.DataFrame:
    """Return the table that `write_table` wrote."""
    texts = pl.DataFrame(
        {name: [row[index] for row in rows] for index, name in enumerate(types)},
        schema=dict.fromkeys(types, pl.String()),
    )
    options = CastOptions()
    return texts.select(cast(kind, options).expression(pl.col(name), None).alias(name) for name, kind in types.items())


FITTED_STEPS: Registry[type[FittedStep]] = Registry("fitted step")
