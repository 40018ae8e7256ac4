"""`fix_mojibake`: text that was decoded in the wrong encoding."""

# ruff: noqa: RUF001 -- letters that stand where others should are what this file is about.

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from typing import Any

import polars as pl

from dq.params import ParamError
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.distinct import DistinctStep
from dq.steps.domains.domain import EXTRA

_PIECE = 4096  # the library looks at its text again after each repair; pieces keep the work in proportion


@TEXT_STEPS.register
class FixMojibake(DistinctStep):
    """Mends text that was written as UTF-8 and decoded as something else: `Ã©` becomes `é`.

    What is done is what the package ftfy does for encodings and nothing more: quotes, ligatures and HTML entities
    stay.  It changes text only where that is very unlikely to have been meant, and leaves all else alone.  Text of
    more than 4,096 characters is mended in pieces that are cut at spaces and line ends.
    """

    kind = "fix_mojibake"
    title = "mend text that was decoded in the wrong encoding"
    example = "fix_mojibake"
    example_values = (
        ("cafÃ©", "café"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"),
        ("don’t “quote”", "don’t “quote”"),
        ("Привет", "Привет"),
    )

    def __init__(self, params: Any) -> None:
        """Keep the parameters; ParamError DQ325 where ftfy is not installed."""
        super().__init__(params)
        if find_spec("ftfy") is None:
            raise ParamError("DQ325", kind=self.kind, package="ftfy", extra=EXTRA)

    @cached_property
    def _library(self) -> Any:
        import ftfy  # heavy

        return ftfy

    def answer(self, text: str) -> str | None:
        """Return the mended text; ASCII has nothing to mend."""
        if text.isascii():
            return text
        return "".join(str(self._library.fix_encoding(piece)) for piece in pieces(text))

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the mended text; null stays null."""
        return text.map_batches(self._mended, return_dtype=pl.String, is_elementwise=True)

    def _mended(self, column: pl.Series) -> pl.Series:
        return self.answered(column, lambda _, answers: answers)


def pieces(text: str) -> list[str]:
    """Return a text cut into pieces of at most 4,096 characters, after a space or a line end."""
    if len(text) <= _PIECE:
        return [text]
    found: list[str] = []
    start = 0
    while len(text) - start > _PIECE:
        end = start + _PIECE
        cut = max(text.rfind("\n", start, end), text.rfind(" ", start, end)) + 1
        cut = cut if cut > start else end
        found.append(text[start:cut])
        start = cut
    return [*found, text[start:]]
