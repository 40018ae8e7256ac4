"""Histograms for a report: twenty columns of equal width over the middle 98 % of the numbers."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS = 20

Weighted = list[tuple[float, int]]


def histogram(values: Iterable[tuple[float, int]], low: float, high: float, scale: int | None) -> dict[str, Any] | None:
    """Return the columns from `low` to `high`, and how many numbers lie `below` and `above`; None if there is no width.

    `values` are numbers with their counts, in any order.  Where `scale` is not None all numbers are integers: units
    of the last of `scale` places.  Then each column holds as many whole units as every other, so that none looks
    full only because more numbers fit into it.
    """
    exact = scale is not None
    width = -(-(int(high) - int(low) + 1) // COLUMNS) if exact else (high - low) / COLUMNS
    if not 0 < width < math.inf or low == high:
        return None
    columns = -(-(int(high) - int(low) + 1) // int(width)) if exact else COLUMNS
    counts, below, above = [0] * columns, 0, 0
    for value, count in values:
        if value < low:
            below += count
        elif value > high:
            above += count
        else:
            counts[min(int((value - low) // width), columns - 1)] += count
    end = low + columns * width - (1 if exact else 0)
    ends = {"from": _said(low, scale), "to": _said(end if exact else high, scale)}
    return ends | {"counts": counts, "below": below, "above": above}


def _said(value: float, scale: int | None) -> int | float | str:
    """Return an end as a report says it: decimals as text."""
    return str(Decimal(int(value)).scaleb(-scale)) if scale else value
