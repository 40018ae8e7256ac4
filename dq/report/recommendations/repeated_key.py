"""A key that is not a key."""

from __future__ import annotations

from collections.abc import Iterator

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run
from dq.spec.edits import Edit


@RECOMMENDATIONS.register
class RepeatedKey(Recommendation):
    """Name a key that several records share, in a spec that does not deduplicate."""

    kind = "repeated_key"
    title = "a key is not unique, and nothing says which record stays"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each check of uniqueness that failed."""
        if run.plan.dedupe is not None:
            return
        for check in run.failing("unique"):
            keys = list(run.bound(check).keys)
            text = f"{check['failed']:,} rows share their {', '.join(keys)} with another row: keep one of each"
            edit = Edit("set", ("dedupe",), {"key": keys, "keep": "last"})
            yield Advice(check["id"], text, check["failed"], (edit,), {"fields": keys})
