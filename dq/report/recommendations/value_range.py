"""A range that nearly all numbers of a field respect, and no check asks for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from dq.dtypes.types import Family
from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several, share_of
from dq.spec.edits import Edit
from dq.states.counts import Counts
from dq.states.extremes import Extremes
from dq.states.quantiles import Quantiles

if TYPE_CHECKING:
    from dq.plan.bound import BoundField
    from dq.states.profile import Profile

ROWS = 1000
"""Of fewer values, a thousandth cannot be told."""
TAIL = Fraction(1, 2000)
"""The share of the values that may lie on either side: together a thousandth."""
FAR = 3
"""A value is far off where it lies so many widths of the range away from it."""
DIGITS = 2
BOUNDS = frozenset({"between", "minimum", "maximum", "gt", "lt", "accepted_values", "equals"})


@RECOMMENDATIONS.register
class ValueRange(Recommendation):
    """Find numbers far outside of the range of all others, and ask for that range, first as a warning."""

    kind = "value_range"
    title = "a few numbers lie far outside of the range of 99.9 % of them"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each field of numbers without bounds that has such values."""
        for field in run.plan.fields:
            profile = run.tally.after.get(field.name)
            if profile is None or not _is_open(field) or field.type.family is not Family.NUMBER:
                continue
            found = _range(profile)
            if found is None:
                continue
            low, high, outside = found
            rows = profile.state(Counts).rows - profile.state(Counts).nulls
            text = (
                f"{several(outside, 'value')} of {field.name} {'lies' if outside == 1 else 'lie'} far outside of "
                f"{low:g} to {high:g}, where {float(1 - 2 * TAIL):.1%} of {rows:,} are: ask for that range, and look "
                f"whether the others are true"
            )
            check = {"between": [_plain(low), _plain(high)], "severity": "warning", "mostly": "99.9%"}
            edit = Edit("append", ("fields", field.name, "checks"), check)
            yield Advice(field.name, text, outside, (edit,), {"fields": [field.name], "share": share_of(outside, rows)})


def _is_open(field: BoundField) -> bool:
    """Whether nothing bounds a field so far, and its values may be told."""
    bounded = any(check.kind in BOUNDS for check in field.checks)
    return not field.pii and not bounded and not any(fit.stage == "outliers" for fit in field.fits)


def _range(profile: Profile) -> tuple[float, float, int] | None:
    """Return the rounded range of all but a thousandth of the values, and how many lie outside.

    None where there are few values, or none of them lies far off.
    """
    quantiles, ends = profile.state(Quantiles), profile.state(Extremes)
    if sum(count for _, count in quantiles.bins) < ROWS:
        return None
    low, high = (float(quantiles.at(share) or 0) for share in (TAIL, 1 - TAIL))
    width = high - low
    least, most = float(ends.low), float(ends.high)  # type: ignore[arg-type]
    if not width or (low - least <= FAR * width and most - high <= FAR * width):
        return None
    low = _outward(low if low - least > FAR * width else least, math.floor)
    high = _outward(high if most - high > FAR * width else most, math.ceil)
    outside = sum(count for index, count in quantiles.bins if not low <= quantiles.edge(index) <= high)
    return low, high, outside


def _outward(value: float, rounded: Callable[[Fraction], int]) -> float:
    """Return a bound with two significant digits, rounded away from the values."""
    if not value:
        return 0.0
    unit = Fraction(10) ** (math.floor(math.log10(abs(value))) - DIGITS + 1)
    return float(rounded(Fraction(value) / unit) * unit)


def _plain(bound: float) -> int | float:
    """Return a bound as an integer where it is one: the only form that fields of integers read."""
    return int(bound) if bound == int(bound) else bound
