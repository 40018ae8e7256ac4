"""What a plan says of events: of a single one, and of a stream of them."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dq.engines.events import EventJudge
from dq.engines.gathering import judged, judged_async
from dq.engines.stream import utc_now
from dq.plan.demands import need_for_one_event, need_mask_key
from dq.plan.streaming import need_for_stream
from dq.sinks.checkpoint import Checkpoint

if TYPE_CHECKING:
    from dq.outcome import EventVerdict
    from dq.plan.plan import CompiledPlan
    from dq.plan.state import State


class EventPlan:
    """A compiled specification that is asked about events."""

    def __init__(self, compiled: CompiledPlan) -> None:
        """Wrap the compiled plan."""
        self.compiled = compiled
        self._judge: tuple[State | None, EventJudge] | None = None

    def fitted(self, state: State | None) -> Mapping[str, Any] | None:
        """Return what the fitted steps apply by a state; None without one.  UsageError where it does not fit."""
        return state.thaw(self.compiled.whole or self.compiled) if state is not None else None

    def check_event(
        self, event: Mapping[str, Any] | str | bytes, *, state: State | None = None, now: datetime | None = None
    ) -> EventVerdict:
        """Judge one event: the same kernel, the same outcome as in a batch.

        What concerns a set of records (uniqueness, deduplication, expectations) is not asked of one.  A plan with
        steps that learn needs a `state`: one event teaches nothing.  UsageError without it.
        """
        (verdict,) = self._events(state).verdicts_of([event], now or datetime.now(UTC))
        return verdict

    def stream(
        self,
        events: Iterable[Mapping[str, Any] | str | bytes],
        *,
        state: State | None = None,
        alone: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> Iterator[EventVerdict]:
        """Yield the verdict on each event, in order, as they come: a lone one at once, waiting ones together.

        `dedupe.stream` finds duplicates in the window, for as long as the stream lives.  SpecError for a plan that asks
        what only a batch can answer, unless `alone` leaves that out.  `clock` says when an event has come.
        """
        return judged(self._stream_judge(state, alone=alone), events, clock or utc_now)

    def stream_async(
        self,
        events: AsyncIterable[Mapping[str, Any] | str | bytes],
        *,
        state: State | None = None,
        alone: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> AsyncIterator[EventVerdict]:
        """Yield the verdict on each event of an asynchronous iterable; else as `stream`."""
        return judged_async(self._stream_judge(state, alone=alone), events, clock or utc_now)

    def _stream_judge(self, state: State | None, *, alone: bool) -> EventJudge:
        need_for_stream(self.compiled, has_state=state is not None, alone=alone)
        need_mask_key(self.compiled)
        return EventJudge(self.compiled, self.fitted(state) or {}, Checkpoint(None))

    def _events(self, state: State | None) -> EventJudge:
        """Return the judge of single events by a state; the last one is kept, since to prepare it takes its time."""
        if self._judge is None or self._judge[0] is not state:
            need_for_one_event(self.compiled, state)
            self._judge = state, EventJudge(self.compiled, self.fitted(state) or {})
        return self._judge[1]
