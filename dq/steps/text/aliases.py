"""`aliases`: a table of whole values in a file beside the spec."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

import polars as pl
from pydantic import Field

from dq.params import ParamError, Params, Text, Word
from dq.steps.base import TEXT_STEPS, Tables, TextStep


class AliasesParams(Params):
    """The file and its two columns, and what becomes of text that is `otherwise`."""

    shorthand: ClassVar[str | None] = "file"
    file: Text = Field(description="A .csv or .parquet file, by its path from the spec's folder.")
    alias: Text = Field("alias", alias="from", description="The column of the texts that are replaced.")
    canonical: Text = Field("canonical", alias="to", description="The column of the texts that take their place.")
    otherwise: Annotated[Literal["keep", "blank", "refuse"], Word] = Field(
        "keep", description="What becomes of a value that is in neither column: keep, blank or refuse."
    )


@TEXT_STEPS.register
class Aliases(TextStep):
    """Replaces a value that is an alias in a file beside the spec by its canonical text.

    The whole value is compared, exactly, as the steps before have left it, and replaced once.  A canonical text that
    is no alias stands for itself.  A value in neither column is kept, blanked (null, so that it counts as missing) or
    refused.  The file is read when the spec is compiled, and its sum is part of the plan's fingerprint; an alias of
    two canonical texts, or of none, is a mistake in it.
    """

    kind = "aliases"
    title = "replace values by a table in a file"
    example = "{aliases: {file: countries.csv, from: name, to: code}, otherwise: keep}"
    example_values = (("рф", "RU"), ("russia", "RU"), ("RU", "RU"), ("Russia", "Russia"), ("", ""))
    Params = AliasesParams

    def __init__(self, params: Any, pairs: tuple[tuple[str, str], ...] = ()) -> None:
        """Keep the table: what is accepted, each with the text that takes its place."""
        super().__init__(params)
        known = {canonical: canonical for _, canonical in pairs} | dict(pairs)
        self._keys = pl.Series("key", list(known), dtype=pl.String)
        self._targets = pl.Series("target", list(known.values()), dtype=pl.String)

    @classmethod
    def bind(cls, params: Any, tables: Tables) -> Self:
        """Read the table.  ParamError DQ320 if the file cannot be used."""
        if params.alias == params.canonical:
            raise _unusable(params, "to", "'from' and 'to' name one column")
        try:
            texts = tables(params.file, (params.alias, params.canonical))
        except ParamError as error:
            named = {params.alias: "from", params.canonical: "to"}.get(str(error.values.get("column")), "file")
            raise ParamError(error.code, _written(params, named), **error.values) from error  # type: ignore[arg-type]
        pairs = texts.filter(pl.col(params.alias).is_not_null()).unique().sort(params.alias, params.canonical)
        if pairs.is_empty():
            raise _unusable(params, "file", "it has no alias")
        if pairs[params.canonical].null_count():
            raise _unusable(params, "file", "an alias has no canonical text")
        if pairs[params.alias].is_duplicated().any():
            raise _unusable(params, "file", "an alias has two canonical texts")
        return cls(params, tuple(pairs.select(params.alias, params.canonical).iter_rows()))

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the canonical text; a value that is refused is kept as it is."""
        if self.params.otherwise == "blank":
            return text.replace_strict(self._keys, self._targets, default=None, return_dtype=pl.String)
        return text.replace(self._keys, self._targets)

    def refused(self, text: pl.Expr) -> pl.Expr | None:
        """Return where the text is in neither column, if `otherwise` is `refuse`."""
        return ~text.is_in(self._keys.implode()) if self.params.otherwise == "refuse" else None

    def expected(self) -> str:
        """Say where what is accepted stands."""
        return f"a value of {self.params.file}"

    def identity(self) -> dict[str, Any]:
        """Return the parameters; what the file holds is in the plan's fingerprint by its sum."""
        return {"kind": self.kind, "params": self.params.model_dump(mode="json", by_alias=True)}


def _written(params: AliasesParams, key: str) -> str:
    """Return a parameter's name if it is written in the spec, so that it has a place there, else that of the file."""
    field = {"from": "alias", "to": "canonical"}.get(key, key)
    return key if field in params.model_fields_set else "file"


def _unusable(params: AliasesParams, key: str, problem: str) -> ParamError:
    """Return the mistake in a table, which names no value of it."""
    return ParamError("DQ320", _written(params, key), file=params.file, problem=problem)
