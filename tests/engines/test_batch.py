"""A batch is read and written by the caller's thread, judged beside it, and never read far ahead."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import dq
from dq.api import make_settings
from dq.engines.accounts import Accounts
from dq.engines.base import NoDoors
from dq.engines.batch import BatchRun
from dq.plan.plan import Kernel
from dq.sources.frame import IterableReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dq.engines.inputs import Input
    from dq.outcome import Outcome
    from dq.plan.tally import Tally
    from dq.sources.base import Chunk

SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  n: {type: integer, checks: [{minimum: 3}]}
"""
SIZE = 5


@pytest.fixture
def plan(tmp_path: Path) -> dq.Plan:
    (tmp_path / "spec.dq.yaml").write_text(SPEC, encoding="utf-8")
    return dq.load(tmp_path / "spec.dq.yaml")


class Watched:
    """A reader of numbers, and a recorder of what becomes of them, that know by which thread they are asked."""

    def __init__(self) -> None:
        self.read = self.settled = 0
        self.threads: set[int] = set()
        self.ahead: list[int] = []

    def chunks(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        for chunk in chunks:
            self.threads.add(threading.get_ident())
            self.read += len(chunk.record)
            yield chunk

    def record(self, _item: Input, chunk: Chunk, outcome: Outcome) -> None:
        self.threads.add(threading.get_ident())
        assert outcome.accepted["n"].to_list() == [n for n in range(self.settled, self.settled + SIZE) if n >= 3]
        self.settled += len(chunk.record)
        self.ahead.append(self.read - self.settled)

    def close(self) -> None:
        pass

    def facts(self) -> dict[str, Any]:
        return {}


def run(plan: dq.Plan, count: int, *recorders: Watched) -> Tally:
    inputs = plan.inputs([{"n": number} for number in range(count)])
    settings = replace(make_settings(), chunk_records=SIZE)
    return BatchRun(plan.compiled, inputs, settings, NoDoors(), recorders=recorders).run()


def test_the_caller_reads_and_writes_in_order_and_at_most_two_chunks_ahead(
    plan: dq.Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, chunks = Watched(), IterableReader.chunks
    monkeypatch.setattr(IterableReader, "chunks", lambda reader: watched.chunks(chunks(reader)))
    assert run(plan, 40, watched).read == watched.read == watched.settled == 40
    assert watched.threads == {threading.get_ident()}
    assert watched.ahead == [SIZE] * 7 + [0]


def test_chunks_are_judged_and_profiled_beside(plan: dq.Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: dict[str, set[str]] = {"judge": set(), "profile": set()}
    apply, profile = Kernel.apply, Accounts.profile

    def judged(*given: Any) -> Outcome:
        threads["judge"].add(threading.current_thread().name)
        return apply(*given)

    def profiled(*given: Any) -> None:
        threads["profile"].add(threading.current_thread().name)
        profile(*given)

    monkeypatch.setattr(Kernel, "apply", judged)
    monkeypatch.setattr(Accounts, "profile", profiled)
    tally = run(plan, 40)
    assert threads == {"judge": {"dq-judge_0"}, "profile": {"dq-profile_0"}}
    assert {"read", "kernel", "gate", "write", "profile"} <= set(tally.seconds)


@pytest.mark.parametrize(("owner", "name"), [(Kernel, "apply"), (Accounts, "profile")])
@pytest.mark.parametrize("failing", [1, 3, 4])
def test_a_failure_beside_ends_the_run(
    plan: dq.Plan, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, failing: int
) -> None:
    """Also in the last chunk, of which nobody has to wait for the profile."""
    work, calls, before = getattr(owner, name), [], threading.active_count()

    def fails(*given: Any) -> Any:
        calls.append(1)
        if len(calls) == failing:
            raise dq.InternalError("planted")
        return work(*given)

    monkeypatch.setattr(owner, name, fails)
    with pytest.raises(dq.InternalError, match="planted"):
        run(plan, 20)
    assert threading.active_count() == before
