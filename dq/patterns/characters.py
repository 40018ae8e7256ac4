"""Sets of characters, as sorted ranges of code points.

Every class of a pattern becomes such a set, so that no target's own idea of a class is ever asked.
"""

from __future__ import annotations

import sys
import unicodedata
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Ranges: TypeAlias = tuple[tuple[int, int], ...]

LAST = sys.maxunicode
SURROGATES = (0xD800, 0xDFFF)


def union(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return sorted ranges that neither overlap nor touch, without surrogates, which are not characters."""
    merged: list[list[int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], high)
        else:
            merged.append([low, high])
    first, last = SURROGATES
    cut: list[tuple[int, int]] = []
    for low, high in merged:
        cut += [pair for pair in ((low, min(high, first - 1)), (max(low, last + 1), high)) if pair[0] <= pair[1]]
    return tuple(cut)


def complement(ranges: Ranges) -> Ranges:
    """Return every other character."""
    gaps, start = [], 0
    for low, high in ranges:
        gaps.append((start, low - 1))
        start = high + 1
    return union([gap for gap in [*gaps, (start, LAST)] if gap[0] <= gap[1]])


@cache
def category(name: str) -> Ranges:
    """Return the characters of a general category of Unicode, such as `L` or `Lu`; empty for no category."""
    ranges: list[tuple[int, int]] = []
    for code in range(LAST + 1):
        if unicodedata.category(chr(code)).startswith(name):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1] = (ranges[-1][0], code)
            else:
                ranges.append((code, code))
    return union(ranges)


@cache
def _cased() -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Return the code points that have another letter case, sorted, and beside them each (code, other case)."""
    pairs = sorted(
        {
            (code, ord(other))
            for code in range(0x1F000)
            for other in (chr(code).lower(), chr(code).upper())
            if len(other) == 1 and ord(other) != code
        }
    )
    return tuple(code for code, _ in pairs), tuple(pairs)


def either_case(ranges: Ranges) -> Ranges:
    """Return the characters and their lower and upper case forms."""
    codes, pairs = _cased()
    others: list[tuple[int, int]] = []
    for low, high in ranges:
        within = pairs[bisect_right(codes, low - 1) : bisect_right(codes, high)]
        others += [(other, other) for _, other in within]
    return union([*ranges, *others])


_DIGIT: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = ((9, 13), (32, 32))
NEWLINE: Ranges = ((10, 10),)
ALL = complement(())
SHORTHAND = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
