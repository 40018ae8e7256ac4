"""Where a stream writes to: lines at the end of a file, or of a descriptor.

A device that is full, or whoever does not read, stops the stream and loses nothing: the same bytes are written
again until they are taken.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from dq.errors import SinkError
from dq.sinks.file import refusal

OUTAGES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EAGAIN})
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_BLOCK = 1 << 16


class Target(Protocol):
    """Takes lines."""

    name: str

    @property
    def length(self) -> int:
        """How many bytes are written, those of earlier streams included."""

    def write(self, data: bytes) -> None:
        """Write whole lines.  SinkError where that will never be possible."""

    def sync(self) -> int:
        """Make durable what was written; return the length of all of it."""

    def close(self) -> None:
        """Give up what is open; nothing is made durable."""


class AppendedFile:
    """A file at whose end lines are written.

    With the `length` that a checkpoint knows, what stands behind it is cut off: it was written by a stream that was
    killed, and will be written again.  Without one, only a last line without its end is.  `waits` is told, in words,
    that the device takes nothing.
    """

    def __init__(self, path: Path, length: int | None = None, waits: Callable[[str], None] = print) -> None:
        """Open or create the file, for its owner alone.  SinkError, also where it is shorter than it was."""
        self.name = str(path)
        self._waits = waits
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            size = os.fstat(self._descriptor).st_size
            if length is not None and size < length:
                raise SinkError(f"{path} is shorter than when the stream stopped: it was changed, or replaced")
            self._length = self._whole_lines(size) if length is None else length
            os.ftruncate(self._descriptor, self._length)
        except OSError as error:
            raise refusal(f"write {path}", error) from error

    def _whole_lines(self, size: int) -> int:
        """Return where the last line ends."""
        end = size
        while end:
            start = max(0, end - _BLOCK)
            found = os.pread(self._descriptor, end - start, start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
        return 0

    @property
    def length(self) -> int:
        """The length of the file, in bytes."""
        return self._length

    def write(self, data: bytes) -> None:
        """Write lines behind the others, however long the device takes."""
        view, pause = memoryview(data), _FIRST_PAUSE
        while view:
            try:
                written = os.pwrite(self._descriptor, view, self._length)
            except OSError as error:
                if error.errno not in OUTAGES:
                    raise refusal(f"write {self.name}", error) from error
                if pause == _FIRST_PAUSE:
                    self._waits(f"{refusal(f'write {self.name}', error)}; the stream waits")
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            self._length += written
            view, pause = view[written:], _FIRST_PAUSE

    def sync(self) -> int:
        """Synchronise the file to its device and return its length.

        SinkError at the first failure: what a device has failed to keep once cannot be synchronised again.
        """
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise refusal(f"write {self.name}", error) from error
        return self._length

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


class Descriptor:
    """An open descriptor such as standard output: what is written to it is out of our hands."""

    def __init__(self, descriptor: int, name: str = "stdout") -> None:
        """Write to a descriptor of somebody else."""
        self.name = name
        self._descriptor = descriptor
        self._length = 0

    @property
    def length(self) -> int:
        """How many bytes this process has written."""
        return self._length

    def write(self, data: bytes) -> None:
        """Write lines, however long the reader takes.  SinkError where nobody reads any more."""
        view = memoryview(data)
        try:
            while view:
                written = os.write(self._descriptor, view)
                self._length += written
                view = view[written:]
        except OSError as error:
            raise refusal(f"write to {self.name}", error) from error

    def sync(self) -> int:
        """Return how much was written."""
        return self._length

    def close(self) -> None:
        """Leave the descriptor to its owner."""
