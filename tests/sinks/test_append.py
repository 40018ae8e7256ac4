"""What a stream appends to: cut to what is known, patient with a full device, and honest about a failed one."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dq.errors import SinkError, UsageError
from dq.sinks import append
from dq.sinks.append import AppendedFile, Descriptor
from dq.sinks.checkpoint import Checkpoint


@pytest.mark.parametrize(
    ("before", "length", "after"), [("a\nb\nhal", None, "a\nb\n"), ("a\nb\n", 2, "a\n"), ("hal", None, "")]
)
def test_a_file_begins_behind_what_is_known(tmp_path: Path, before: str, length: int | None, after: str) -> None:
    path = tmp_path / "out"
    path.write_text(before)
    file = AppendedFile(path, length)
    file.write(b"c\n")
    assert file.sync() == file.length == len(after) + 2
    file.close()
    assert path.read_text() == after + "c\n"


def test_a_file_that_became_shorter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a\n")
    with pytest.raises(SinkError, match="shorter"):
        AppendedFile(tmp_path / "out", 3)


def test_a_full_device_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    file = AppendedFile(tmp_path / "out", None, said.append)
    write, left = os.pwrite, [3]

    def full(descriptor: int, data: memoryview, offset: int) -> int:
        left[0] -= 1
        if left[0] == 2:
            return write(descriptor, data[:2], offset)
        if left[0] >= 0:
            raise OSError(errno.ENOSPC, "full")
        return write(descriptor, data, offset)

    monkeypatch.setattr(append.os, "pwrite", full)
    file.write(b"hello\n")
    file.close()
    assert (tmp_path / "out").read_bytes() == b"hello\n"
    assert len(said) == 1
    assert "the disk is full" in said[0]


def test_a_failed_device_ends_the_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = AppendedFile(tmp_path / "out")

    def failed(*_: object) -> int:
        raise OSError(errno.EIO, "failed")

    monkeypatch.setattr(append.os, "pwrite", failed)
    monkeypatch.setattr(append.os, "fsync", failed)
    with pytest.raises(SinkError):
        file.write(b"a\n")
    with pytest.raises(SinkError):
        file.sync()
    file.close()


def test_a_descriptor_without_a_reader_is_an_error() -> None:
    reading, writing = os.pipe()
    target = Descriptor(writing)
    target.write(b"a\n")
    assert (os.read(reading, 10), target.sync()) == (b"a\n", 2)
    os.close(reading)
    with pytest.raises(SinkError):
        target.write(b"b\n")
    os.close(writing)


def test_a_checkpoint_keeps_what_was_committed_and_nothing_else(tmp_path: Path) -> None:
    memory = Checkpoint(tmp_path / "m")
    memory.put({"place": {"offset": 3}})
    memory.remember([(b"a", (1, "s", 1))])
    memory.commit()
    memory.put({"place": {"offset": 9}})
    memory.remember([(b"b", (2, "s", 2)), (b"a", (2, "s", 2))])
    memory.close()
    memory = Checkpoint(tmp_path / "m")
    assert memory.get("place") == {"offset": 3}
    assert memory.seen([b"a", b"b"]) == {b"a": (1, "s", 1)}
    assert (memory.forget(2, 10), memory.seen([b"a"])) == (0, {})
    memory.close()
    assert (tmp_path / "m" / "checkpoint.sqlite").stat().st_mode & 0o777 == 0o600


def test_of_too_many_keys_the_oldest_are_forgotten_exactly() -> None:
    memory = Checkpoint(None)
    for at in range(10):
        memory.remember([(b"%d" % at, (at, "s", at)), (b"again", (at, "s", at))])
    assert memory.forget(0, 11) == 0
    assert memory.forget(0, 4) == 7
    assert sorted(memory.seen([b"%d" % at for at in range(10)] + [b"again"])) == [b"7", b"8", b"9", b"again"]
    assert memory.forget(9, 4) == 0
    assert sorted(memory.seen([b"8", b"9", b"again"])) == [b"9", b"again"]


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "checkpoint.sqlite").write_text("these are no pages of a database" * 100)
    with pytest.raises(UsageError, match="no checkpoint"):
        Checkpoint(tmp_path / "m")
    (tmp_path / "m" / "checkpoint.sqlite").unlink()
    memory = Checkpoint(tmp_path / "m")
    memory.put({"format": 1})
    memory.commit()
    memory.close()
    with pytest.raises(UsageError, match="format 2, not 1"):
        Checkpoint(tmp_path / "m")
