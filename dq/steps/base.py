"""What every cleaning step is: text to text, one value at a time.

A kind of text step is one file.  A step never sees a missing value (null stays null) and may leave a value
alone, change it, blank it (null), or refuse it; what it refused is a reason on the row, never a guess.
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

    def __init__(self, params: Any) -> None:
        """Keep the parameters (an instance of `Params`)."""
        self.params = params

    @classmethod
    def bind(cls, params: Any, tables: Tables) -> Self:
        """Return the step for these parameters; a kind that needs a file beside the spec asks `tables` for it."""
        del tables
        return cls(params)

    @abstractmethod
    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the cleaned text of a String expression; null stays null."""

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
