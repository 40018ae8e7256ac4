"""`slice`: a part of the text, by position."""

from __future__ import annotations

from typing import Any

import polars as pl
from pydantic import Field

from dq.params import ParamError, Params, Whole
from dq.steps.base import TEXT_STEPS, TextStep


class SliceParams(Params):
    """`start` counts characters from 0, or from the end if negative; without `length` the rest is taken."""

    start: Whole = Field(0, description="The first character to keep, from 0; below 0 it counts from the end.")
    length: Whole | None = Field(None, description="How many characters to keep; all that follow if not given.")


@TEXT_STEPS.register
class Slice(TextStep):
    """Keeps `length` characters from `start` on; what does not exist is not taken.

    With a negative `start` that lies before the text's beginning, the text is taken from its beginning.
    """

    kind = "slice"
    title = "keep a part of the text, by position"
    example = "slice: {start: 0, length: 3}"
    example_values = (("abcdef", "abc"), ("ab", "ab"), ("Житие", "Жит"), ("", ""))
    Params = SliceParams

    def __init__(self, params: Any) -> None:
        """Refuse a length below one."""
        super().__init__(params)
        if params.length is not None and params.length < 1:
            raise ParamError(
                "DQ307", "length", kind=self.kind, expected="a length of 1 or more", found=str(params.length)
            )

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the part."""
        start, length = self.params.start, self.params.length
        if start >= 0:
            return text.str.slice(start, length)
        tail = text.str.tail(-start)
        return tail if length is None else tail.str.head(length)
