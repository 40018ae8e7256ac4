"""What a stream must remember: how far it has read and written, and the keys that it has seen.

Both stand in one SQLite database, so that they are changed together or not at all.  A lock beside the folder keeps a
second stream out.  A full disk is an outage: what was not committed is forgotten, and done again when there is room.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from dq.errors import OutageError, SinkError, UsageError
from dq.sinks.file import refusal
from dq.sinks.lock import FolderLock

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = 2
_TABLES = (
    "CREATE TABLE IF NOT EXISTS progress (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS seen
    (key BLOB PRIMARY KEY, at INTEGER NOT NULL, source TEXT NOT NULL, record INTEGER NOT NULL, turn INTEGER NOT NULL)
    WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS seen_at ON seen (at)",
)
_KEYS = 500  # that are asked for at once

Sight = tuple[int, str, int]
"""When a key was seen (microseconds since 1970), and the source and the number of the record that had it."""


class Checkpoint:
    """The memory of one stream: in a folder, or in this process alone."""

    def __init__(self, folder: Path | None) -> None:
        """Open or create it.

        LockedError where another stream has it, UsageError where it is none; SinkError, OutageError for a full disk.
        """
        self.turn = 0  # the number of the commit that will keep what is remembered now
        self._lock = None if folder is None else _locked(folder)
        self._name = ":memory:" if folder is None else str(folder / "checkpoint.sqlite")
        try:
            with self._speaking():
                self._open()
            self._known()
            self._most_keys = self._count()  # no more are kept than this
        except BaseException:
            self._release()
            raise

    def _open(self) -> None:
        """Open the database, for its owner alone.  UsageError where the file is something else."""
        self._base = sqlite3.connect(self._name, isolation_level=None)
        try:
            if self._lock is not None:
                Path(self._name).chmod(0o600)  # the other files of the database take over its permissions
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = FULL")
            for table in _TABLES:
                self._base.execute(table)
            self._base.execute("BEGIN IMMEDIATE")
        except OSError as error:
            raise refusal(f"write {self._name}", error) from error
        except sqlite3.OperationalError:
            raise  # it is a database, and the device or its permissions are at fault
        except sqlite3.DatabaseError as error:
            raise UsageError(f"{self._name}: it is no checkpoint of a stream ({error})") from error

    def _known(self) -> None:
        """Refuse a checkpoint of another format."""
        form = self.get("format")
        if form not in {None, FORMAT}:
            raise UsageError(f"{self._name}: this dq reads checkpoints of format {FORMAT}, not {form}")
        self.put({"format": FORMAT})

    def get(self, name: str) -> Any:
        """Return what is remembered under a name, None where there is nothing."""
        with self._speaking():
            row = self._base.execute("SELECT value FROM progress WHERE name = ?", (name,)).fetchone()
        return None if row is None else orjson.loads(row[0])

    def put(self, values: Mapping[str, Any]) -> None:
        """Remember JSON values by name; they are kept by the next commit."""
        rows = [(name, orjson.dumps(value).decode()) for name, value in values.items()]
        with self._speaking():
            self._base.executemany("INSERT OR REPLACE INTO progress VALUES (?, ?)", rows)

    def seen(self, keys: list[bytes]) -> dict[bytes, Sight]:
        """Return which of these keys were seen, and when and where."""
        found: dict[bytes, Sight] = {}
        with self._speaking():
            for first in range(0, len(keys), _KEYS):
                some = keys[first : first + _KEYS]
                marks = ",".join("?" * len(some))
                rows = self._base.execute(f"SELECT key, at, source, record FROM seen WHERE key IN ({marks})", some)  # noqa: S608 - marks only
                found.update((key, (at, source, record)) for key, at, source, record in rows)
        return found

    def remember(self, sights: Iterable[tuple[bytes, Sight]]) -> None:
        """Note where keys were seen, in the place of what was known of them."""
        rows = [(key, *sight, self.turn) for key, sight in sights]
        with self._speaking():
            self._base.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", rows)
        self._most_keys += len(rows)

    def unsee(self, turn: int) -> None:
        """Forget the keys that were kept by a commit which the outputs have not followed, and by any after it."""
        with self._speaking():
            self._base.execute("DELETE FROM seen WHERE turn >= ?", (turn,))

    def forget(self, before: int, most: int) -> int:
        """Forget the keys seen before a moment, and of more than `most` the oldest; return how many of these."""
        with self._speaking():
            self._most_keys -= self._base.execute("DELETE FROM seen WHERE at < ?", (before,)).rowcount
        if self._most_keys <= most:
            return 0
        self._most_keys = count = self._count()  # to count takes its time, and a key may have been replaced
        if count <= most:
            return 0
        with self._speaking():
            self._base.execute(
                "DELETE FROM seen WHERE key IN (SELECT key FROM seen ORDER BY at, key LIMIT ?)", (count - most,)
            )
        self._most_keys = most
        return count - most

    def _count(self) -> int:
        """Return how many keys are kept."""
        with self._speaking():
            (count,) = self._base.execute("SELECT count(*) FROM seen").fetchone()
        return int(count)

    def commit(self) -> None:
        """Make durable, in one step, everything since the last commit.  SinkError."""
        with self._speaking():
            self._base.execute("COMMIT")
            self._base.execute("BEGIN IMMEDIATE")

    def rollback(self) -> None:
        """Forget everything since the last commit.  SinkError."""
        with self._speaking():
            if self._base.in_transaction:  # a full disk may have ended it
                self._base.execute("ROLLBACK")
            self._base.execute("BEGIN IMMEDIATE")
        self._most_keys = self._count()

    def close(self) -> None:
        """Forget what was not committed, and let others have the checkpoint."""
        with suppress(sqlite3.Error):
            self._base.rollback()
            self._base.close()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Say in words what the database refuses."""
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                raise OutageError(f"cannot write {self._name}: the disk is full") from error
            raise SinkError(f"cannot write {self._name}: {error}") from error


def _locked(folder: Path) -> FolderLock:
    """Make a folder, for its owner alone, and take its lock.  SinkError, LockedError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(f"create {folder}", error) from error
    lock = FolderLock(folder)
    lock.acquire()
    return lock
