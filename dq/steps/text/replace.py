"""`replace`: every match of a pattern by a text."""

from __future__ import annotations

from typing import Any

import polars as pl
from pydantic import Field

from dq.params import ParamError, Params, Text
from dq.patterns import PatternError, compile_pattern, escape_replacement
from dq.steps.base import TEXT_STEPS, TextStep


class ReplaceParams(Params):
    """A `pattern` in dq's dialect, and the text that stands `with` (in place of) every match of it."""

    pattern: Text = Field(description="A regular expression of dq's dialect.")
    replacement: Text = Field(alias="with", description="The text that takes the place of every match.")


@TEXT_STEPS.register
class Replace(TextStep):
    r"""Replaces every match of a pattern, from left to right, without overlaps.

    The replacement is plain text: `$` and `\\` have no meaning in it.  Patterns run in linear time.
    """

    kind = "replace"
    title = "replace every match of a pattern"
    example = 'replace: {pattern: "[- ]+", with: "-"}'
    example_values = (("a - b  c", "a-b-c"), ("abc", "abc"), ("", ""))
    Params = ReplaceParams

    def __init__(self, params: Any) -> None:
        """Compile the pattern; ParamError DQ309 or DQ310 where it is not in the dialect."""
        super().__init__(params)
        try:
            self._pattern = compile_pattern(params.pattern)
        except PatternError as error:
            code = "DQ310" if error.linear else "DQ309"
            raise ParamError(code, "pattern", kind=self.kind, problem=str(error)) from error

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the text with every match replaced."""
        return text.str.replace_all(self._pattern.polars, escape_replacement(self.params.replacement))

    def identity(self) -> dict[str, Any]:
        """Return the parameters under their names in the language."""
        return {"kind": self.kind, "params": self.params.model_dump(mode="json", by_alias=True)}
