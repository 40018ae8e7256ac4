"""Bytes that keep coming: standard input, and a file that is written to, rotated and truncated meanwhile.

An intake gives what is there and never waits longer than it is told.  It reads no further ahead than a bound, so
that whoever cannot take more stops it, and the producer with it.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from dq.errors import SourceError

MOST_BYTES = 4 << 20  # of one piece, and of what is read ahead
MARK = b"\xef\xbb\xbf"  # that some programs put before UTF-8
_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which file the next record begins.

    `inode` and `head` (the SHA-256 of the first `head_length` bytes) tell the file; `line` and `record` are the
    numbers of what begins there.
    """

    inode: int = 0
    offset: int = 0
    line: int = 1
    record: int = 1
    head: str = ""
    head_length: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes.  `begins` is set where they are the first of a file: what was open before is complete."""

    data: bytes
    begins: Place | None = None


class Intake(Protocol):
    """Where a stream comes from."""

    name: str
    resumes: bool  # whether another intake can go on where this one stopped

    def read(self, wait: float) -> Piece | None:
        """Return the next bytes, or None where none came in `wait` seconds.  SourceError."""

    @property
    def ended(self) -> bool:
        """Whether nothing will come any more, and all was given out."""

    def stop(self) -> None:
        """Read no more; what was read already is still given out."""

    def place(self, offset: int, line: int, record: int) -> Place | None:
        """Return what to keep, so that another intake goes on here; None stands for the beginning."""

    def close(self) -> None:
        """Give up what is open."""


def _widen(descriptor: int) -> None:
    """Let a pipe hold as much as is read at once, where the system knows how: its reader is woken less often."""
    widen = getattr(fcntl, "F_SETPIPE_SZ", None)
    if widen is not None:
        with suppress(OSError):  # it is no pipe, or its owner may have none so wide
            fcntl.fcntl(descriptor, widen, _READ)


class PipeIntake:
    """A descriptor that cannot be read twice, such as standard input.

    A thread reads ahead, as much as `MOST_BYTES`: a pipe holds little, and its writer would wait while a batch is
    judged.
    """

    resumes = False

    def __init__(self, descriptor: int, name: str = "stdin") -> None:
        """Begin to read."""
        self.name = name
        self._descriptor = descriptor
        _widen(descriptor)
        self._parts: deque[bytes] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._over = False
        self._fault: str | None = None
        self._first = True
        threading.Thread(target=self._fill, name="dq-intake", daemon=True).start()

    def _fill(self) -> None:
        """Read until the end, as far ahead as there is room."""
        try:
            while data := os.read(self._descriptor, _READ):
                with self._changed:
                    self._parts.append(data)
                    self._size += len(data)
                    self._changed.notify_all()
                    while self._size >= MOST_BYTES and not self._over:
                        self._changed.wait()
                    if self._over:
                        return
        except OSError as error:
            self._fault = error.strerror or str(error)
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def read(self, wait: float) -> Piece | None:
        """Return all that was read ahead."""
        with self._changed:
            if not self._parts and not self._over:
                self._changed.wait(wait)
            data = b"".join(self._parts)
            self._parts.clear()
            self._size = 0
            self._changed.notify_all()
        if data and self._first:
            self._first = False
            mark = len(MARK) if data.startswith(MARK) else 0
            return Piece(data[mark:], Place(offset=mark))
        if data:
            return Piece(data)
        if self._fault is not None:
            raise SourceError(f"{self.name}: it cannot be read: {self._fault}")
        return None

    @property
    def ended(self) -> bool:
        """Whether the writer closed it, or it was stopped, and all was given out."""
        with self._changed:
            return self._over and not self._parts

    def stop(self) -> None:
        """Let the thread end; it may still hang in a read, which harms nobody."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def place(self, offset: int, line: int, record: int) -> Place | None:
        """Refuse, as SourceError: no other intake can go on in a pipe, and `resumes` says so."""
        del offset, line, record
        raise SourceError(f"{self.name}: what was read from it is gone, so nothing can go on behind it")

    def close(self) -> None:
        """Leave the descriptor to its owner."""
