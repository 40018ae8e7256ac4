"""Values that would match a pattern after one cleaning step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several, share_of
from dq.report.recommendations.reading import Counted, records_of
from dq.spec.edits import Edit
from dq.steps.base import TEXT_STEPS, NoParams

if TYPE_CHECKING:
    from dq.plan.bound import BoundCheck

STEPS = ("strip", "collapse_whitespace", "upper", "lower", "nfkc", "remove_control")
"""Steps without parameters that take nothing away but what is invisible or a matter of letter case."""


@RECOMMENDATIONS.register
class CleaningStep(Recommendation):
    """Find the step after which values that do not match a pattern would, and add it."""

    kind = "cleaning_step"
    title = "values would match their pattern after one cleaning step"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each pattern that refused such values."""
        for check in run.failing("pattern"):
            sample, field = run.tally.wrong.get(check["id"]), run.field_of(check)
            if sample is None or not sample.kept or not field.is_read:
                continue
            texts = sample.ranked()
            mended = {step: _mended(run, run.bound(check), step, texts) for step in STEPS}
            best = max(STEPS, key=lambda step: records_of(texts, mended[step]))
            records = records_of(texts, mended[best])
            if not records:
                continue
            named = [text for (text, _), good in zip(texts, mended[best], strict=True) if good][:3]
            text = (
                f"{several(records, 'refusal')} of {check['failed']:,} by {check['id']} (for example "
                f"{', '.join(named)}) would pass after `{best}`: clean so"
            )
            edit = Edit("append", ("fields", field.name, "clean"), best)
            yield Advice(
                check["id"], text, records, (edit,), {"share": share_of(records, check["failed"]), "values": named}
            )


def _mended(run: Run, check: BoundCheck, step: str, texts: Counted) -> list[bool]:
    """Return which texts pass a check after a step."""
    kind = TEXT_STEPS.find(step)
    if kind is None or check.check is None:
        return [False] * len(texts)
    frame = pl.DataFrame({"text": pl.Series([text for text, _ in texts], dtype=pl.String)})
    cleaned = frame.select(kind(NoParams()).expression(pl.col("text")))
    passes = check.check.expression(pl.col("text"), run.tally.now)
    return cleaned.select(passes.fill_null(value=False)).to_series().to_list()
