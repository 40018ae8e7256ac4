"""Duplicates of one key: which say the same once more, and which say something else.

The full pass gives the content of every record that lost to another with the same key, and of those that they
lost to; it goes to a spill, since the two may lie far apart.  When everything was read, the contents are
compared, value by value, as many groups at once as the memory of a barrier holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import orjson
import polars as pl

from dq.dtypes.types import Family
from dq.engines.keys import INPUT, RECORD
from dq.engines.spill import Spill
from dq.outcome import Reason
from dq.plan.contents import differing, read_fields
from dq.plan.rows import ORDINAL, ROW, json_values, own_texts
from dq.plan.tally import EXAMPLES, Conflict, Duplicates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    import numpy.typing as npt

    from dq.engines.base import Settings
    from dq.engines.near import Near
    from dq.plan.decisions import Decisions
    from dq.plan.plan import CompiledPlan

_SLOT = "\x00slot"
_LOSER = "\x00loser"


_EARLIER, _NEAR, _LINKED = range(3)  # the numbers of the reasons that need no comparison


class Comparison:
    """Collects the contents of duplicates while the run goes on, and compares them at its end."""

    def __init__(self, plan: CompiledPlan, settings: Settings) -> None:
        """Begin with nothing; used as a context, which removes what was spilled."""
        self._fields = read_fields(plan.fields)
        self._memory = settings.memory
        self._spill = Spill(settings.memory, settings.workdir)
        self._bytes = 0
        self._patterns: dict[bytes, int] = {}
        self._reasons = [orjson.dumps([reason]) for reason in _OUTRIGHT]
        self._pattern_of: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def __enter__(self) -> Self:
        self._spill.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spill.__exit__(kind, error, trace)

    def add(self, contents: pl.DataFrame | None, first: int, number: int, record: npt.NDArray[np.int64]) -> None:
        """Take the contents of one chunk of input `number` whose first row has the ordinal `first`."""
        if contents is None:
            return
        rows = contents[ROW].to_numpy().astype(np.int64)
        frame = contents.drop(ROW).with_columns(
            pl.Series(ORDINAL, rows + first, dtype=pl.Int64),
            pl.Series(INPUT, np.full(len(rows), number), dtype=pl.Int64),
            pl.Series(RECORD, record[rows], dtype=pl.Int64),
        )
        self._bytes += int(frame.estimated_size())
        self._spill.add(frame)

    def compare(self, decisions: Decisions, near: Near | None, names: list[str]) -> Duplicates:
        """Compare every record that lost by its key with the one it lost to; `names` are the names of the inputs."""
        counted = Duplicates()
        self._pattern_of = np.zeros(len(decisions.losers), dtype=np.int64)
        counted.earlier = int((decisions.winners < 0).sum())
        by_key = decisions.winners >= 0
        if near is not None:
            scores = near.at(decisions.losers)
            by_key &= np.isnan(scores)
            self._pattern_of = np.where(np.isnan(scores), _EARLIER, np.where(scores < near.threshold, _LINKED, _NEAR))
        groups = Groups.of(np.flatnonzero(by_key), decisions)
        conflicting = np.zeros(len(groups.winners), dtype=np.bool_)
        for losers, winners in self._pairs(groups):
            differs = np.column_stack([differing(losers, winners, field.name) for field in self._fields])
            index = losers[_LOSER].to_numpy()
            self._pattern_of[index] = self._numbers(differs)
            other = differs.any(axis=1)
            conflicting[losers[_SLOT].to_numpy()[other]] = True
            counted.natural += int((~other).sum())
            counted.conflicting += int(other.sum())
            for field, column in zip(self._fields, differs.T, strict=True):
                counted.differs[field.name] += int(column.sum())
            self._measure(losers, winners, counted)
            counted.examples += self._examples(losers, winners, differs, names)
            counted.examples = sorted(counted.examples, key=lambda one: one.ordinal)[:EXAMPLES]
        counted.keys_conflicting = int(conflicting.sum())
        return counted

    def _measure(self, losers: pl.DataFrame, winners: pl.DataFrame, counted: Duplicates) -> None:
        """Note how far moments that differ are apart in these pairs."""
        for field in self._fields:
            if field.pii or field.type.family is not Family.DATETIME or not counted.differs[field.name]:
                continue
            apart = losers[field.name] - winners[field.name]
            apart = apart.filter(apart != timedelta(0)).drop_nulls()
            if len(apart):
                ends = [*counted.apart.get(field.name, ()), apart.min(), apart.max()]
                counted.apart[field.name] = (min(ends), max(ends))

    def reasons_of(self, losers: list[int]) -> list[bytes]:
        """Return the JSON text of the reasons of records that lost, by their numbers among them."""
        return [self._reasons[pattern] for pattern in self._pattern_of[losers].tolist()]

    def _pairs(self, groups: Groups) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Yield frames of records that lost, aligned with frames of what they lost to, some groups at a time."""
        parts = min(len(groups.winners), 1 + self._bytes // max(self._memory, 1))
        for part in range(parts):
            low, high = (len(groups.winners) * number // parts for number in (part, part + 1))
            frame = pl.concat(groups.among(one, low, high) for one in self._spill.frames())
            losers = frame.filter(pl.col(_LOSER) >= 0)
            winners = frame.filter(pl.col(_LOSER) < 0).sort(_SLOT)
            yield losers, winners[np.searchsorted(winners[_SLOT].to_numpy(), losers[_SLOT].to_numpy())]

    def _numbers(self, differs: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Return for each row the number of the set of fields that differ, and write down the reasons of new sets."""
        packed = np.ascontiguousarray(np.packbits(differs, axis=1))
        keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
        distinct, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        numbers = np.empty(len(distinct), dtype=np.int64)
        for at, key in enumerate(distinct.tolist()):
            if key not in self._patterns:
                self._patterns[key] = len(self._reasons)
                names = [field.name for field, other in zip(self._fields, differs[first[at]], strict=True) if other]
                self._reasons.append(orjson.dumps([_difference(names)]))
            numbers[at] = self._patterns[key]
        return numbers[inverse]

    def _examples(
        self, losers: pl.DataFrame, winners: pl.DataFrame, differs: npt.NDArray[np.bool_], names: list[str]
    ) -> list[Conflict]:
        """Return the earliest conflicts of these pairs, with their values where they may be shown."""
        rows = np.flatnonzero(differs.any(axis=1))
        rows = rows[np.argsort(losers[ORDINAL].to_numpy()[rows])][:EXAMPLES]
        found = []
        for row in rows.tolist():
            lost, kept = losers[row], winners[row]
            values: dict[str, Any] = {}
            for field, other in zip(self._fields, differs[row].tolist(), strict=True):
                if other:
                    pair = (json_values(lost[field.name])[0], json_values(kept[field.name])[0])
                    values[field.name] = None if field.pii else pair
            places = [(names[frame[INPUT][0]], int(frame[RECORD][0])) for frame in (lost, kept)]
            found.append(Conflict(int(lost[ORDINAL][0]), places[0], places[1], values))
        return found


@dataclass(frozen=True, slots=True)
class Groups:
    """The records that lost by their key, grouped by what they lost to.

    `index` is the number of each among all that lost, `losers` its ordinal, both sorted; `slots` is its group, the
    place of its winner among the distinct `winners`.
    """

    index: npt.NDArray[np.int64]
    losers: npt.NDArray[np.int64]
    slots: npt.NDArray[np.int64]
    winners: npt.NDArray[np.int64]

    @classmethod
    def of(cls, index: npt.NDArray[np.int64], decisions: Decisions) -> Groups:
        """Return the groups of the records with these numbers among those that lost."""
        winners = np.unique(decisions.winners[index])
        slots = np.searchsorted(winners, decisions.winners[index])
        return cls(index, decisions.losers[index], slots, winners)

    def among(self, frame: pl.DataFrame, low: int, high: int) -> pl.DataFrame:
        """Return the rows of the groups from `low` to before `high`, with their group and their number.

        The number is -1 for a record that others lost to.
        """
        ordinals = frame[ORDINAL].to_numpy()
        at = np.minimum(np.searchsorted(self.losers, ordinals), len(self.losers) - 1)
        lost = self.losers[at] == ordinals
        slot = np.where(lost, self.slots[at], np.searchsorted(self.winners, ordinals))
        here = (slot >= low) & (slot < high)
        found = frame.with_columns(
            pl.Series(_SLOT, slot, dtype=pl.Int64),
            pl.Series(_LOSER, np.where(lost, self.index[at], -1), dtype=pl.Int64),
        ).filter(pl.Series(here))
        return own_texts(found)


def _difference(differs: list[str]) -> Reason:
    """Return why a record was removed that has the key of another one and differs from it in these fields."""
    if not differs:
        return _reason("duplicate.natural", "another record has the same key and the same content")
    return _reason("duplicate.conflict", f"another record has the same key, and another value of {', '.join(differs)}")


def _reason(code: str, message: str) -> Reason:
    return {"check": "dedupe", "code": code, "field": None, "value": None, "message": message, "severity": "error"}


_OUTRIGHT = (
    _reason("duplicate.earlier", "a row of an earlier output has the same key"),
    _reason("duplicate.near", "another record is nearly the same"),
    _reason("duplicate.near", "another record is nearly the same, by way of others"),
)
