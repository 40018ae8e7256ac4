"""The preview of a run: which cells each step would change, with a few examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.plan.changes import AFTER, BEFORE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq.engines.inputs import Input
    from dq.outcome import Outcome
    from dq.plan.plan import CompiledPlan
    from dq.sources.base import Chunk

EXAMPLES = 3


class Preview:
    """Keeps the first different changes that each step makes in accepted rows: a `Recorder`.

    Values of `pii` fields are not kept.
    """

    def __init__(self, plan: CompiledPlan) -> None:
        """Begin with no example."""
        self._types = {bound.name: bound.type for bound in plan.fields}
        self._hidden = frozenset(bound.name for bound in plan.fields if bound.pii)
        self._kept: dict[str, dict[tuple[str | None, str | None], None]] = {}

    def record(self, item: Input, chunk: Chunk, outcome: Outcome) -> None:
        """Take examples from one chunk, where some are wanted still."""
        del item, chunk
        accepted = outcome.accepted_mask()
        for change in outcome.changes:
            if change.field in self._hidden:
                continue
            for step, frame in change.entries(accepted, self._types):
                kept = self._kept.setdefault(step, {})
                if len(kept) < EXAMPLES:
                    pairs = frame.select(BEFORE, AFTER).unique(maintain_order=True).head(EXAMPLES)
                    kept.update(dict.fromkeys(pairs.iter_rows()))

    def close(self) -> None:
        """Nothing is to be completed."""

    def report(self) -> dict[str, Any]:
        """Return nothing: the preview is shown apart."""
        return {}

    def json(self, report: Mapping[str, Any]) -> dict[str, Any]:
        """Return the preview as JSON values: what the report of the run says of records and steps, and the examples."""
        steps = []
        for one in report["cleaning"]:
            pairs = list(self._kept.get(one["step"], ()))[:EXAMPLES]
            examples = [{"before": before, "after": after} for before, after in pairs]
            steps.append({**one, "hidden": one["field"] in self._hidden, "examples": examples})
        members = ("dq", "spec", "now", "verdict", "because", "records")
        return {"dry_run": True, **{name: report[name] for name in members}, "steps": steps}
