"""A file that others write to: read to its end and then followed, across rotation and truncation."""

from __future__ import annotations

import hashlib
import os
import re
import time
from pathlib import Path

from dq.errors import SourceError
from dq.sources.intake import MARK, MOST_BYTES, Piece, Place

_HEAD = 256  # bytes that tell a file from another with its inode
_PAUSE = 0.005


class FollowedFile:
    """A file under a name.

    Renamed away (rotated), it is read to its end, and then the one that has the name now from its beginning.
    Truncated, it is read from its beginning.  It need not be there yet.
    """

    resumes = True

    def __init__(self, path: Path, start: Place | None = None, *, until_end: bool = False) -> None:
        """Prepare to read, from a place where another intake stopped if there is one; `until_end` follows nothing.

        SourceError where the file in which it stopped is nowhere in the folder: records would be missing; and where
        there is none that could be followed.
        """
        self.name = path.name
        self._path = path
        self._until_end = until_end
        self._descriptor = -1
        self._offset = 0
        self._begins: Place | None = None
        self._over = False
        if start is not None:
            self._resume(start)
        else:
            self._open(path)  # so that it is found again, should it be rotated before anything of it is read

    def _resume(self, start: Place) -> None:
        """Find the file in which a stream stopped, under its name or, rotated, under another one in the folder."""
        for path in (self._path, *_rotated(self._path)):
            descriptor = _opened(path)
            if descriptor is None:
                continue
            if os.fstat(descriptor).st_ino == start.inode and _head(descriptor, start.head_length) == start.head:
                self._descriptor, self._offset, self._begins = descriptor, start.offset, start
                return
            os.close(descriptor)
        raise SourceError(
            f"{self._path}: the file in which the stream stopped is not there any more, so records may be missing; "
            "bring it back, or begin with a new checkpoint"
        )

    def read(self, wait: float) -> Piece | None:
        """Return the next bytes of the file."""
        until = time.monotonic() + wait
        while not self._over:
            try:
                piece = self._next()
            except OSError as error:
                raise SourceError(f"{self._path}: it cannot be read: {error.strerror}") from error
            if piece is not None:
                return piece
            if self._until_end:
                self._over = True
            elif time.monotonic() >= until:
                return None
            else:
                time.sleep(_PAUSE)
        return None

    def _next(self) -> Piece | None:
        """Return what can be read at once, of this file or of the one that follows it."""
        if self._descriptor < 0:
            return self._next() if self._open(self._path) else None
        if (piece := self._more()) is not None:
            return piece
        if os.fstat(self._descriptor).st_size < self._offset:
            self._begin(0)
            return self._next()
        following = self._successor()
        if following is None:
            return None
        # Whoever writes to the next file has done with this one; what it wrote last comes first.
        return self._more() or (self._next() if self._open(following) else None)

    def _more(self) -> Piece | None:
        """Return what stands behind what was read of the file that is open."""
        data = os.pread(self._descriptor, MOST_BYTES, self._offset)
        if not data:
            return None
        begins, self._begins = self._begins, None
        self._offset += len(data)
        return Piece(data, begins)

    def _successor(self) -> Path | None:
        """Return the file that was written after this one, as soon as something stands in it.

        Several rotations may have happened: of the files that had the name before, the next is the one that was
        last written soonest after this one; the one that has the name now is the last.
        """
        own = os.fstat(self._descriptor)
        later = []
        for path in _rotated(self._path):
            status = path.stat()
            if status.st_ino != own.st_ino and status.st_mtime_ns > own.st_mtime_ns:
                later.append((status.st_mtime_ns, path))
        path = min(later)[1] if later else self._path
        try:
            status = path.stat()
        except FileNotFoundError:
            return None
        is_other = (status.st_ino, status.st_dev) != (own.st_ino, own.st_dev)
        return path if is_other and status.st_size else None

    def _open(self, path: Path) -> bool:
        """Open a file from its beginning; tell whether there is one."""
        descriptor = _opened(path)
        if descriptor is None:
            if self._until_end:
                raise SourceError(f"{path}: there is no such file")
            return False
        self.close()
        self._descriptor = descriptor
        self._begin(len(MARK) if os.pread(descriptor, len(MARK), 0) == MARK else 0)
        return True

    def _begin(self, offset: int) -> None:
        """Read on from this offset, as from the beginning of a file."""
        self._offset = offset
        inode, head = os.fstat(self._descriptor).st_ino, _head(self._descriptor, offset)
        self._begins = Place(inode, offset, head=head, head_length=offset)

    @property
    def ended(self) -> bool:
        """Whether it was stopped, or is at its end and not followed."""
        return self._over

    def stop(self) -> None:
        """Read no more."""
        self._over = True

    def place(self, offset: int, line: int, record: int) -> Place | None:
        """Return the place of the record that begins at this offset of the file that was read last."""
        if self._descriptor < 0 or self._begins is not None:
            return self._begins  # of the file that is open, nothing was given out yet
        length = min(offset, _HEAD)
        inode = os.fstat(self._descriptor).st_ino
        return Place(inode, offset, line, record, _head(self._descriptor, length), length)

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _rotated(path: Path) -> list[Path]:
    """Return the files that had the name before: with a number or a date behind it."""
    named = re.compile(re.escape(path.name) + r"[.-][0-9T_.:-]+\Z")
    return sorted(other for other in path.parent.iterdir() if named.match(other.name))


def _opened(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(f"{path}: it cannot be read: {error.strerror}") from error


def _head(descriptor: int, length: int) -> str:
    """Return the SHA-256 of the first bytes of a file."""
    return hashlib.sha256(os.pread(descriptor, length, 0)).hexdigest()
