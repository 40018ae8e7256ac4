"""A source that brings nothing new."""

from __future__ import annotations

from collections.abc import Iterator

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run


@RECOMMENDATIONS.register
class StaleSource(Recommendation):
    """Name a field whose newest value is too old: its producer is to be asked, for no line of a spec makes it newer."""

    kind = "stale_source"
    title = "the newest record is older than it may be"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each expectation of freshness that failed."""
        for item in run.report["expectations"]:
            if item["kind"] != "freshness" or item["verdict"] not in {"fail", "warn"}:
                continue
            newest = "" if item["observed"] is None else f" is of {item['observed']}, which"
            text = (
                f"the newest {item['field']}{newest} is too old ({item['expected']}): ask its "
                "producer whether the last batches arrived"
            )
            yield Advice(item["id"], text, run.tally.accepted, evidence={"fields": [item["field"]]})
