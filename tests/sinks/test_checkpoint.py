"""The checkpoint of a stream: what it keeps, what it forgets, and what it says when it cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dq.errors import OutageError, SinkError, UsageError
from dq.sinks.checkpoint import Checkpoint


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Checkpoint]:
    """Return a checkpoint with one commit."""
    checkpoint = Checkpoint(tmp_path / "memory")
    checkpoint.remember([(b"kept", (1, "s", 1))])
    checkpoint.put({"last": 1})
    checkpoint.commit()
    yield checkpoint
    checkpoint.close()


def test_on_a_full_disk_the_last_commit_stands_and_the_next_one_follows_when_there_is_room(memory: Checkpoint) -> None:
    """The database may have no more pages than it has: to SQLite that is a full disk."""
    keys = [b"%0200d" % number for number in range(2000)]
    memory._base.execute("PRAGMA max_page_count = 1")
    with pytest.raises(OutageError, match="the disk is full"):
        memory.remember((key, (2, "s", 2)) for key in keys)
    memory.rollback()
    assert (memory.get("last"), memory.seen([b"kept", *keys])) == (1, {b"kept": (1, "s", 1)})
    memory._base.execute("PRAGMA max_page_count = 1000000")
    memory.remember((key, (2, "s", 2)) for key in keys)
    memory.commit()
    memory.rollback()
    assert len(memory.seen(keys)) == len(keys)


def test_what_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(SinkError, match=r"cannot create .*file: "):
        Checkpoint(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_what_is_no_checkpoint_is_left_alone_and_not_locked(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.sqlite").write_text("mine" * 100)
    for _ in range(2):
        with pytest.raises(UsageError, match="is no checkpoint of a stream"):
            Checkpoint(tmp_path)
    assert (tmp_path / "checkpoint.sqlite").read_text() == "mine" * 100


def test_only_its_owner_reads_it(memory: Checkpoint, tmp_path: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "memory").iterdir()}
    assert len(modes) == 3, "the database, its log, and the index of the log"
    assert set(modes.values()) == {0o600}
