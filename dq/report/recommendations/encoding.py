"""An encoding that does not fit."""

from __future__ import annotations

from collections.abc import Iterator

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several, share_of
from dq.report.recommendations.sources import source_edits
from dq.sources.guessing import CANDIDATES

CODE = "unreadable.encoding"
SURE = 0.9
"""The least share of the records that were looked at that must look like one encoding."""


@RECOMMENDATIONS.register
class Encoding(Recommendation):
    """Find the encoding of records that the declared one cannot decode, by their letters, and declare it."""

    kind = "encoding"
    title = "records are in another encoding than the declared one"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one where the undecodable records of an input look like one encoding."""
        for source in run.tally.sources:
            names = sorted(source.looks_like, key=lambda name: (-source.looks_like[name], CANDIDATES.index(name)))
            if not names or source.looks_like[names[0]] < SURE * source.looked_at:
                continue
            count = source.undecodable
            text = (
                f"{several(count, 'record')} of {source.name} cannot be decoded as {source.dialect['encoding']} and "
                f"{'looks' if count == 1 else 'look'} like {names[0]}: declare it"
            )
            evidence = {"share": share_of(source.looks_like[names[0]], source.looked_at), "code": CODE}
            yield Advice("encoding", text, count, source_edits(run, source, ("encoding",), names[0]), evidence)
