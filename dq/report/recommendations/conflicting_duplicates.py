"""Duplicates that say something else than the record that stays."""

from __future__ import annotations

from collections.abc import Iterator

from dq.dtypes.types import Family
from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several
from dq.spec.edits import Edit

NAMED = 3
_TEMPORAL = frozenset({Family.DATE, Family.DATETIME})


@RECOMMENDATIONS.register
class ConflictingDuplicates(Recommendation):
    """Say that the order of arrival decides between records that differ, and order them by their moment."""

    kind = "conflicting_duplicates"
    title = "duplicates differ, and the order of arrival decides which record stays"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one where records of one key differ and nothing orders them."""
        dedupe, counted = run.plan.dedupe, run.tally.duplicates
        if dedupe is None or dedupe.order_by is not None or not counted.conflicting:
            return
        differs = {field.name: counted.differs[field.name] for field in run.plan.fields if counted.differs[field.name]}
        ranked = sorted(differs.items(), key=lambda one: (-one[1], one[0]))
        named = ", ".join(f"{name} in {count:,}" for name, count in ranked[:NAMED])
        moments = [
            field.name
            for field in run.plan.fields
            if field.is_read and field.type.family in _TEMPORAL and not run.tally.missing[field.name]
        ]
        advice = f"order them by {moments[0]}" if len(moments) == 1 else "say by `order_by` which is the last"
        text = (
            f"{several(counted.conflicting, 'duplicate')} of {several(counted.keys_conflicting, 'key')} "
            f"{'says' if counted.conflicting == 1 else 'say'} something else than the record that stays ({named}), and "
            f"the order of arrival decides: {advice}"
        )
        edits = (Edit("set", ("dedupe", "order_by"), moments[0]),) if len(moments) == 1 else ()
        yield Advice("dedupe", text, counted.conflicting, edits, {"fields": list(differs), "observed": dict(ranked)})
