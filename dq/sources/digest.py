"""The SHA-256 of what is read, taken beside the reading: hashing lets go of the interpreter."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor

_WORTH = 1 << 18  # bytes from which on another thread is asked


class Digest:
    """A SHA-256 (FIPS 180-4) that grows in a thread of its own, at most one piece behind."""

    def __init__(self) -> None:
        """Begin with nothing; a thread is begun with the first large piece."""
        self._hash = hashlib.sha256()
        self._thread: ThreadPoolExecutor | None = None
        self._last: Future[None] | None = None

    def update(self, data: bytes) -> None:
        """Add bytes, behind those before them."""
        self._wait()
        if len(data) < _WORTH:
            self._hash.update(data)
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "dq-digest")
        self._last = self._thread.submit(self._hash.update, data)

    def hexdigest(self) -> str:
        """Return the digest of all bytes so far, in hexadecimal."""
        self._wait()
        return self._hash.hexdigest()

    def close(self) -> None:
        """End the thread; the digest can still be asked for."""
        self._wait()
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _wait(self) -> None:
        """Wait for the last piece."""
        last, self._last = self._last, None
        if last is not None:
            last.result()
