"""Checks that compare a value with listed ones: `accepted_values`, `not_accepted_values`, `equals`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
from pydantic import Field

from dq.checks.base import CHECKS, Check, ParamError, Target
from dq.checks.literals import in_words, json_value, json_values, read, texts
from dq.dtypes.literals import polars_literal
from dq.dtypes.types import Family
from dq.params import Literal
from dq.params import Params as BaseParams

if TYPE_CHECKING:
    from datetime import datetime

SCALAR = frozenset(Family) - {Family.LIST, Family.OBJECT}


class Listed(Check):
    """What the two kinds with a list have in common."""

    dimension = "accuracy"
    families = SCALAR

    class Params(BaseParams):
        """The list."""

        shorthand: ClassVar[str | None] = "values"
        values: list[Literal] = Field(description="Values of the field's type, read from their source text.")

    def __init__(self, params: Any, target: Target) -> None:
        """Read the values.  ParamError DQ308 if there are none, DQ318 if one is not of the field's type."""
        super().__init__(params, target)
        if not params.values:
            raise ParamError("DQ308", "values", kind=self.kind, problem="the list is empty")
        self.values = [self._read(index, scalar) for index, scalar in enumerate(params.values)]
        self.shown = texts(self.values, target.type)

    def _read(self, index: int, scalar: Any) -> Any:
        """Read one value; a mistake leads to its place in the list."""
        try:
            return read(self.kind, "values", scalar, self.target)
        except ParamError as error:
            error.within = (index,)
            raise

    def within(self, value: pl.Expr) -> pl.Expr:
        """Return where the value is one of the list; null for null."""
        listed = pl.Series(self.values, dtype=self.target.type.polars)
        return value.is_in(listed.implode())

    def identity(self) -> dict[str, Any]:
        """Return the kind and the canonical texts: order and repetition do not matter."""
        return {"kind": self.kind, "params": {"values": sorted(set(self.shown))}}


@CHECKS.register
class AcceptedValues(Listed):
    """The value is one of a list.

    The list is read by the field's type from its source text, so `007` of a string is not `7`, and `NO` is the
    text NO.  The comparison is exact: case and blanks matter, and are the business of `clean`.
    """

    kind = "accepted_values"
    aliases = ("isin", "in_set", "enum")
    title = "The value is one of a list."
    example = "accepted_values: [paid, pending, cancelled]"
    example_pass = ("paid", "cancelled")
    example_fail = ("PAID", "", "pai")

    def expected(self) -> str:
        """Say the first values of the list."""
        return f"one of {in_words(self.shown)}"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where the value is in the list."""
        del now
        return self.within(value)

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return pandera's own `isin`."""
        del now
        return pa.Check.isin(self.values, error=self.expected())

    def json_schema(self) -> dict[str, Any] | None:
        """Return `enum`, or None if a decimal has more digits than JSON numbers keep."""
        values = json_values(dict.fromkeys(self.values), self.target.type)  # unique, as draft-04 asks
        return None if values is None else {"enum": values}


@CHECKS.register
class NotAcceptedValues(Listed):
    """The value is none of a list, such as placeholders that a form sends."""

    kind = "not_accepted_values"
    aliases = ("not_in",)
    title = "The value is none of a list."
    example = "not_accepted_values: [unknown, test]"
    example_pass = ("Anna",)
    example_fail = ("test", "unknown")

    def expected(self) -> str:
        """Say the first values of the list."""
        return f"none of {in_words(self.shown)}"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where the value is not in the list."""
        del now
        return ~self.within(value)

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return pandera's own `notin`."""
        del now
        return pa.Check.notin(self.values, error=self.expected())

    def json_schema(self) -> dict[str, Any] | None:
        """Return the negation of `enum`."""
        values = json_values(dict.fromkeys(self.values), self.target.type)
        return None if values is None else {"not": {"enum": values}}


@CHECKS.register
class Equals(Check):
    """The value is one given value, as for a version marker or a constant type."""

    kind = "equals"
    dimension = "accuracy"
    families = SCALAR
    title = "The value is one given value."
    example = "equals: 3"
    example_type = "integer"
    example_pass = ("3",)
    example_fail = ("4", "-3")

    class Params(BaseParams):
        """The value."""

        shorthand: ClassVar[str | None] = "value"
        value: Literal = Field(description="The only value that is allowed, of the field's type.")

    def __init__(self, params: Any, target: Target) -> None:
        """Read the value.  ParamError DQ318 if it is not of the field's type."""
        super().__init__(params, target)
        self.value = read(self.kind, "value", params.value, target)
        self.shown = texts([self.value], target.type)[0]

    def expected(self) -> str:
        """Say the value."""
        return f"the value {self.shown}"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where the value equals the given one."""
        del now
        return value == polars_literal(self.target.type, self.value)

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return pandera's own `eq`."""
        del now
        return pa.Check.eq(self.value, error=self.expected())

    def json_schema(self) -> dict[str, Any] | None:
        """Return `const`, or None if a decimal has more digits than JSON numbers keep."""
        value = json_value(self.value, self.target.type)
        return None if value is None else {"const": value}

    def identity(self) -> dict[str, Any]:
        """Return the kind and the canonical text of the value."""
        return {"kind": self.kind, "params": {"value": self.shown}}
