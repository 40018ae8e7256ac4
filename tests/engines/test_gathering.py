"""`plan.stream`: verdicts in order, a lone event at once, and what a set would have to answer is refused."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import dq
from dq.engines import gathering
from dq.engines.events import EventJudge

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  id: {type: string, required: true}
  n: {type: integer, checks: [{maximum: 5}]}
"""
STREAM = SPEC + "dedupe: {key: [id], stream: {within: 1h}}\n"


def plan_of(folder: Path, text: str) -> dq.Plan:
    path = folder / "spec.yaml"
    path.write_text(text)
    return dq.load(path)


def test_verdicts_come_in_order_with_the_doors_of_a_batch(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, STREAM)
    events: list[Any] = [{"id": f"a{number % 1500}", "n": number % 8} for number in range(3000)] + [b"oops"]
    for given in (events, iter(events), (event for event in events)):
        verdicts = list(plan.stream(given, clock=lambda: NOW))
        doors = [verdict.door for verdict in verdicts]
        first = ["accepted" if number % 8 <= 5 else "quarantined" for number in range(1500)]
        assert doors[:1500] == first
        assert doors[-1] == "quarantined"
        for number in range(1500, 3000):
            repeated = first[number - 1500] == "accepted" and number % 8 <= 5
            assert doors[number] == ("deduplicated" if repeated else "accepted" if number % 8 <= 5 else "quarantined")


def test_a_lone_event_is_answered_before_the_next_one_comes(tmp_path: Path) -> None:
    waiting: queue.Queue[dict[str, Any]] = queue.Queue()
    verdicts = plan_of(tmp_path, SPEC).stream(iter(waiting.get, {}))
    for number in range(3):
        waiting.put({"id": str(number)})
        assert next(verdicts).record == {"id": str(number), "n": None}
    waiting.put({})
    assert next(verdicts, None) is None


def test_what_the_events_raise_comes_behind_them(tmp_path: Path) -> None:
    def failing() -> Iterator[dict[str, Any]]:
        yield {"id": "a"}
        raise RuntimeError("the broker is gone")

    verdicts = plan_of(tmp_path, SPEC).stream(failing())
    assert next(verdicts).accepted
    with pytest.raises(RuntimeError, match="broker"):
        next(verdicts)


def test_no_more_is_taken_ahead_than_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MOST_EVENTS", 10)
    taken = []

    def endless() -> Iterator[dict[str, Any]]:
        while True:
            taken.append(1)
            yield {"id": "a"}

    verdicts = plan_of(tmp_path, SPEC).stream(endless())
    for _ in range(25):
        next(verdicts)
    verdicts.close()  # type: ignore[attr-defined]
    assert len(taken) <= 25 + 3 * 10


def test_the_asynchronous_form_says_the_same(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, STREAM)
    events = [{"id": "a"}, {"id": "a"}, {"id": "b", "n": 9}]

    async def coming() -> AsyncIterator[dict[str, Any]]:
        for event in events:
            yield event

    async def collected() -> list[dq.EventVerdict]:
        return [verdict async for verdict in plan.stream_async(coming(), clock=lambda: NOW)]

    assert asyncio.run(collected()) == list(plan.stream(events, clock=lambda: NOW))


class Counted:
    """An asynchronous source whose events are there at once, or one after the other."""

    def __init__(self, count: int, *, slow: bool = False) -> None:
        self.count, self.slow, self.taken = count, slow, 0

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        for number in range(self.count):
            if self.slow:
                await asyncio.sleep(0.001)
            self.taken += 1
            yield {"id": str(number)}


def test_waiting_events_of_an_asynchronous_iterable_are_judged_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST_EVENTS", 50)
    plan, sizes, source = plan_of(tmp_path, SPEC), list[int](), Counted(170)
    judge = EventJudge.verdicts_of
    monkeypatch.setattr(EventJudge, "verdicts_of", lambda *given: (sizes.append(len(given[1])), judge(*given))[1])

    async def first(count: int) -> list[Any]:
        stream = plan.stream_async(source.events())
        found = [(await anext(stream)).record for _ in range(count)]
        await stream.aclose()  # type: ignore[attr-defined]
        return found

    assert asyncio.run(first(170)) == [{"id": str(number), "n": None} for number in range(170)]
    assert sizes == [50, 50, 50, 20]
    source.taken = 0
    asyncio.run(first(60))
    assert source.taken <= 60 + 2 * 50, "no more is taken ahead than a bound"


def test_a_lone_event_of_an_asynchronous_iterable_waits_for_nobody(tmp_path: Path) -> None:
    plan, source = plan_of(tmp_path, SPEC), Counted(5, slow=True)

    async def behind() -> list[int]:
        verdicts = plan.stream_async(source.events())
        return [source.taken - int(verdict.record["id"]) async for verdict in verdicts]  # type: ignore[index]

    assert asyncio.run(behind()) == [1] * 5


def test_what_an_asynchronous_iterable_raises_comes_behind_its_events(tmp_path: Path) -> None:
    async def failing() -> AsyncIterator[dict[str, Any]]:
        yield {"id": "a"}
        raise RuntimeError("the broker is gone")

    async def asked() -> None:
        verdicts = plan_of(tmp_path, SPEC).stream_async(failing())
        assert (await anext(verdicts)).accepted
        with pytest.raises(RuntimeError, match="broker"):
            await anext(verdicts)

    asyncio.run(asked())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SPEC + "checks: [unique: [id]]\n", "DQ510"),
        (SPEC + "dedupe: {key: [id]}\n", "DQ511"),
        (SPEC + "expect: [row_count: {min: 1}]\n", "DQ512"),
    ],
)
def test_what_belongs_to_sets_is_refused_with_its_place_unless_it_is_left_out(
    tmp_path: Path, text: str, code: str
) -> None:
    plan = plan_of(tmp_path, text)
    with pytest.raises(dq.SpecError) as refused:
        plan.stream([])
    [diagnostic] = refused.value.diagnostics
    assert (diagnostic.code, diagnostic.span.line) == (code, 7)
    assert [verdict.door for verdict in plan.stream([{"id": "a"}, {"id": "a"}], alone=True)] == ["accepted"] * 2


def test_a_plan_that_learns_needs_a_state(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, SPEC.replace("n: {type: integer,", "n: {type: integer, impute: median,"))
    with pytest.raises(dq.SpecError, match="DQ513"):
        plan.stream([], alone=True)
    state = plan.fit([{"id": "a", "n": 3}])
    assert [verdict.record for verdict in plan.stream([{"id": "b"}], state=state)] == [{"id": "b", "n": 3}]
