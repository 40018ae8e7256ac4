"""How far a stream has come, and where it goes on after it was killed at any moment.

A commit makes durable what was written, then the position and the seen keys in the checkpoint, then the transaction of
the broker, if there is one, and then confirms to the source.  Whoever is killed between the checkpoint and the
transaction leaves a checkpoint that is one commit ahead.  So it remembers its last two commits by number, the
transaction carries the number, too, and the broker decides which of the two holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from dq.errors import SinkError

if TYPE_CHECKING:
    from dq.sinks.checkpoint import Checkpoint


class Transaction(Protocol):
    """What is written to a broker since the last commit: all of it becomes visible together, or none of it."""

    def last(self) -> int | None:
        """Return the number of the last commit, as the broker knows it; nothing that was begun can follow any more."""

    def commit(self, number: int) -> None:
        """Make visible what was written, under the number of the commit.  OutageError, SinkError."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A commit: its number, where the source goes on, how long the outputs are, and which sources they tell of."""

    number: int = 0
    place: Any = None
    lengths: Mapping[str, int] = field(default_factory=dict)
    told: tuple[str, ...] = ()


def prepare(memory: Checkpoint, before: Progress, last: Progress, *, decided: bool) -> None:
    """Keep a commit in the checkpoint; unless it is `decided` with that, together with the one before it."""
    memory.put({"last": asdict(last), "before": None if decided else asdict(before)})
    memory.commit()
    memory.turn = last.number + 1


def settle(memory: Checkpoint) -> None:
    """Note that the last commit holds; the next commit of the checkpoint keeps it."""
    memory.put({"before": None})


def resumed(memory: Checkpoint, transaction: Transaction | None = None) -> Progress:
    """Return the commit behind which the stream of a checkpoint goes on; that of a new one has the number 0.

    What the checkpoint has kept beyond it is forgotten.  SinkError where nobody knows whether the last one holds.
    """
    last, before = _read(memory, "last"), _read(memory, "before")
    known = None if transaction is None else transaction.last()
    if last is None:
        last = Progress(known or 0)
    elif transaction is not None and before is not None and (known or 0) != last.number:
        if (known or 0) != before.number:
            raise SinkError(
                "the broker knows nothing of the last commits of this checkpoint, so nobody can tell whether they were "
                "taken; begin with a new checkpoint"
            )
        memory.unsee(last.number)
        last = before
        memory.put({"last": asdict(last), "before": None})
        memory.commit()
    memory.turn = last.number + 1
    return last


def _read(memory: Checkpoint, name: str) -> Progress | None:
    value = memory.get(name)
    return None if value is None else Progress(**{**value, "told": tuple(value["told"])})
