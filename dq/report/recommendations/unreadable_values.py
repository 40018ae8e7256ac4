"""Values that cannot be read as their type, and no other kind says why."""

from __future__ import annotations

from collections.abc import Iterator

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, counted, examples


@RECOMMENDATIONS.register
class UnreadableValues(Recommendation):
    """Name fields whose values could not be read as their type: their producer is to be asked."""

    kind = "unreadable_values"
    title = "values cannot be read as the type of their field"
    otherwise = True

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each field that has such values."""
        for check in run.failing("type"):
            text = f"{counted(check, examples(check))} cannot be read as {run.field_of(check).type}"
            advice = "clean them, or mend them where they come from"
            yield Advice(check["id"], f"{text}: {advice}", check["failed"], evidence={"values": examples(check)})
