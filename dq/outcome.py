"""What becomes of a record: four doors, and the reasons of those that are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol, TypedDict

import numpy as np
import numpy.typing as npt
import orjson
import polars as pl

READABLE = "readable"
"""The id of the check that every run has: whether a record could be read at all."""


class Door(StrEnum):
    """The four doors.  Every record leaves through exactly one."""

    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"
    DEDUPLICATED = "deduplicated"
    FILTERED = "filtered"


class Reason(TypedDict):
    """Why one row was refused, or warned about, in the shape of `quarantine.jsonl`.

    `code` is the stable word of the fault (`between`, `type`, `unreadable.ragged`), `check` the id of the
    check that speaks.  `message` says what was expected and never holds the value; `value` does.
    """

    check: str
    code: str
    field: str | None
    value: Any
    message: str
    severity: str


@dataclass(frozen=True, slots=True)
class EventVerdict:
    """What became of one event: its door, the canonical record if it was accepted, and the reasons."""

    door: str
    record: dict[str, Any] | None
    reasons: list[Reason]

    @property
    def accepted(self) -> bool:
        """Whether the event was accepted."""
        return self.door == "accepted"


def json_texts(scalars: Sequence[str | float | bool | None]) -> list[bytes]:
    """Return the JSON text of each scalar, by one call for all: a reason or a record is put together from such.

    Indented, each scalar stands on a line of its own, and the JSON text of a scalar holds no line end.
    """
    return orjson.dumps(scalars, option=orjson.OPT_INDENT_2)[4:-2].split(b",\n  ") if scalars else []


@dataclass(slots=True)
class Counts:
    """How the rows that one check asked about answered.

    `skipped` rows had nothing to judge (null, or `where` not true); `blocked` ones a failed cast.
    """

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    blocked: int = 0

    def add(self, other: Counts) -> None:
        """Add another chunk's counts."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.blocked += other.blocked

    @property
    def evaluated(self) -> int:
        """Rows that got an answer."""
        return self.passed + self.failed


@dataclass(frozen=True, slots=True)
class Refused:
    """Rows of one chunk that are refused: their row numbers in the chunk, and the reasons of each.

    The reasons of a row are the JSON text of an array of `Reason`.
    """

    rows: npt.NDArray[np.int64]
    reasons: list[bytes]


Stage = Literal["text", "value"]
"""Before the cast cells are texts, after it values."""


class Change(Protocol):
    """Cells of one field of one chunk that one or several steps changed.

    `accepted` says of each row of the chunk whether it was accepted; `types` are the types of all fields.
    """

    @property
    def field(self) -> str:
        """The field."""

    @property
    def stage(self) -> Stage:
        """Whether texts were changed, or values."""

    def counts(self, accepted: npt.NDArray[np.bool_]) -> Iterator[tuple[str, int, int]]:
        """Yield each step with the number of cells that it changed, in all rows and in the accepted ones."""

    def entries(self, accepted: npt.NDArray[np.bool_], types: Mapping[str, Any]) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield each step with its changes of accepted rows: columns row (in the chunk), before and after (texts)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one chunk's readable rows.

    `accepted` has the canonical columns; `accepted_rows` and the other row numbers count from 0 within the
    chunk's cells.  `filtered` names the filter of each row, `deduplicated` the ordinal of the record that it
    lost to.  `changes` are the cells that steps changed, in the order in which that happened; `failures` holds,
    per failing check, the first failing rows with their values, for examples, and `wrong` all failing values of the
    checks of which recommendations are made (`dq.plan.evidence`).  `contents` has the content of the rows that share
    a key with others (`dq.plan.contents`), or is None where there are none.
    """

    accepted: pl.DataFrame
    accepted_rows: npt.NDArray[np.int64]
    refused: Refused
    filtered_rows: npt.NDArray[np.int64]
    filtered_by: list[str]
    deduplicated_rows: npt.NDArray[np.int64]
    lost_to: npt.NDArray[np.int64]
    counts: dict[str, Counts]
    changes: Sequence[Change]
    failures: dict[str, list[tuple[int, Any]]]
    text: pl.DataFrame
    aborted: str | None = None
    contents: pl.DataFrame | None = None
    wrong: Mapping[str, pl.Series] = field(default_factory=dict)

    def accepted_mask(self) -> npt.NDArray[np.bool_]:
        """Return, for each row of the chunk, whether it was accepted."""
        mask = np.zeros(self.text.height, dtype=np.bool_)
        mask[self.accepted_rows] = True
        return mask
