"""One record under the microscope: what every step, the cast and every check make of it, as JSON values.

The kernel is that of every run; this only writes down what stands between its halves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import polars as pl

from dq.diagnostics import did_you_mean
from dq.engines.inputs import memory_source
from dq.engines.records import filtered_reason, unreadable_reason
from dq.errors import UsageError
from dq.outcome import Door
from dq.plan.changes import AFTER, BEFORE
from dq.plan.cleaning import missing_to_null
from dq.plan.decisions import Decisions
from dq.plan.entry import Entry
from dq.plan.plan import Kernel
from dq.plan.rows import blocked_column, fails_column, json_values
from dq.sources.frame import IterableReader
from dq.steps.base import beside_column

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dq.outcome import Outcome, Reason
    from dq.plan.bound import BoundCheck, BoundSource
    from dq.plan.cleaning import FieldText
    from dq.plan.entry import Prepared
    from dq.plan.plan import CompiledPlan
    from dq.plan.rows import Rows
    from dq.sources.base import Account, Chunk

HIDDEN = "[personal data]"
_WORDS = ("passed", "failed", "skipped", "blocked")


@dataclass(frozen=True)
class Trial:
    """What becomes of single records by a plan.

    `fitted` is what a state applies (`State.thaw`), and `source` the name of the source whose paths and words the
    record has; None for records that have the names of the fields, or those of the only source of JSON.  Values of
    personal data are shown only with `show_pii`.
    """

    plan: CompiledPlan
    fitted: Mapping[str, Any]
    source: str | None = None
    show_pii: bool = False

    def of(self, item: Mapping[str, Any] | str | bytes, now: datetime) -> dict[str, Any]:
        """Return what becomes of a record, step by step.  UsageError for a source that the plan does not have."""
        alone, source = self.plan.alone(), self._source()
        reader = IterableReader(source.dialect, [item])
        chunk = next(iter(reader.chunks()))
        if chunk.unreadable:
            return self._told(Door.QUARANTINED, reasons=[unreadable_reason(chunk.unreadable[0])])
        kernel = Kernel(alone, now)
        rows = kernel.enter(chunk, source)
        entered = rows.frame
        outcome = kernel.leave(rows, 0, Decisions(fitted={**self.plan.stated, **self.fitted}))
        left = rows.frame if rows.frame.height else entered
        prepared = Entry(alone, now).prepared(source)
        fields = [self._field(name, chunk, rows, left, prepared, outcome) for name in alone.by_name]
        door, reasons = _door(outcome)
        record = self._record(outcome) if door is Door.ACCEPTED else None
        checks = [self._check(check, outcome) for check in alone.checks if check.id in outcome.counts]
        return self._told(door, fields, checks, reasons, record, _unknown(reader.account, source))

    def _source(self) -> BoundSource:
        """Return the source that says where the fields of the record stand."""
        if self.source is None:
            return memory_source(self.plan, "jsonl")
        known = [source.name for source in self.plan.sources]
        if self.source not in known:
            near = did_you_mean(self.source, known)
            hint = f"; did you mean {near!r}?" if near else ""
            raise UsageError(f"the spec has no source called {self.source!r}{hint}")
        return self.plan.source(self.source)

    def _told(
        self,
        door: Door,
        fields: list[dict[str, Any]] | None = None,
        checks: list[dict[str, Any]] | None = None,
        reasons: list[Reason] | None = None,
        record: dict[str, Any] | None = None,
        unknown: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Put together what is told."""
        plan = self.plan
        sets = [check.id for check in plan.checks if check.keys]
        return {
            "spec": {"event": plan.event, "version": plan.version, "fingerprint": plan.fingerprint},
            "door": str(door),
            "fields": fields or [],
            "unknown": unknown or [],
            "checks": checks or [],
            "reasons": [self._reason(reason) for reason in reasons or []],
            "record": record,
            "not_asked": [
                *sets,
                *(["dedupe"] if plan.dedupe else []),
                *(bound.id for bound in plan.expectations),
                *(bound.id for bound in (plan.ml.checks if plan.ml else ())),
            ],
        }

    def _field(
        self, name: str, chunk: Chunk, rows: Rows, left: pl.DataFrame, prepared: Prepared, outcome: Outcome
    ) -> dict[str, Any]:
        """Return what becomes of one field."""
        bound = self.plan.by_name[name]
        entry = next((each for each in prepared.entries if each.field.name == name), None)
        found = chunk.cells[name][0] if entry is not None else None
        steps = _steps(entry, chunk, rows.text) if entry is not None and found is not None else []
        failed = bool(left[blocked_column(name)][0]) if blocked_column(name) in left.columns else False
        value = json_values(left[name])[0] if name in left.columns else None
        told = {
            "field": name,
            "from": "record" if entry is not None else "lookup" if bound.lookup is not None else "derived",
            "found": found,
            "missing": found is not None and not steps and rows.text[name][0] is None,
            "steps": steps,
            "type": str(bound.type),
            "unreadable": failed,
            "changes": _changes(name, outcome, {each.name: each.type for each in self.plan.fields}),
            "value": value,
        }
        return told if self.show_pii or not bound.pii else _hidden(told)

    def _check(self, check: BoundCheck, outcome: Outcome) -> dict[str, Any]:
        """Return the answer of a check."""
        counts = outcome.counts[check.id]
        answer = next((word for word in _WORDS if getattr(counts, word)), "skipped")
        return {
            "check": check.id,
            "field": check.field,
            "answer": answer,
            "expected": check.expected,
            "severity": check.severity,
            "on_fail": check.on_fail,
        }

    def _reason(self, reason: Reason) -> dict[str, Any]:
        """Return a reason without values of personal data."""
        value = reason["value"]
        if isinstance(value, dict):
            value = {name: HIDDEN if self._hides(name) else inner for name, inner in value.items()}
        elif reason["field"] is not None and self._hides(reason["field"]) and value is not None:
            value = HIDDEN
        return {**reason, "value": value}

    def _hides(self, name: str) -> bool:
        """Whether the values of a field are not shown."""
        return not self.show_pii and name in self.plan.by_name and self.plan.by_name[name].pii

    def _record(self, outcome: Outcome) -> dict[str, Any]:
        """Return the accepted record in the order of the output; what is masked there is named and not computed."""
        record: dict[str, Any] = {}
        for name in self.plan.output_fields:
            mask = self.plan.by_name[name].mask if name in self.plan.by_name else None
            value = json_values(outcome.accepted[name])[0]
            if mask == "drop":
                continue
            hidden = HIDDEN if value is not None and self._hides(name) else value
            record[name] = hidden if mask is None or value is None else f"[{mask}]"
        return record


def _door(outcome: Outcome) -> tuple[Door, list[Reason]]:
    """Return the door by which the only record left, and its reasons."""
    if len(outcome.filtered_by):
        return Door.FILTERED, [filtered_reason(outcome.filtered_by[0])]
    if outcome.refused.reasons:
        reasons: list[Reason] = orjson.loads(outcome.refused.reasons[0])
        return Door.QUARANTINED, reasons
    return Door.ACCEPTED, []


def _steps(entry: FieldText, chunk: Chunk, cleaned: pl.DataFrame) -> list[dict[str, Any]]:
    """Return each step of `clean` with the text before and after it, and where one refuses it, that and no more.

    `cleaned` has the texts of all fields as cleaning left them: steps may read those of other fields.
    """
    name = entry.field.name
    text = missing_to_null([chunk.cells[name]], entry.missing)[0].item()
    beside = {beside_column(other): _told(other, cleaned) for other in entry.field.beside}
    refusing = {check.step or 0 for check in entry.refusing}
    steps: list[dict[str, Any]] = []
    for number, bound in enumerate(entry.field.steps):
        if text is None or (steps and steps[-1]["refused"]):
            break
        frame = pl.DataFrame({name: [text], **beside}, schema=dict.fromkeys([name, *beside], pl.String))
        refused = bound.step.refused(pl.col(name)) if number in refusing else None
        refuses = refused is not None and frame.select(refused.fill_null(value=False)).item()
        after = frame.select(bound.step.expression(pl.col(name)).alias(name)).item()
        steps.append({"step": bound.step.kind, "before": text, "after": after, "refused": refuses})
        text = after
    return steps


def _told(name: str, cleaned: pl.DataFrame) -> list[str | None]:
    """Return the text of a field that the steps of others are given: none where cleaning refused it."""
    refused = [column for column in cleaned.columns if column.startswith(fails_column(f"{name}."))]
    return [None] if any(cleaned[column][0] for column in refused) else [cleaned[name][0]]


def _changes(name: str, outcome: Outcome, types: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what steps after the cast made of a field: repair, imputation, a table."""
    everything = np.ones(outcome.text.height, dtype=np.bool_)
    found = []
    for change in outcome.changes:
        if change.field == name and change.stage == "value":
            for step, frame in change.entries(everything, types):
                found += [{"step": step, "before": row[BEFORE], "after": row[AFTER]} for row in frame.to_dicts()]
    return found


def _hidden(told: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of a field of personal data: that texts are there and change, and not which."""

    def cover(value: Any) -> Any:
        return None if value is None else HIDDEN

    steps = [
        {
            **step,
            "before": cover(step["before"]),
            "after": cover(step["after"]),
            "changed": step["before"] != step["after"],
        }
        for step in told["steps"]
    ]
    changes = [{**each, "before": cover(each["before"]), "after": cover(each["after"])} for each in told["changes"]]
    return {**told, "found": cover(told["found"]), "steps": steps, "changes": changes, "value": cover(told["value"])}


def _unknown(account: Account, source: BoundSource) -> list[dict[str, Any]]:
    """Return the keys of the record that no field is read from, each with the path that was probably meant."""
    paths = list(source.dialect.fields.values())
    return [{"key": name, "meant": did_you_mean(name, paths)} for name in account.unknown]
