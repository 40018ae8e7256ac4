"""A field that is missing everywhere, beside an unknown one of nearly the same name."""

from __future__ import annotations

from collections.abc import Iterator

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run
from dq.report.recommendations.sources import other_names, source_edits


@RECOMMENDATIONS.register
class RenamedField(Recommendation):
    """Find the name under which a source sends a field that seems to be missing, and read it from there."""

    kind = "renamed_field"
    title = "a field arrives under another name"
    first = True

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each field that an input has under another name."""
        for source in run.tally.sources:
            for name, other in other_names(run, source).items():
                text = f"{source.name} has no {name}, and seems to send it as {other}: read it from there"
                edits = source_edits(run, source, ("fields", name), other)
                yield Advice(name, text, source.account.records, edits, {"fields": [name]})
