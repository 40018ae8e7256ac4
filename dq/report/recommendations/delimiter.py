"""A CSV file that is cut by another delimiter than the declared one."""

from __future__ import annotations

from collections.abc import Iterator

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run
from dq.report.recommendations.sources import source_edits

DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}


@RECOMMENDATIONS.register
class Delimiter(Recommendation):
    """Find the delimiter of a file whose header is one long name that holds the names of fields."""

    kind = "delimiter"
    title = "a CSV file has another delimiter"
    first = True

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each such input."""
        for source in run.tally.sources:
            header = source.account.header or ()
            if source.dialect["format"] != "csv" or len(header) != 1:
                continue
            cut = {mark: header[0].split(mark) for mark in DELIMITERS}
            known = {mark: [name for name in names if name in run.plan.by_name] for mark, names in cut.items()}
            best = max(known, key=lambda mark: len(known[mark]))
            if len(cut[best]) < 2 or not known[best] or best == source.dialect["delimiter"]:  # noqa: PLR2004 - one is no cut
                continue
            text = f"the columns of {source.name} are delimited by {DELIMITERS[best]}: declare it"
            edits = source_edits(run, source, ("delimiter",), best)
            yield Advice(source.name, text, source.account.records, edits, {"fields": known[best]})
