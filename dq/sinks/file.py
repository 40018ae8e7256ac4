"""A file of an output folder: hashed while it is written, durable once it is closed.

Every byte of an output goes through one method, `OutputFile.write`, so that there is one place where a full
disk is noticed and put into words, and no file has to be read again for its SHA-256.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dq.errors import SinkError

if TYPE_CHECKING:
    from typing_extensions import Buffer

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is exhausted",
    errno.EFBIG: "the file would be larger than this system allows",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EIO: "the device failed",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EBUSY: "it is in use, perhaps as a mount point",
}


def refusal(action: str, error: OSError) -> SinkError:
    """Return the SinkError that says in words why an action such as `write accepted.csv` failed."""
    words = _WORDS.get(error.errno or 0) or (error.strerror or str(error)).lower()
    return SinkError(f"cannot {action}: {words}")


class OutputFile(io.RawIOBase):
    """A new binary file.  It is hashed while it is written and synchronised to the device when it is closed.

    `size` (bytes), `sha256` (hexadecimal) and `rows` (None where the file has no rows) describe it for the
    manifest.  `failure` keeps the first error, so that a writer which is called back by a library can tell
    its caller what really happened.  SinkError where the file cannot be created or written.
    """

    def __init__(self, path: Path, mode: int = 0o600) -> None:
        """Create the file with these permissions (less the umask); it must not exist."""
        self.path = path
        self.size = 0
        self.rows: int | None = None
        self.failure: SinkError | None = None
        self.on_discard: Callable[[], None] | None = None  # set by a writer that has threads or files of its own
        self._hash = hashlib.sha256()
        self._descriptor = -1
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            self._descriptor = os.open(path, flags, mode)
        except OSError as error:
            raise refusal(f"create {path.name}", error) from error

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was written so far."""
        return self._hash.hexdigest()

    def writable(self) -> bool:
        """Say yes: libraries ask."""
        return True

    def write(self, data: Buffer, /) -> int:
        """Write all of the bytes and return their number.  SinkError."""
        if self.failure is not None:
            raise self.failure
        view = memoryview(data).cast("B")
        try:
            self._write_all(view)
        except OSError as error:
            self.failure = refusal(f"write {self.path.name}", error)
            raise self.failure from error
        self._hash.update(view)
        self.size += len(view)
        return len(view)

    def _write_all(self, view: memoryview) -> None:
        """Repeat the system call until nothing is left: it may take less than it is given."""
        while view:
            view = view[os.write(self._descriptor, view) :]

    def close(self) -> None:
        """Synchronise the file to the device and close it; a second call does nothing.  SinkError."""
        if self.closed:
            return
        super().close()
        if self._descriptor < 0:
            return
        try:
            if self.failure is None:
                os.fsync(self._descriptor)
        except OSError as error:
            self.failure = refusal(f"write {self.path.name}", error)
            raise self.failure from error
        finally:
            os.close(self._descriptor)

    def discard(self) -> None:
        """Close the file without finishing it, and stop the writer that fills it.  It never raises."""
        if self.closed:
            return
        self.failure = self.failure or SinkError(f"{self.path.name} was given up")
        stop, self.on_discard = self.on_discard, None
        if stop is not None:
            stop()
        self.close()
