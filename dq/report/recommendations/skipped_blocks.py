"""Blocks of near duplicates that were too large to be compared."""

from __future__ import annotations

from collections.abc import Iterator

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several


@RECOMMENDATIONS.register
class SkippedBlocks(Recommendation):
    """Say how many records of large blocks were not compared with one another."""

    kind = "skipped_blocks"
    title = "blocks were too large for their records to be compared"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one where blocks were left out."""
        dedupe, matching = run.plan.dedupe, run.tally.matching
        if dedupe is None or dedupe.match is None or matching is None or not matching.blocks_skipped:
            return
        blocks, most = several(matching.blocks_skipped, "block"), dedupe.match.max_block
        text = (
            f"{blocks} of more than {most:,} records not compared, "
            f"with {several(matching.records_skipped, 'record')} in them: add a field to the blocks, or raise max_block"
        )
        yield Advice("match", text, matching.records_skipped)
