"""The index and the ledger: from any cell of the output back to its source, and through every change it had.

The index names the record that each accepted row was made from.  The ledger has one entry for each cell of an
accepted row and each step that changed it.  Text entries belong to cleaning; value entries to what comes after the
cast, which is itself not a change.  Applied to the raw cells in the order of the file, the entries give the output.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dq.errors import UsageError
from dq.plan.changes import AFTER, BEFORE, ROW
from dq.sinks.memory import MemoryWriter

if TYPE_CHECKING:
    from dq.engines.base import Recorder
    from dq.engines.inputs import Input
    from dq.outcome import Outcome
    from dq.plan.plan import CompiledPlan
    from dq.sinks.base import Writer
    from dq.sources.base import Chunk

INDEX_FILE, HELD_INDEX_FILE, LEDGER_FILE = "accepted.index.parquet", "held.index.parquet", "ledger.parquet"
INDEX = pl.Schema(
    {
        "row": pl.Int64(),
        "source": pl.String(),
        "record": pl.Int64(),
        "line": pl.Int64(),
        "offset": pl.Int64(),
        "length": pl.Int64(),
    }
)
LEDGER = pl.Schema(
    {
        "row": pl.Int64(),
        "source": pl.String(),
        "record": pl.Int64(),
        "field": pl.String(),
        "step": pl.String(),
        "stage": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
        "hidden": pl.Boolean(),
    }
)
KEY_BYTES = 16
"""The least length of a key."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """Which of index and ledger a run writes, and the key under which the ledger hashes values of `pii` fields.

    A ledger is of no use without its index, so it brings the index with it.  UsageError for a key that is too short
    to be one, or that nothing is hashed with.
    """

    index: bool = False
    ledger: bool = False
    key: bytes | None = None

    def __post_init__(self) -> None:
        """Judge the key."""
        if self.key is not None and not self.ledger:
            raise UsageError("a ledger key is given, but no ledger is asked for")
        if self.key is not None and len(self.key) < KEY_BYTES:
            raise UsageError(f"the ledger key has {len(self.key)} bytes; it needs at least {KEY_BYTES}")

    @property
    def indexes(self) -> bool:
        """Whether an index is written."""
        return self.index or self.ledger

    def recorders(self, plan: CompiledPlan, create: Callable[[str, pl.Schema], Writer]) -> list[Recorder]:
        """Return what watches the run; `create` makes the writer of a file."""
        found: list[Recorder] = []
        if self.indexes:
            found.append(Index(create(INDEX_FILE, INDEX)))
        if self.ledger:
            found.append(Ledger(plan, create(LEDGER_FILE, LEDGER), self.key))
        return found


NO_TRACING = Tracing()


class Index:
    """Writes, for each accepted row, which record it was made from, and where that stands."""

    def __init__(self, writer: Writer) -> None:
        """Write to this writer, which has the columns of INDEX."""
        self._writer = writer
        self._rows = 0

    def record(self, item: Input, chunk: Chunk, outcome: Outcome) -> None:
        """Append the accepted rows of one chunk."""
        rows = outcome.accepted_rows
        columns = {
            "row": np.arange(self._rows, self._rows + len(rows)),
            "source": [item.name] * len(rows),
            "record": chunk.record[rows],
            "line": chunk.raws.lines(rows),
            "offset": None if chunk.offset is None else chunk.offset[rows],
            "length": None if chunk.length is None else chunk.length[rows],
        }
        self._rows += len(rows)
        known = pl.DataFrame({name: values for name, values in columns.items() if values is not None})
        self._writer.write(known.match_to_schema(INDEX, missing_columns="insert", integer_cast="upcast"))

    def close(self) -> None:
        """Complete the file."""
        self._writer.close()

    def report(self) -> dict[str, Any]:
        """Return nothing: the report counts the changes by itself."""
        return {}


class Ledger:
    """Writes every change of an accepted cell: in order of row, and of each row in the order of the changes."""

    def __init__(self, plan: CompiledPlan, writer: Writer, key: bytes | None) -> None:
        """Write to this writer, which has the columns of LEDGER.

        Texts of `pii` fields are hashed with the key, on both sides; without one they are null and only `hidden`.
        """
        self._writer = writer
        self._types = {bound.name: bound.type for bound in plan.fields}
        self._hidden = frozenset(bound.name for bound in plan.fields if bound.pii)
        self._key = None if key is None else derived_key(key)
        self._rows = 0

    def record(self, item: Input, chunk: Chunk, outcome: Outcome) -> None:
        """Append the changes of one chunk."""
        accepted = outcome.accepted_mask()
        frames = [
            self._entry(frame, change.field, step, change.stage)
            for change in outcome.changes
            for step, frame in change.entries(accepted, self._types)
        ]
        numbers = np.cumsum(accepted) - 1 + self._rows
        self._rows += len(outcome.accepted_rows)
        if not frames:
            return
        entries = pl.concat(frames).sort(ROW, maintain_order=True)
        at = entries[ROW].to_numpy()
        places = pl.DataFrame({"row": numbers[at], "source": [item.name] * len(at), "record": chunk.record[at]})
        self._writer.write(pl.concat([places, entries.drop(ROW)], how="horizontal").match_to_schema(LEDGER))

    def _entry(self, changed: pl.DataFrame, field: str, step: str, stage: str) -> pl.DataFrame:
        """Return the changes of one step with its name, and without what must not be seen."""
        hidden = field in self._hidden
        if hidden:
            changed = changed.with_columns(hashed(changed[side], self._key) for side in (BEFORE, AFTER))
        names = {"field": field, "step": step, "stage": stage}
        return changed.select(
            ROW,
            *(pl.lit(text).alias(name) for name, text in names.items()),
            BEFORE,
            AFTER,
            pl.lit(hidden).alias("hidden"),
        )

    def close(self) -> None:
        """Complete the file."""
        self._writer.close()

    def report(self) -> dict[str, Any]:
        """Return nothing: the report counts the changes by itself."""
        return {}


def derived_key(key: bytes) -> bytes:
    """Return the key that BLAKE2b takes (32 bytes) of one of any length."""
    return hashlib.blake2b(key, digest_size=32, person=b"dq ledger").digest()


def hashed(texts: pl.Series, key: bytes | None) -> pl.Series:
    """Return BLAKE2b-128 of each text under a key, in hexadecimal; null where there is no text, or no key."""
    known: dict[str | None, str | None] = {None: None}
    for text in texts.unique():
        if text is not None:
            digest = hashlib.blake2b(text.encode(), key=key or b"", digest_size=16)
            known[text] = None if key is None else digest.hexdigest()
    return pl.Series(texts.name, [known[text] for text in texts], dtype=pl.String)


class MemoryTraces:
    """The index and the ledger of a run whose rows stay in memory."""

    def __init__(self) -> None:
        """Begin with neither."""
        self._writers: dict[str, MemoryWriter] = {}

    def create(self, name: str, schema: pl.Schema) -> MemoryWriter:
        """Begin one of them."""
        self._writers[name] = MemoryWriter(schema)
        return self._writers[name]

    def abort(self) -> None:
        """Forget all rows."""
        for writer in self._writers.values():
            writer.abort()

    def frame(self, name: str) -> pl.DataFrame | None:
        """Return one of them by the name of its file, or None if it was not begun."""
        return self._writers[name].frame() if name in self._writers else None
