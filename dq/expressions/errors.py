"""The one exception of the expression language."""

from __future__ import annotations


class ExpressionError(ValueError):
    """A mistake of the author in one expression.

    `code` is a catalogue code (`DQ4xx`, or `DQ309` and `DQ310` for a pattern) and `values` fill its template.
    `start` and `end` are 0-based offsets, in characters, of the place in the expression's text; `end` is one past the
    last character.  `suggestion` is what was probably meant, or None.
    """

    def __init__(
        self, code: str, values: dict[str, object], start: int, end: int, suggestion: str | None = None
    ) -> None:
        """Keep all five as attributes."""
        self.code, self.values, self.start, self.end, self.suggestion = code, values, start, end, suggestion
        words = ", ".join(f"{key}: {value}" for key, value in values.items())
        super().__init__(f"{code} at {start}: {words}")
