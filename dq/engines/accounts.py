"""Counting: what became of each chunk goes into the tally, whoever drives the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dq.engines.waived import count_waived
from dq.outcome import Door
from dq.plan.changes import count as count_changes
from dq.plan.tally import EXAMPLES, Example
from dq.states.profile import profile_text, profile_values
from dq.states.sample import Sample

if TYPE_CHECKING:
    from dq.outcome import Outcome
    from dq.plan.plan import CompiledPlan
    from dq.plan.tally import SourceTally, Tally
    from dq.sources.base import Chunk


class Accounts:
    """Fills the tally of a run."""

    def __init__(self, plan: CompiledPlan, tally: Tally, waived: frozenset[str] = frozenset()) -> None:
        """Add to a tally; rows that only `waived` checks refuse are counted apart."""
        self.plan = plan
        self.tally = tally
        self.waived = waived

    def count(self, source: SourceTally, chunk: Chunk, outcome: Outcome) -> None:
        """Count what became of a chunk of this source."""
        doors = {
            Door.ACCEPTED: len(outcome.accepted_rows),
            Door.QUARANTINED: len(outcome.refused.rows) + len(chunk.unreadable),
            Door.DEDUPLICATED: len(outcome.deduplicated_rows),
            Door.FILTERED: len(outcome.filtered_rows),
        }
        source.doors.update(doors)
        self.tally.doors.update(doors)
        self.tally.read += chunk.records
        self.tally.entered += len(chunk.record) - len(outcome.filtered_rows)
        for check, counts in outcome.counts.items():
            self.tally.checks[check].add(counts)
        for step, (changed, accepted) in count_changes(outcome.changes, outcome.accepted_mask()).items():
            self.tally.changed[step] += changed
            self.tally.changed_accepted[step] += accepted
        self.tally.waived += count_waived(self.plan, outcome.refused, self.waived)
        self.tally.filtered.update(outcome.filtered_by)
        for check, values in outcome.wrong.items():
            self.tally.wrong[check] = self.tally.wrong.get(check, Sample()).merge(Sample.fit(values))
        self._count_missing(outcome)
        self._keep_examples(source, chunk, outcome)

    def _count_missing(self, outcome: Outcome) -> None:
        """Count missing values before repair, over the records that were not filtered."""
        text = outcome.text
        if len(outcome.filtered_rows):
            stay = np.ones(text.height, dtype=np.bool_)
            stay[outcome.filtered_rows] = False
            text = text.filter(stay)
        for bound in self.plan.fields:
            if bound.name in text.columns:
                self.tally.missing[bound.name] += text[bound.name].null_count()

    def _keep_examples(self, source: SourceTally, chunk: Chunk, outcome: Outcome) -> None:
        """Keep the first failing records of each check, without values of personal data."""
        hidden = {bound.name for bound in self.plan.fields if bound.pii}
        checks = {check.id: check for check in self.plan.checks}
        for name, failures in outcome.failures.items():
            kept = self.tally.examples.setdefault(name, [])
            shown = failures[: EXAMPLES - len(kept)]
            if not shown:
                continue
            rows = np.array([row for row, _ in shown], dtype=np.int64)
            known = chunk.raws.lines(rows)
            lines: list[int | None] = [None] * len(rows) if known is None else [*known]
            secret = bool(checks[name].reads & hidden) or checks[name].kind == "unknown_fields"
            for row, line, (_, value) in zip(rows.tolist(), lines, shown, strict=True):
                kept.append(Example(source.name, int(chunk.record[row]), line, None if secret else value))
        for item in chunk.unreadable:
            self.tally.unreadable[item.code] += 1
            if item.code == "unreadable.encoding":
                source.note_undecodable(item.raw)
            kept = self.tally.unreadable_examples.setdefault(item.code, [])
            if len(kept) < EXAMPLES:
                kept.append(Example(source.name, item.record, item.line, None))

    def begin_profiles(self) -> None:
        """Begin with profiles of nothing, so that an input without records is reported alike in every form."""
        for bound in self.plan.fields:
            if bound.is_read:
                self.tally.before[bound.name] = profile_text(pl.Series(dtype=pl.String))
            self.tally.after[bound.name] = profile_values(pl.Series(dtype=bound.type.polars), bound.type)

    def profile(self, outcome: Outcome) -> None:
        """Add a chunk to the profiles of its texts and of its accepted values."""
        for bound in self.plan.fields:
            name, series = bound.name, outcome.accepted[bound.name]
            if name in outcome.text.columns:
                self.tally.before[name] = self.tally.before[name].update(outcome.text[name])
            self.tally.after[name] = self.tally.after[name].update(series)
