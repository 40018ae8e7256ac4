"""`pad`: fill up to a width."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field

from dq.params import ParamError, Params, Text, Whole, Word
from dq.steps.base import TEXT_STEPS, TextStep

MAX_WIDTH = 1000


class PadParams(Params):
    """`width` in characters (1 to 1000), the `side` that is filled, and the character it is filled with."""

    shorthand = "width"
    width: Whole = Field(description="The length that shorter texts are brought to, in characters.")
    side: Annotated[Literal["left", "right"], Word] = Field("left", description="Where to pad: left or right.")
    char: Text = Field("0", description="The one character to pad with.")


@TEXT_STEPS.register
class Pad(TextStep):
    """Fills text that is shorter than `width` characters; longer text stays as it is.

    An empty text is filled too.  A sign is a character like others: `-5` becomes `0-5`.
    """

    kind = "pad"
    title = "fill up to a width"
    example = 'pad: {width: 5, side: left, char: "0"}'
    example_values = (("501", "00501"), ("123456", "123456"), ("Ж", "0000Ж"), ("", "00000"))
    Params = PadParams

    def __init__(self, params: Any) -> None:
        """Refuse a width that is nonsense and a filling that is not one character."""
        super().__init__(params)
        if not 1 <= params.width <= MAX_WIDTH:
            raise ParamError(
                "DQ307", "width", kind=self.kind, expected=f"a width from 1 to {MAX_WIDTH}", found=str(params.width)
            )
        if len(params.char) != 1:
            raise ParamError("DQ307", "char", kind=self.kind, expected="one character", found=repr(params.char))

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the text of at least `width` characters."""
        fill = text.str.pad_start if self.params.side == "left" else text.str.pad_end
        return fill(self.params.width, self.params.char)
