"""Whether there is a value, and whether it could be read: `required` and `type`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from dq.checks.base import CHECKS, Check
from dq.params import Params as BaseParams

if TYPE_CHECKING:
    from datetime import datetime


@CHECKS.register
class Required(Check):
    """There is a value: null is refused.

    A cell is null if it is one of the `missing` words before or after `clean`, or absent from the record.  This
    is the only check that fails a null; every other one has nothing to judge there.  `required: true` on the
    field is the same.
    """

    kind = "required"
    aliases = ("not_null",)
    dimension = "completeness"
    title = "There is a value."
    example = "required"
    example_pass = ("a", "0")
    example_fail = (None,)

    class Params(BaseParams):
        """None."""

    def expected(self) -> str:
        """Say that null is refused."""
        return "a value"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where the value is not null; never unknown."""
        del now
        return value.is_not_null()

    def is_certain(self, values: pl.Series) -> bool:
        """Tell by the number of nulls, which a column knows."""
        return not values.null_count()

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return a check that, unlike pandera's usual ones, is false for null."""
        del now
        return pa.Check(
            lambda data: data.lazyframe.select(pl.col(data.key).is_null().not_()),
            name=self.kind,
            error=self.expected(),
        )

    def json_schema(self) -> dict[str, Any] | None:
        """Return the refusal of null; that the key is present is said by the object's `required`."""
        return {"not": {"type": "null"}}


@CHECKS.register
class TypeCheck(Check):
    """The text could be read as the field's type.  Every field has this check.

    It is written out to give it options: `- type: {on_fail: set_null, mostly: 99%}` turns an unreadable value
    into null.  Its verdict is that of the cast, cell by cell; a cell that fails it is not asked the field's
    other checks: one fault, one reason.
    """

    kind = "type"
    dimension = "conformity"
    title = "The text could be read as the field's type."
    example = "type"
    example_type = "integer"
    example_pass = ("1", "-20")

    class Params(BaseParams):
        """None."""

    def expected(self) -> str:
        """Say the type."""
        return f"a value of type {self.target.type}"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return true for every value that was read; the cells that were not are known to the cast alone."""
        del now
        return pl.when(value.is_not_null()).then(statement=True)

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return a check that always passes: the column's own type is compared by pandera."""
        del now
        return pa.Check(
            lambda data: data.lazyframe.select(pl.col(data.key).is_null() | True),
            name=self.kind,
            error=self.expected(),
        )

    def json_schema(self) -> dict[str, Any] | None:
        """Return the empty fragment: the type itself is said by the property (`dq.dtypes.jsontype`)."""
        return {}
