"""Records that could not be framed or parsed."""

from __future__ import annotations

from collections.abc import Iterator

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several

ADVICE = {
    "unreadable.ragged": "the delimiter or a missing quote is the usual cause",
    "unreadable.bare_quote": "if quotes are ordinary characters there, declare bare_quotes: data",
    "unreadable.suspect_quote": "if text really spans lines there, declare multiline: trust",
    "unreadable.quote": "a quote was opened and not closed at the end of its field",
    "unreadable.encoding": "declare the source's encoding",
}


@RECOMMENDATIONS.register
class UnreadableRecords(Recommendation):
    """Name records that could not be read: the dialect of the source, or its producer, is to be mended."""

    kind = "unreadable_records"
    title = "records could not be framed or parsed"
    otherwise = True

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each fault of form."""
        for code in sorted(run.tally.unreadable):
            hint = ADVICE.get(code, "look at the raw text in quarantine.jsonl")
            count = run.tally.unreadable[code]
            text = f"{several(count, 'record')} could not be read ({code}): {hint}"
            yield Advice(code.removeprefix("unreadable."), text, count, evidence={"code": code})
