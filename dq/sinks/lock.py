"""The lock of an output folder: one run at a time, and a killed run blocks nobody.

The lock is the kernel's (`flock(2)`) on an empty file beside the folder.  It vanishes with the process that
holds it, however that ends; the file itself means nothing.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from dq.errors import LockedError
from dq.sinks.file import refusal


class FolderLock:
    """The lock of one output folder.  LockedError if another run holds it, SinkError if it cannot be made."""

    def __init__(self, target: Path) -> None:
        """Name the lock of this folder; nothing is taken yet."""
        self._target = target
        self.path = target.with_name(f".{target.name}.dq-lock")
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise, without waiting."""
        while self._descriptor is None:
            descriptor = self._open()
            if self._is_current(descriptor):
                self._descriptor = descriptor
            else:
                os.close(descriptor)

    def _open(self) -> int:
        """Open and lock the file of the lock."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise refusal(f"create the lock of {self._target}", error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise LockedError(f"another run is writing {self._target}") from None
        except OSError as error:
            os.close(descriptor)
            raise refusal(f"lock {self._target}", error) from error
        return descriptor

    def _is_current(self, descriptor: int) -> bool:
        """Whether the locked file still is the one under the name: its last holder may have removed it."""
        try:
            return os.path.samestat(os.fstat(descriptor), os.lstat(self.path))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Remove the file, then give up the lock; in this order nobody can lock a file that is about to go."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        try:
            self.path.unlink(missing_ok=True)
        except OSError:
            pass  # An empty file that stays behind locks nothing.
        finally:
            os.close(descriptor)
