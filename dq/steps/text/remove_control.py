"""`remove_control`: characters that cannot be seen and separate nothing."""

# ruff: noqa: RUF001 -- letters of several alphabets are what this file is about.

from __future__ import annotations

import polars as pl

from dq.steps.base import TEXT_STEPS, TextStep

_ASCII = r"[\x00-\x08\x0e-\x1f\x7f]"
_BEYOND = (
    r"[\x{80}-\x{84}\x{86}-\x{9f}\x{ad}\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2060}\x{2066}-\x{2069}\x{feff}]"
)
_INVISIBLE = f"{_ASCII}|{_BEYOND}"


@TEXT_STEPS.register
class RemoveControl(TextStep):
    """Removes control characters and invisible marks.

    These are the control characters of ASCII and Latin-1 that are not white space (so tab, line ends and NEL
    stay: `collapse_whitespace` is for them), the soft hyphen, the zero-width space, the word joiner, the byte
    order mark and the marks of writing direction.  The zero-width joiner and non-joiner stay: they change
    what is read, in Persian and in emoji.
    """

    kind = "remove_control"
    title = "remove control characters and invisible marks"
    example = "remove_control"
    example_values = (
        ("a\x00b\x1f", "ab"),
        ("\ufeffid", "id"),
        ("so\u00adft\u200b", "soft"),
        ("\u202eabc", "abc"),
        ("a\tb\nc\u0085d", "a\tb\nc\u0085d"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    )

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the text without them."""
        return text.str.replace_all(_INVISIBLE, "")
