"""A field that no record has."""

from __future__ import annotations

from collections.abc import Iterator

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run
from dq.spec.edits import Edit


@RECOMMENDATIONS.register
class AlwaysMissing(Recommendation):
    """Name a field that never has a value, and take it out."""

    kind = "always_missing"
    otherwise = True
    title = "a field has no value in any record"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each field that is read and was missing in every record."""
        entered = run.tally.entered
        for name, profile in run.report["fields"].items():
            if not entered or profile["before"] is None or run.tally.missing[name] != entered:
                continue
            text = f"{name} has no value in any record: mend its path or its header, or take the field out"
            yield Advice(name, text, 0, (Edit("remove", ("fields", name)),), {"fields": [name], "share": 1.0})
