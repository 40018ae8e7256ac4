"""Which commit holds after a kill: the broker decides between the last two of the checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from dq.engines.progress import Progress, prepare, resumed, settle
from dq.errors import SinkError
from dq.sinks.checkpoint import Checkpoint

ONE, TWO = Progress(1, {"0": 5}, {"refused": 10}, ("t/0",)), Progress(2, {"0": 9}, {"refused": 30}, ("t/0",))


class Decided:
    """A transaction whose broker knows a number."""

    def __init__(self, number: int | None) -> None:
        self.number = number

    def last(self) -> int | None:
        return self.number

    def commit(self, number: int) -> None:
        raise AssertionError(number)


def at_the_second(folder: Path, *, settled: bool = False) -> Checkpoint:
    """Return a checkpoint that was reopened behind its second commit, each of which has remembered a key."""
    memory = Checkpoint(folder / "memory")
    before = Progress()
    memory.turn = 1
    for number, progress in ((1, ONE), (2, TWO)):
        memory.remember([(b"k%d" % number, (number, "t/0", number))])
        prepare(memory, before, progress, decided=False)
        before = progress
    if settled:
        settle(memory)
        memory.commit()
    memory.close()
    return Checkpoint(folder / "memory")


@pytest.mark.parametrize(("known", "expected", "keys"), [(2, TWO, {b"k1", b"k2"}), (1, ONE, {b"k1"})])
def test_the_broker_decides(tmp_path: Path, known: int, expected: Progress, keys: set[bytes]) -> None:
    memory = at_the_second(tmp_path)
    assert resumed(memory, Decided(known)) == expected
    assert set(memory.seen([b"k1", b"k2"])) == keys
    assert memory.turn == expected.number + 1
    memory.close()
    again = Checkpoint(tmp_path / "memory")
    assert resumed(again, Decided(known)) == expected
    again.close()


@pytest.mark.parametrize("known", [None, 7])
def test_what_nobody_knows_is_not_guessed(tmp_path: Path, known: int | None) -> None:
    memory = at_the_second(tmp_path)
    with pytest.raises(SinkError, match="nobody can tell"):
        resumed(memory, Decided(known))
    memory.close()


def test_what_is_settled_needs_no_broker(tmp_path: Path) -> None:
    memory = at_the_second(tmp_path, settled=True)
    assert resumed(memory, Decided(None)) == TWO
    memory.close()


def test_a_new_checkpoint_counts_on_from_what_the_broker_knows() -> None:
    assert resumed(Checkpoint(None), Decided(41)) == Progress(41)
    assert resumed(Checkpoint(None), Decided(None)) == resumed(Checkpoint(None)) == Progress()


def test_what_was_not_committed_is_forgotten() -> None:
    memory = Checkpoint(None)
    memory.remember([(b"a", (1, "t", 1))])
    memory.commit()
    memory.remember([(b"b", (1, "t", 2))])
    memory.rollback()
    assert set(memory.seen([b"a", b"b"])) == {b"a"}
