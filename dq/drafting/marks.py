"""The decimal mark of a whole source: a comma, where columns of numbers have it and none has a point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.dtypes.cast import CastOptions

if TYPE_CHECKING:
    from dq.drafting.column import Column

_COMMA = r"^-?\d{1,3}(?:[ \u00a0]\d{3})*,\d+$|^-?\d+,\d+$"
_WHOLE = r"^-?\d+$|^-?\d{1,3}(?: \d{3})+$"
_POINT = r"^-?\d+\.\d+$"
_SPACED = r"^-?\d{1,3}(?: \d{3})+(?:,\d+)?$"
_MOST = 0.9


def guess(columns: list[Column]) -> CastOptions:
    """Return the marks of a source's numbers as options of the cast."""
    texts = [column for column in columns if column.is_text and column.present]
    comma = [column for column in texts if _is(column, _COMMA)]
    if not comma or any(_is(column, _POINT) for column in texts):
        return CastOptions()
    spaced = any(column.matching(_SPACED) for column in comma)
    return CastOptions(decimal_mark=",", thousands=" " if spaced else None)


def _is(column: Column, pattern: str) -> bool:
    """Whether nearly all values of a column are whole or match a pattern, and a good part of them matches."""
    found = column.matching(pattern)
    return 10 * found >= column.present and found + column.matching(_WHOLE) >= _MOST * column.present
