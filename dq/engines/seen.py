"""Duplicates in a stream: in the order of arrival, among the events accepted lately.

An event that is refused is not remembered, so that a corrected one is taken.  The clock is the moment of arrival.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import numpy as np
import orjson
import polars as pl

from dq.dtypes.render import text_of
from dq.outcome import Door, Outcome, Reason, Refused
from dq.plan.rows import json_values
from dq.sinks.quarantine import LostTo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from dq.plan.plan import CompiledPlan
    from dq.plan.rows import Rows
    from dq.plan.stream_rule import StreamRule
    from dq.sources.base import Chunk

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIME = "\x00time"

Sight = tuple[int, str, int]
"""When a key was accepted (microseconds since 1970), and the source and the number of the record that had it."""


class Memory(Protocol):
    """Where keys are remembered."""

    def seen(self, keys: list[bytes]) -> dict[bytes, Sight]:
        """Return which of these keys are remembered."""

    def remember(self, sights: Iterable[tuple[bytes, Sight]]) -> None:
        """Remember keys, in the place of what was known of them."""

    def forget(self, before: int, most: int) -> int:
        """Forget the keys of before a moment, and of more than `most` the oldest; return how many of these."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """The keys of the rows of a chunk, None where a part is missing, and their moments, None without a field for it."""

    keys: list[bytes | None]
    times: pl.Series | None


class SeenKeys:
    """The duplicates of one stream, by a rule and what is remembered."""

    def __init__(
        self, plan: CompiledPlan, key: Sequence[str], rule: StreamRule, memory: Memory, shelf: bytes = b""
    ) -> None:
        """Prepare to find keys; `plan` knows the fields, and `shelf` tells its keys from those of other plans."""
        self.rule = rule
        self.forgotten = 0  # keys that were forgotten before their time: there were more than `max_keys`
        self._memory = memory
        self._shelf = shelf
        self._texts = [text_of(plan.by_name[name].type, pl.col(name)).alias(name) for name in key]

    def of(self, rows: Rows) -> Keyed:
        """Return the keys of rows that have entered: as they were read, before anything is repaired or filled."""
        texts = rows.frame.select(self._texts)
        keys = [None if None in values else self._shelf + orjson.dumps(values) for values in texts.iter_rows()]
        return Keyed(keys, rows.frame[self.rule.time] if self.rule.time is not None else None)

    def settle(
        self, keyed: Keyed, outcome: Outcome, chunk: Chunk, source: str, now: datetime
    ) -> tuple[Outcome, list[LostTo]]:
        """Return the outcome without duplicates, and without late events where those are refused; and who was first."""
        outcome = self._without_late(keyed, outcome, now)
        moment = (now - _EPOCH) // _MICROSECOND
        since = moment - self.rule.within // _MICROSECOND
        rows = outcome.accepted_rows.tolist()
        known = self._memory.seen([key for key in (keyed.keys[row] for row in rows) if key is not None])
        new: dict[bytes, Sight] = {}
        lost: dict[int, LostTo] = {}
        for position, row in enumerate(rows):
            key = keyed.keys[row]
            if key is None:
                continue
            sight = new.get(key) or known.get(key)
            if sight is not None and sight[0] >= since:
                lost[position] = LostTo(sight[1], sight[2], 0, str(Door.ACCEPTED))
            else:
                new[key] = (moment, source, int(chunk.record[row]))
        self._memory.remember(new.items())
        return _without(outcome, np.array(list(lost), dtype=np.int64)), list(lost.values())

    def forget(self, now: datetime, rule: StreamRule) -> None:
        """Forget what the window of a rule has left behind."""
        before = (now - rule.within - _EPOCH) // _MICROSECOND
        self.forgotten += self._memory.forget(before, rule.max_keys)

    def _without_late(self, keyed: Keyed, outcome: Outcome, now: datetime) -> Outcome:
        """Refuse accepted events from before the window or from the future, where the rule does."""
        if self.rule.late == "accept" or keyed.times is None:
            return outcome
        times = keyed.times.gather(outcome.accepted_rows).alias(_TIME)
        late, early = (
            (times < now - self.rule.within).fill_null(value=False),
            (times > now).fill_null(value=False),
        )
        where = np.flatnonzero((late | early).to_numpy())
        if not len(where):
            return outcome
        is_late = late.to_numpy()[where].tolist()
        values = json_values(times.gather(where))
        reasons = [orjson.dumps([self._reason(value, late=flag)]) for value, flag in zip(values, is_late, strict=True)]
        rows = outcome.accepted_rows[where]
        every = np.concatenate([outcome.refused.rows, rows])
        order = np.argsort(every, kind="stable")
        texts = [*outcome.refused.reasons, *reasons]
        refused = Refused(every[order], [texts[at] for at in order.tolist()])
        return replace(_without(outcome, where), refused=refused, deduplicated_rows=outcome.deduplicated_rows)

    def _reason(self, value: object, *, late: bool) -> Reason:
        expected = "a moment within the window" if late else "a moment that is not in the future"
        return {
            "check": "dedupe",
            "code": "event.late" if late else "event.early",
            "field": self.rule.time,
            "value": value,
            "message": f"expected {expected}",
            "severity": "error",
        }


def _without(outcome: Outcome, positions: npt.NDArray[np.int64]) -> Outcome:
    """Return an outcome whose accepted rows at these positions are deduplicated."""
    if not len(positions):
        return outcome
    stay = np.ones(len(outcome.accepted_rows), dtype=np.bool_)
    stay[positions] = False
    return replace(
        outcome,
        accepted=outcome.accepted.filter(stay),
        accepted_rows=outcome.accepted_rows[stay],
        deduplicated_rows=outcome.accepted_rows[~stay],
    )
