"""`map`: a table of whole values."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field

from dq.params import ParamError, Params, Table, Word
from dq.steps.base import TEXT_STEPS, TextStep


class MapParams(Params):
    """The `table` from text to text, and what becomes of text `otherwise`: keep it, blank it or refuse it."""

    shorthand = "table"
    table: Table = Field(description="From the whole text of a value to the text that takes its place.")
    otherwise: Annotated[Literal["keep", "blank", "refuse"], Word] = Field(
        "keep", description="What becomes of a value that is not in the table: keep, blank or refuse."
    )


@TEXT_STEPS.register
class Map(TextStep):
    """Replaces a value that is a key of the table by the key's text.

    The whole value is compared, exactly, as the steps before have left it.  A value that is no key is kept,
    blanked (null, so that it counts as missing) or refused: a target of the table is a key only if it is
    listed as one.
    """

    kind = "map"
    title = "replace values by a table"
    example = "{map: {рф: RU, russia: RU}, otherwise: keep}"
    example_values = (("рф", "RU"), ("russia", "RU"), ("Russia", "Russia"), ("", ""))
    Params = MapParams

    def __init__(self, params: Any) -> None:
        """Refuse a table without entries."""
        super().__init__(params)
        if not params.table:
            raise ParamError("DQ307", "table", kind=self.kind, expected="at least one entry", found="an empty mapping")
        self._keys = pl.Series("key", list(params.table), dtype=pl.String)
        self._targets = pl.Series("target", [scalar.text for scalar in params.table.values()], dtype=pl.String)

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the mapped text; a value that is refused is kept as it is."""
        if self.params.otherwise == "blank":
            return text.replace_strict(self._keys, self._targets, default=None, return_dtype=pl.String)
        return text.replace(self._keys, self._targets)

    def refused(self, text: pl.Expr) -> pl.Expr | None:
        """Return where the text is no key of the table, if `otherwise` is `refuse`."""
        return ~text.is_in(self._keys.implode()) if self.params.otherwise == "refuse" else None

    def expected(self) -> str:
        """Say how large the table is; its keys may be many."""
        return f"one of the {len(self._keys)} values of the map"

    def identity(self) -> dict[str, Any]:
        """Return the table as text in order of key, without the places of its entries in the file."""
        table = {key: scalar.text for key, scalar in sorted(self.params.table.items())}
        return {"kind": self.kind, "params": {"table": table, "otherwise": self.params.otherwise}}
