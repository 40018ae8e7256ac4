"""By what a stream judges: one specification, or several, of which each takes the events that are its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from dq.engines.routing import Routing, by_route, route_of
from dq.errors import UsageError
from dq.sources.base import Account
from dq.sources.events import MOST_RECORDS
from dq.sources.messages import MessageFramer, Messages

if TYPE_CHECKING:
    from collections import Counter
    from datetime import datetime

    import numpy.typing as npt

    from dq.engines.events import EventJudge
    from dq.engines.records import Origin
    from dq.plan.bound import BoundSource
    from dq.sinks.quarantine import RecordBatch
    from dq.sources.base import Chunk, Dialect, RawText
    from dq.states.profile import Profile


@dataclass(frozen=True, slots=True)
class Bearing:
    """One specification, by which all events are judged; it may be exchanged for another between two chunks.

    `references` are the reference profiles of its state, by field, for those who watch for drift.
    """

    judge: EventJudge
    source: BoundSource
    references: Mapping[str, Profile] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[Bearing, ...]:
        """The specifications: this one."""
        return (self,)

    @property
    def dialect(self) -> Dialect:
        """By what the events are framed."""
        return self.source.dialect

    def accounts(self, whole: Account) -> list[Account]:
        """Return what was read for each specification, of a stream of which `whole` was read."""
        return [whole]

    def shares(self, chunk: Chunk) -> Iterator[tuple[Bearing, Chunk]]:
        """Yield the chunk: all of it is for this specification."""
        yield self, chunk

    def rest(self, chunk: Chunk, origin: Origin) -> tuple[RecordBatch, Counter[str]] | None:
        """Return None: nothing is for nobody."""
        del chunk, origin
        return None

    def forget(self, now: datetime) -> None:
        """Forget the keys that no event can repeat any more."""
        self.judge.forget(now)


class SortingBearing:
    """Several specifications: every event goes to the one that takes it, as in a batch."""

    def __init__(self, parts: Sequence[Bearing]) -> None:
        """Prepare the routes.

        UsageError where two specifications are of one event and version or take the same events, and where they frame
        the source differently.
        """
        self.parts = tuple(parts)
        plans = [part.judge.plan for part in self.parts]
        if len({(plan.event, plan.version) for plan in plans}) < len(plans):
            raise UsageError("two specs have the same event and version")
        self._routing = Routing([route_of(plan) for plan in plans])
        self.source = _framed(self.parts[0].source, self._routing)
        if len({repr(replace(_framed(part.source, self._routing).dialect, name="")) for part in self.parts}) > 1:
            raise UsageError("the specs declare different forms of the source")
        self._accounts = [Account() for _ in self.parts]
        self._readers = [
            MessageFramer(part.source.dialect, account, MOST_RECORDS)
            for part, account in zip(self.parts, self._accounts, strict=True)
        ]

    @property
    def dialect(self) -> Dialect:
        """By what the events are framed: all specifications frame them alike."""
        return self.source.dialect

    def accounts(self, whole: Account) -> list[Account]:
        """Return what was read for each specification."""
        del whole
        return self._accounts

    def shares(self, chunk: Chunk) -> Iterator[tuple[Bearing, Chunk]]:
        """Yield the events of each specification that takes any, read by its own fields."""
        for number, rows in by_route(self._routing.numbers(chunk)):
            yield self.parts[number], _share(chunk, rows, self._readers[number])

    def rest(self, chunk: Chunk, origin: Origin) -> tuple[RecordBatch, Counter[str]] | None:
        """Return what is for nobody: events without a route, or with several, and what cannot be read."""
        return self._routing.refused(origin, chunk, self._routing.numbers(chunk))

    def forget(self, now: datetime) -> None:
        """Forget the keys that no event can repeat any more; keys of all specifications are in one memory.

        They are kept as long as the longest window, and as many as all of them may keep together.
        """
        judges = [part.judge for part in self.parts if part.judge.rule is not None]
        rules = [judge.rule for judge in judges if judge.rule is not None]
        if rules:
            longest = max(rule.within for rule in rules)
            judges[0].forget(now, replace(rules[0], within=longest, max_keys=sum(rule.max_keys for rule in rules)))


def _framed(source: BoundSource, routing: Routing) -> BoundSource:
    """Return the source of which nothing is read but what the routes ask for."""
    nothing: frozenset[str] = frozenset()
    dialect = replace(source.dialect, fields=routing.fields, required=nothing, explicit=nothing, keep_unknown=False)
    return replace(source, dialect=dialect)


def _share(chunk: Chunk, rows: npt.NDArray[np.int64], reader: MessageFramer) -> Chunk:
    """Return some rows of a chunk, in the places that they have there, read again by another reader."""
    messages = Messages(chunk.raws.raw(rows), chunk.record[rows].tolist(), None, chunk.origin, chunk.ids)
    return replace(
        reader.chunk(messages),
        offset=None if chunk.offset is None else chunk.offset[rows],
        length=None if chunk.length is None else chunk.length[rows],
        raws=_Chosen(chunk.raws, rows),
    )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The raw text of some rows of a chunk."""

    texts: RawText
    chosen: npt.NDArray[np.int64]

    def raw(self, rows: npt.NDArray[np.int64]) -> list[bytes]:
        """Return the bytes of some of them."""
        return self.texts.raw(self.chosen[rows])

    def lines(self, rows: npt.NDArray[np.int64]) -> list[int] | None:
        """Return their lines, where they stand on lines."""
        return self.texts.lines(self.chosen[rows])


AnyBearing = Bearing | SortingBearing
