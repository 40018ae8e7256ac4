"""Moments that lie in the future by the offset of a time zone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dq.dtypes.formats import compile_format
from dq.dtypes.types import Family
from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several, share_of
from dq.spec.edits import Edit

if TYPE_CHECKING:
    from dq.plan.bound import BoundField

LEAST = 3
"""Fewer values could be ahead by chance."""
FARTHEST = timedelta(hours=14)
"""No place on Earth is further ahead of UTC."""
HOUR = timedelta(hours=1)


@RECOMMENDATIONS.register
class TimeZone(Recommendation):
    """Find local times that are read as UTC: all that are refused lie after `now` by no more than one offset.

    The zone with the least offset that explains all of them is recommended; which place it is, a person knows.
    """

    kind = "time_zone"
    title = "moments lie in the future by the offset of a time zone"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each check against `now` that refused such moments."""
        for check in run.failing("before"):
            sample, field = run.tally.wrong.get(check["id"]), run.field_of(check)
            if sample is None or check["failed"] < LEAST or not _is_naive(field):
                continue
            offset = getattr(run.bound(check).check, "offset", None)
            ahead = max(_moment(text) for text, _ in sample.ranked()) - run.tally.now - (offset or timedelta(0))
            if offset is None or not timedelta(0) <= ahead <= FARTHEST:
                continue
            hours = max(1, math.ceil(ahead / HOUR))
            text = (
                f"{several(check['failed'], 'value')} of {field.name} lie up to {_words(ahead)} after now, as local "
                f"times of UTC+{hours} do that are read as UTC: say their zone, best by the name of a place"
            )
            edit = Edit("set", ("fields", field.name, "timezone"), f"Etc/GMT-{hours}")
            share = share_of(check["failed"], check["evaluated"])
            yield Advice(check["id"], text, check["failed"], (edit,), {"fields": [field.name], "share": share})


def _is_naive(field: BoundField) -> bool:
    """Whether a field reads values without an offset, and takes them for UTC because nobody said otherwise."""
    if field.type.family is not Family.DATETIME or field.options.timezone != "UTC" or not field.is_read:
        return False
    formats = [compile_format(name, Family.DATETIME) for name in field.options.formats]
    return any(not guard.utc for one in formats for guard in one.guards)


def _moment(text: str) -> datetime:
    """Return a canonical moment as a value."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _words(duration: timedelta) -> str:
    """Return a duration in hours and minutes."""
    minutes = int(duration / timedelta(minutes=1))
    return f"{minutes // 60} h {minutes % 60} min"
