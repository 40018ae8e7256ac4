"""Moments of one event that differ by a constant offset of a time zone from source to source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several

QUARTER = timedelta(minutes=15)
"""Every zone's offset is a multiple of it."""
FARTHEST = timedelta(hours=26)
"""No two places on Earth are further apart."""
DAY = timedelta(days=1)
"""Moments that are apart by whole days are of another day's version, though two far places are a day apart, too."""
LEAST = 2


@RECOMMENDATIONS.register
class ConstantOffset(Recommendation):
    """Find a field whose moments are apart by the same offset in all duplicates: one source writes local times.

    Which of them does so, and whether it is ahead or behind, a person must say.
    """

    kind = "constant_offset"
    title = "the moments of duplicates are apart by one offset of a time zone"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each such field."""
        counted = run.tally.duplicates
        for name, (least, most) in sorted(counted.apart.items()):
            offset, count = abs(least), counted.differs[name]
            if least != most or offset % QUARTER or not offset % DAY or offset > FARTHEST or count < LEAST:
                continue
            hours, way = offset / timedelta(hours=1), "later" if least > timedelta(0) else "earlier"
            text = (
                f"{name} of {several(count, 'duplicate')} is exactly {hours:g} h {way} than that of the record that "
                "stays: one of the sources writes local times; declare their `timezone`"
            )
            evidence = {"fields": [name], "observed": {f"hours {way}": hours}}
            yield Advice(name, text, count, evidence=evidence)
