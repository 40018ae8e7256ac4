"""Records that are not accepted, as the sinks take them: their raw text, their place, and their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dq.engines.base import format_now
from dq.outcome import Reason
from dq.sinks.quarantine import RecordBatch

if TYPE_CHECKING:
    import numpy.typing as npt

    from dq.plan.bound import BoundSource
    from dq.sources.base import Chunk, Unreadable


DUPLICATE: Reason = {
    "check": "dedupe",
    "code": "duplicate.stream",
    "field": None,
    "value": None,
    "message": "an event with the same key was accepted before, within the window",
    "severity": "error",
}
"""Why a stream takes out an event."""


class Origin(Protocol):
    """Where records are from: an input, by the name that it has in outputs, and how it is read."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def source(self) -> BoundSource:
        """How it is read."""


def records_at(item: Origin, chunk: Chunk, rows: npt.NDArray[np.int64], reasons: Sequence[Any]) -> RecordBatch:
    """Return the records of these rows with their raw text and place."""
    return RecordBatch(
        source=chunk.origin or item.name,
        record=chunk.record[rows],
        raw=chunk.raws.raw(rows),
        reasons=reasons,
        line=chunk.raws.lines(rows),
        offset=chunk.offset[rows] if chunk.offset is not None else None,
        length=chunk.length[rows] if chunk.length is not None else None,
        encoding=item.source.dialect.encoding,
        now=None if chunk.now is None else format_now(chunk.now),
    )


def merge_unreadable(batch: RecordBatch, unreadable: list[Unreadable], *, placed: bool) -> RecordBatch:
    """Return the batch with unreadable records put in by record number."""
    reasons = [[unreadable_reason(u)] for u in unreadable]
    record = np.concatenate([np.asarray(batch.record, dtype=np.int64), [u.record for u in unreadable]]).astype(np.int64)
    order = np.argsort(record, kind="stable").tolist()

    def merged(own: Any, theirs: list[Any]) -> list[Any]:
        both = [
            *(own.tolist() if isinstance(own, np.ndarray) else own if own is not None else [None] * len(batch.record))
        ]
        both.extend(theirs)
        return [both[i] for i in order]

    return replace(
        batch,
        record=record[order],
        raw=merged(batch.raw, [u.raw for u in unreadable]),
        reasons=merged(batch.reasons, reasons),
        line=merged(batch.line, [u.line for u in unreadable]),
        offset=merged(batch.offset, [u.offset for u in unreadable]) if placed else None,
        length=merged(batch.length, [u.length for u in unreadable]) if placed else None,
        sha256=merged(None, [u.sha256 for u in unreadable]),
    )


def unreadable_reason(item: Unreadable) -> Reason:
    """Return why a record could not be read, as a reason."""
    return {
        "check": item.code,
        "code": item.code,
        "field": None,
        "value": None,
        "message": item.message,
        "severity": "error",
    }


def filtered_reason(check: str) -> Reason:
    """Return the reason of a record that a filter does not keep."""
    message = "the record is not kept by this filter"
    return {"check": check, "code": "filtered", "field": None, "value": None, "message": message, "severity": "error"}
