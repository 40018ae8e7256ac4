"""What every cleaning step is: text to text, one value at a time.

A kind of text step is one file.  A step never sees a missing value (null stays null) and may leave a value
alone, change it, blank it (null), or refuse it; what it refused is a reason on the row, never a guess.

A step may read the cleaned text of other fields of the same record (`TextStep.beside`).  Whoever evaluates such a
step gives it those texts as further columns; fields are cleaned in an order in which this can be done.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from dq.params import Params
from dq.registry import Registry

if TYPE_CHECKING:
    import polars as pl


# Gives some columns of a file beside the spec as text, null where a cell is empty; ParamError DQ320 if it cannot.
Tables = Callable[[str, Sequence[str]], "pl.DataFrame"]


def beside_column(field: str) -> str:
    """Return the name of the column that holds the cleaned text of a field for the steps of other fields."""
    return f"\x00beside:{field}"


class NoParams(Params):
    """The parameters of a step or check that has none."""


class TextStep(ABC):
    """One bound step of a `clean` list.  Subclasses may raise `dq.params.ParamError` when constructed."""

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str]
    example: ClassVar[str]  # YAML, one entry of `clean:`
    example_values: ClassVar[
        tuple[tuple[str, str | None], ...]
    ]  # before and after, shown in the reference and run as tests
    Params: ClassVar[type[Params]] = NoParams
    plain_numbers: ClassVar[bool] = False  # whether it writes numbers with a point and no marks, whatever it read
    field_params: ClassVar[tuple[str, ...]] = ()  # the parameters that name a field whose cleaned text it reads, too

    def __init__(self, params: Any) -> None:
        """Keep the parameters (an instance of `Params`)."""
        self.params = params

    @classmethod
    def bind(cls, params: Any, tables: Tables) -> Self:
        """Return the step for these parameters; a kind that needs a file beside the spec asks `tables` for it."""
        del tables
        return cls(params)

    @property
    def beside(self) -> tuple[str, ...]:
        """The other fields whose cleaned text decides, too; its expressions find each in `beside_column`.

        That text is null where the field is missing, was blanked, or was refused by a step of its own.
        """
        named = (getattr(self.params, parameter) for parameter in self.field_params)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    @abstractmethod
    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the cleaned text of a String expression; null stays null."""

    def expression_of_many(self, text: pl.Expr) -> pl.Expr:
        """Return the same, for thousands of texts at once, where more may be asked than of a lone one."""
        return self.expression(text)

    def refused(self, text: pl.Expr) -> pl.Expr | None:
        """Return where the text before this step is refused (Boolean), or None where the step refuses nothing."""
        del text
        return None

    def expected(self) -> str:
        """Say what the step accepts, for the reason of a refused value."""
        return self.title

    def identity(self) -> dict[str, Any]:
        """Return what makes this step itself, as JSON values: it goes into the plan's fingerprint."""
        return {"kind": self.kind, "params": self.params.model_dump(mode="json", exclude_none=True)}


TEXT_STEPS: Registry[type[TextStep]] = Registry("cleaning step")
