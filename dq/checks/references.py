"""Whether a key exists in a reference file: `references`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import polars as pl
from pydantic import Field

from dq.checks.base import CHECKS, Check, ParamError, Target
from dq.checks.membership import SCALAR
from dq.dtypes.render import text_of
from dq.params import Params as BaseParams
from dq.params import Text

if TYPE_CHECKING:
    from datetime import datetime


@CHECKS.register
class References(Check):
    """The value stands in a column of a reference file.

    The file lies inside the spec's folder.  Values are compared by their canonical text (`7` for an integer,
    `2026-01-31` for a date), so the file should be written that way.  Its content is part of the plan's
    fingerprint.
    """

    kind = "references"
    dimension = "consistency"
    families = SCALAR
    title = "The value stands in a column of a reference file."
    example = "references: {file: shops.csv, column: code}"
    example_pass = ("MSK-1", "SPB-2")
    example_fail = ("msk-1", "")

    class Params(BaseParams):
        """The file and its column."""

        file: Text = Field(description="A CSV file with a header, by its path from the spec's folder.")
        column: Text = Field(description="The column that holds the keys.")

    def __init__(self, params: Any, target: Target) -> None:
        """Read the keys.  ParamError DQ320 if the file cannot be used or holds none."""
        super().__init__(params, target)
        if target.reference is None:
            raise ParamError("DQ320", "file", file=params.file, problem="no reference files can be read here")
        self.keys = target.reference(params.file, params.column)
        if not self.keys:
            raise ParamError("DQ320", "file", file=params.file, problem=f"column {params.column!r} holds no value")

    def expected(self) -> str:
        """Say the file and the column."""
        return f"a value that stands in column {self.params.column} of {self.params.file}"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where the canonical text is one of the keys."""
        del now
        return text_of(self.target.type, value).is_in(pl.Series(self.keys, dtype=pl.String).implode())

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return a left join with the keys."""
        del now
        keys = pl.LazyFrame({"key": self.keys}, {"key": pl.String}).unique().with_columns(found=pl.lit(value=True))

        def joined(data: Any) -> Any:
            """Return which values found a key, in the order of the rows."""
            texts = data.lazyframe.select(key=text_of(self.target.type, pl.col(data.key)))
            found = texts.join(keys, on="key", how="left", maintain_order="left")
            return found.select(pl.col("key").is_null() | pl.col("found").is_not_null())

        return pa.Check(joined, name=self.kind, error=self.expected())

    def identity(self) -> dict[str, Any]:
        """Return the kind, the place, and the SHA-256 of the sorted keys."""
        digest = hashlib.sha256("\n".join(sorted(self.keys)).encode()).hexdigest()
        return {"kind": self.kind, "params": {**self.params.model_dump(mode="json"), "sha256": digest}}
