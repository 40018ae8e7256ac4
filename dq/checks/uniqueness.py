"""Whether a key occurs once: `unique`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
from pydantic import Field

from dq.checks.base import CHECKS, Check, ParamError, Target
from dq.params import Params as BaseParams
from dq.params import Text

if TYPE_CHECKING:
    from datetime import datetime


@CHECKS.register
class Unique(Check):
    """The value occurs once in the batch; every copy of a repeated value fails, a null never does.

    Among the checks of a field it speaks of that field; among the checks of the spec, `unique: [a, b]` speaks of
    the combination, and a row with a null in any of the fields has no key.  It asks several rows at once: in a
    stream it is an error, and `dedupe` is what removes copies.
    """

    kind = "unique"
    dimension = "uniqueness"
    title = "The value occurs once in the batch."
    set_level = True
    example = "unique"
    example_pass = ("a", "b", "c")
    example_fail = ("a", "b", "a", "b")

    class Params(BaseParams):
        """The fields of a combination; none for a check of one field."""

        shorthand: ClassVar[str | None] = "fields"
        fields: list[Text] | None = Field(None, description="The fields whose combination occurs once.")

    def __init__(self, params: Any, target: Target) -> None:
        """Keep the fields.

        ParamError DQ305 if fields are listed under a field (the target then has a name), DQ308 if the list is
        empty or names a field twice.
        """
        super().__init__(params, target)
        if params.fields is not None and target.name:
            raise ParamError("DQ305", "fields", kind=self.kind)
        if params.fields is not None and not params.fields:
            raise ParamError("DQ308", "fields", kind=self.kind, problem="the list of fields is empty")
        self.fields = tuple(params.fields or (target.name,))
        if len(set(self.fields)) < len(self.fields):
            raise ParamError("DQ308", "fields", kind=self.kind, problem="a field is listed twice")

    def expected(self) -> str:
        """Say what occurs once."""
        if len(self.fields) > 1:
            return f"a combination of {', '.join(self.fields)} that occurs once"
        return "a value that occurs once"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where the value occurs once within the frame at hand; engines judge whole batches by keys."""
        del now
        return pl.when(value.is_not_null()).then(value.is_unique())

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return a count over equal keys.  pandera's own `unique` would fail repeated nulls."""
        del now
        fields = self.fields if self.params.fields else None
        return pa.Check(
            lambda data: data.lazyframe.select(_counted(list(fields) if fields else [data.key])),
            name=self.kind,
            error=self.expected(),
        )


def _counted(keys: list[str]) -> pl.Expr:
    """Return where the keys occur together no more than once, or one of them is null."""
    return (pl.len().over(keys) <= 1) | pl.any_horizontal(pl.col(key).is_null() for key in keys)
