"""Quotes inside of fields that are not quoted."""

from __future__ import annotations

from collections.abc import Iterator

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several, share_of
from dq.report.recommendations.sources import source_edits

CODE = "unreadable.bare_quote"


@RECOMMENDATIONS.register
class BareQuotes(Recommendation):
    """Let quotes be ordinary characters where a source writes them so: inches, names, sayings."""

    kind = "bare_quotes"
    title = "quotes stand inside of fields that are not quoted"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one where the only input has such records; of several, a person must say which."""
        count = run.tally.unreadable[CODE]
        if not count:
            return
        [source, *others] = [one for one in run.tally.sources if one.account.unreadable]
        lead = several(count, "record")
        text = (
            f"{lead} {'has' if count == 1 else 'have'} a quote inside of a field that is not quoted: if "
            "quotes are ordinary characters there (as of inches), say so"
        )
        edits = () if others else source_edits(run, source, ("bare_quotes",), "data")
        yield Advice("bare_quote", text, count, edits, {"share": share_of(count, run.tally.read), "code": CODE})
