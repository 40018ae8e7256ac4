"""What every check is: one boolean question of a row, which never changes it.

A kind of check is one file with one or more classes.  Each class holds its own `Params`, says its question
in three tongues (a Polars expression, a pandera check, a JSON Schema fragment) and documents itself.

Three truths: the expression is true (pass), false (fail) or null (unknown: nothing to judge).  A null value
is always unknown, except for `required`, which is the check that asks about it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from dq.dtypes.types import Family
from dq.params import ParamError, Params
from dq.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import polars as pl

    from dq.dtypes.types import Type


@dataclass(frozen=True, slots=True)
class Target:
    """The field that a check is bound to, and what the check may ask its surroundings for.

    `reference(file, column)` gives the sorted distinct values of a reference file as text, or raises
    ParamError; it is set by the plan, which alone knows where files may lie.
    """

    name: str
    type: Type
    reference: Callable[[str, str], tuple[str, ...]] | None = None


class Check(ABC):
    """One bound check of one field.

    Subclasses are constructed by the plan as `Kind(params, target)` and may raise ParamError there.
    """

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    dimension: ClassVar[str]  # completeness uniqueness conformity accuracy consistency timeliness
    families: ClassVar[frozenset[Family] | None] = None  # None: every family
    title: ClassVar[str]
    example: ClassVar[str]  # YAML, one entry of `checks:` under a field; the field's type in `example_type`
    example_type: ClassVar[str] = "string"
    example_pass: ClassVar[tuple[str | None, ...]] = ()  # one column of texts, shown in the reference and run as tests:
    example_fail: ClassVar[tuple[str | None, ...]] = ()  # the example holds for every one, or for none
    set_level: ClassVar[bool] = False  # asks several rows at once; then `expression` is not used
    Params: ClassVar[type[Params]]

    def __init__(self, params: Any, target: Target) -> None:
        """Keep the parameters (an instance of `Params`) and the target."""
        self.params = params
        self.target = target

    @abstractmethod
    def expected(self) -> str:
        """Say what was expected, in words, without any value of the data: `a value from 0 to 100`."""

    @abstractmethod
    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return a Boolean expression over the canonical value: true, false, or null for unknown."""

    def is_certain(self, values: pl.Series) -> bool:
        """Whether every value of a column passes for certain, by what is known of the column without a look at them.

        False says nothing.  Where it is true, the expression is not asked.
        """
        del values
        return False

    @abstractmethod
    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return a `pandera.Check` over the canonical column, given the module `pandera.polars`.

        It is written apart from `expression` where pandera has a form of its own, so that the gate is a
        second opinion.  Nulls pass here: nullability is the column's.
        """

    def json_schema(self) -> dict[str, Any] | None:
        """Return the fragment of JSON Schema 2020-12 that says the same, or None where it cannot."""
        return None

    def identity(self) -> dict[str, Any]:
        """Return what makes this check itself, as JSON values: it goes into the plan's fingerprint."""
        return {"kind": self.kind, "params": self.params.model_dump(mode="json", exclude_none=True)}


def suited(families: frozenset[Family] | None) -> str:
    """Return in words the types that a check is for, by their families; None stands for all of them."""
    names = [word for family, word in _FAMILY_WORDS.items() if families is None or family in families]
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)


_FAMILY_WORDS = {
    Family.TEXT: "string",
    Family.NUMBER: "integer, number, decimal",
    Family.BOOLEAN: "boolean",
    Family.DATE: "date",
    Family.TIME: "time",
    Family.DATETIME: "datetime",
    Family.DURATION: "duration",
    Family.LIST: "list<T>",
    Family.OBJECT: "object",
}
__all__ = ["CHECKS", "Check", "ParamError", "Target", "suited"]
CHECKS: Registry[type[Check]] = Registry("check")
