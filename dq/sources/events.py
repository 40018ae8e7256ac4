"""Where the events of a stream come from, in chunks.

A source of events gives what is there, says where it stands, and is told when what it gave is durable.  Files and pipes
are sources of lines (`LineEvents`); brokers give messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from dq.sources.intake import Place
from dq.sources.jsonl import LineFramer

if TYPE_CHECKING:
    from dq.sources.base import Account, Chunk, Dialect
    from dq.sources.intake import Intake, Piece

MOST_RECORDS = 16_384  # of one chunk


class EventSource(Protocol):
    """Where a stream comes from."""

    name: str
    resumes: bool  # whether another source can go on where this one stopped

    def begin(self, dialect: Dialect, account: Account, commit: Callable[[], None]) -> None:
        """Prepare to read by a dialect.  `commit` is called before a part of the source is given to somebody else."""

    def renew(self, dialect: Dialect) -> None:
        """Read the fields of another dialect, which frames alike, of what was not given out yet."""

    def read(self, wait: float) -> Iterator[Chunk] | None:
        """Return what is there, in chunks, or None where nothing came in `wait` seconds.  SourceError, OutageError."""

    def finish(self) -> Iterator[Chunk]:
        """Yield what was begun, when nothing comes any more."""

    @property
    def ended(self) -> bool:
        """Whether nothing will come any more, and all was given out."""

    def stop(self) -> None:
        """Read no more; what was read already is still given out."""

    def place(self) -> Any:
        """Return, as a JSON value, where another source goes on; None stands for the beginning."""

    def confirm(self) -> None:
        """Take note that what became of everything given out is durable."""

    def close(self) -> None:
        """Give up what is open."""


class LineEvents:
    """The lines of bytes that keep coming."""

    def __init__(self, intake: Intake) -> None:
        """Read from an intake, which has not given anything yet."""
        self.name, self.resumes = intake.name, intake.resumes
        self._intake = intake

    def begin(self, dialect: Dialect, account: Account, commit: Callable[[], None]) -> None:
        """Prepare to cut lines; they are given to nobody else, so nothing is committed early."""
        del commit
        self._dialect, self._account = dialect, account
        self._framer = self._framer_at(Place())

    def renew(self, dialect: Dialect) -> None:
        """Read other fields from the first line that is not complete on."""
        self._dialect = dialect
        self._framer.renew(dialect)

    def _framer_at(self, place: Place) -> LineFramer:
        framer = LineFramer(self._dialect, self._account, MOST_RECORDS)
        framer.begin(self._dialect.encoding, 0, bytes)
        framer.resume(place.offset, place.line, place.record)
        return framer

    def read(self, wait: float) -> Iterator[Chunk] | None:
        """Return the lines that are complete with what is there."""
        piece = self._intake.read(wait)
        return None if piece is None else self._chunks(piece)

    def _chunks(self, piece: Piece) -> Iterator[Chunk]:
        """Yield the lines that are complete with a piece; with another file, what was open before is complete."""
        if piece.begins is not None:
            yield from self._framer.finish()
            self._framer = self._framer_at(piece.begins)
        yield from self._framer.feed(piece.data)
        yield from self._framer.gathered()

    def finish(self) -> Iterator[Chunk]:
        """Yield the line that was begun."""
        return self._framer.finish()

    @property
    def ended(self) -> bool:
        """Whether the intake is at its end."""
        return self._intake.ended

    def stop(self) -> None:
        """Stop the intake."""
        self._intake.stop()

    def place(self) -> Any:
        """Return the place of the first line that is not complete."""
        place = self._intake.place(self._framer.offset, self._framer.line, self._framer.next_record)
        return None if place is None else asdict(place)

    def confirm(self) -> None:
        """Do nothing: bytes stay where they are."""

    def close(self) -> None:
        """Close the intake."""
        self._intake.close()
