"""The output folder: complete under its name, or absent.

The files are written into a private folder beside the target, each synchronised to the device when it is
closed.  Then the manifest is written, the folder is synchronised, one rename publishes it, and the parent is
synchronised.  A run that dies on the way leaves at most the private folder and the file of its lock, which
the next run of the same target removes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dq.errors import InternalError, SinkError
from dq.sinks import manifest, rename
from dq.sinks.file import OutputFile, refusal
from dq.sinks.lock import FolderLock

PRIVATE = frozenset({"accepted", "held", "quarantine", "removed", "ledger", "index", "state", "unmatched"})


def permissions(name: str) -> int:
    """Return the mode of a file, before the umask: 0600 for files that hold data, 0644 for the others."""
    return 0o600 if name.split(".", 1)[0] in PRIVATE else 0o644


class OutputFolder:
    """A folder that appears under its name complete, with a manifest, or not at all.

    Use it as a context manager and call `commit` as the last thing: leaving it without a commit, for whatever
    reason, leaves the target as it was.  LockedError if another run is writing the same folder; SinkError, in
    words and before any work, if the target exists and `replace` is not set, or cannot be written.

    With `replace` the new folder and an old one change places in one step (`RENAME_EXCHANGE`).  Where the
    file system cannot do that, the old folder is renamed aside first; if the run dies between the two renames,
    the next run puts the old folder back.  Only folders that have a manifest are ever replaced.
    """

    def __init__(self, path: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Name the target; nothing is touched yet.  SinkError if the path has no name of its own."""
        self.path = Path(path).absolute()
        if self.path.name in {"", ".."}:
            raise SinkError(f"{self.path} is not a name for a new folder")
        self._replace = replace
        self._lock = FolderLock(self.path)
        self._temporary = self.path.with_name(f".{self.path.name}.dq-partial")
        self._previous = self.path.with_name(f".{self.path.name}.dq-previous")
        self._files: dict[str, OutputFile] = {}
        self._adopted: dict[str, dict[str, Any]] = {}
        self._public_mode = 0o700
        self._open = False

    def __enter__(self) -> Self:
        """Take the lock, look at the target, and make the private folder."""
        if not self.path.parent.is_dir():
            raise SinkError(f"cannot write {self.path}: the folder {self.path.parent} does not exist")
        with ExitStack() as stack:
            self._lock.acquire()
            stack.callback(self._lock.release)
            with self._failing_as(f"prepare {self.path}"):
                self._recover()
                self._check_target()
                stack.callback(shutil.rmtree, self._temporary, ignore_errors=True)
                self._make_temporary()
            stack.pop_all()
        self._open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give up whatever was not committed."""
        self.abort()

    def _recover(self) -> None:
        """Remove what a killed run of the same target left behind, and put back what it had moved aside."""
        _remove(self._temporary)
        if os.path.lexists(self._previous):
            if os.path.lexists(self.path):
                _remove(self._previous)
            else:
                rename.move(self._previous, self.path)

    def _check_target(self) -> None:
        """Refuse a target that exists, unless it is an output folder that may be replaced."""
        if not os.path.lexists(self.path):
            return
        if not self._replace:
            raise SinkError(f"{self.path} exists already: choose another folder, or replace it")
        if self.path.is_symlink() or not (self.path / manifest.MANIFEST).is_file():
            raise SinkError(f"{self.path} is not an output folder (it has no {manifest.MANIFEST}): it is not replaced")

    def _make_temporary(self) -> None:
        """Make the private folder, and note the mode that the umask allows for the published one."""
        self._temporary.mkdir(mode=0o755)
        self._public_mode = self._temporary.stat().st_mode & 0o755
        self._temporary.chmod(0o700)

    def create(self, name: str) -> OutputFile:
        """Create a file of the folder and return it for writing.  SinkError; InternalError for a bad name."""
        if not self._open:
            raise InternalError("the output folder is not open")
        if not name or "/" in name or name.startswith(".") or name in self._files or name == manifest.MANIFEST:
            raise InternalError(f"{name!r} cannot be the name of a new file of the output folder")
        self._files[name] = OutputFile(self._temporary / name, permissions(name))
        return self._files[name]

    def write(self, name: str, data: bytes) -> None:
        """Create a small file that has no rows.  SinkError."""
        with self.create(name) as file:
            file.write(data)

    def place(self, event: str, version: str) -> Path:
        """Return where, in the private folder, an output folder of its own may be published, to be adopted then."""
        with self._failing_as(f"write {event}"):
            (self._temporary / event).mkdir(mode=0o755, exist_ok=True)
        return self._temporary / event / version

    def adopt(self, folder: Path) -> None:
        """Take an output folder that was published in a place of this one into the manifest.  SinkError."""
        with self._failing_as(f"write {folder.name}"):
            _synchronise(folder.parent)
        name = folder.relative_to(self._temporary).as_posix()
        self._adopted |= {f"{name}/{file}": entry for file, entry in manifest.read(folder).items()}

    def rename(self, name: str, new: str) -> None:
        """Rename a closed file: rows of a batch that fails its gate are `held.*` in the end.  SinkError."""
        if not self._files[name].closed or new in self._files or permissions(name) != permissions(new):
            raise InternalError(f"{name!r} cannot be renamed to {new!r}")
        with self._failing_as(f"write {new}"):
            rename.move(self._temporary / name, self._temporary / new)
        self._files[new] = self._files.pop(name)

    def commit(self) -> None:
        """Publish the folder.  SinkError; then the target is what it was before the run."""
        if not self._open:
            raise InternalError("the output folder is not open")
        self._write_manifest()
        with self._failing_as(f"publish {self.path}"):
            self._temporary.chmod(self._public_mode)
            _synchronise(self._temporary)
            self._publish()
        self._open = False
        # The new folder is in place.  What cannot be removed of the old one is removed by the next run.
        shutil.rmtree(self._temporary, ignore_errors=True)
        shutil.rmtree(self._previous, ignore_errors=True)
        self._lock.release()

    def _write_manifest(self) -> None:
        """Write the manifest over all files, which must be closed and the only ones there."""
        unfinished = [name for name, file in self._files.items() if not file.closed or file.failure]
        known = set(self._files) | {name.partition("/")[0] for name in self._adopted}
        strangers = sorted({path.name for path in self._temporary.iterdir()} - known)
        if unfinished or strangers:
            raise InternalError(f"the output folder cannot be published: unfinished {unfinished}, unknown {strangers}")
        listed = {name: file for name, file in self._files.items() if name not in manifest.UNLISTED}
        entries = {name: {"sha256": f.sha256, "size": f.size, "rows": f.rows} for name, f in listed.items()}
        entries |= self._adopted
        with OutputFile(self._temporary / manifest.MANIFEST, permissions(manifest.MANIFEST)) as file:
            file.write(manifest.render(entries))

    def _publish(self) -> None:
        """Give the private folder the target's name, durably; undo it where it cannot be made durable."""
        swap = os.path.lexists(self.path)
        if swap:
            self._check_target()
            self._exchange()
        else:
            rename.move(self._temporary, self.path)
        try:
            _synchronise(self.path.parent)
        except OSError:
            with suppress(OSError):
                self._withdraw(swap=swap)
            raise

    def _exchange(self) -> None:
        """Exchange new and old in one step, or in two where the file system knows no better."""
        try:
            rename.exchange(self._temporary, self.path)
        except rename.ExchangeUnsupportedError:
            rename.move(self.path, self._previous)
            try:
                rename.move(self._temporary, self.path)
            except OSError:
                rename.move(self._previous, self.path)
                raise

    def _withdraw(self, *, swap: bool) -> None:
        """Take back a publication: the run is about to fail, so the target must be what it was."""
        if swap and not self._previous.exists():
            rename.exchange(self._temporary, self.path)
            return
        rename.move(self.path, self._temporary)
        if swap:
            rename.move(self._previous, self.path)

    def abort(self) -> None:
        """Give up: stop the writers and remove the private folder; the target stays as it was.  It never raises."""
        if not self._open:
            return
        self._open = False
        for file in self._files.values():
            file.discard()
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._lock.release()

    @contextmanager
    def _failing_as(self, action: str) -> Iterator[None]:
        """Turn an OSError of the block into the SinkError that says what could not be done."""
        try:
            yield
        except OSError as error:
            raise refusal(action, error) from error


def _remove(folder: Path) -> None:
    """Remove a folder with all that is in it, if it is there."""
    if os.path.lexists(folder):
        shutil.rmtree(folder)


def _synchronise(folder: Path) -> None:
    """Make the names in a folder durable (`fsync(2)` of a directory)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
