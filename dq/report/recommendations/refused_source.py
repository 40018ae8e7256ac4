"""An input that was refused as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run


@RECOMMENDATIONS.register
class RefusedSource(Recommendation):
    """Name the inputs that were not read at all, and why."""

    kind = "refused_source"
    title = "an input was not read at all"
    first = True
    otherwise = True

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each such input."""
        for source in run.tally.refused_sources:
            code, message = source.account.refused or ("", "")
            yield Advice(source.name, f"{source.name} was not read at all: {message}", 0, evidence={"code": code})
