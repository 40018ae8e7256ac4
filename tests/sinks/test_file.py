"""A file is hashed while it is written; a failure is said in words and kept."""

import hashlib
import os
import resource

import pytest

from dq.errors import SinkError
from dq.sinks import file as file_module
from dq.sinks.file import OutputFile


def test_hash_and_size_are_those_of_the_file(tmp_path):
    file = OutputFile(tmp_path / "x")
    for piece in (b"", b"abc", memoryview(b"def"), bytearray(b"g" * 70_000)):
        assert file.write(piece) == len(piece)
    file.close()
    file.close()
    data = (tmp_path / "x").read_bytes()
    assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_short_writes_are_completed(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(file_module.os, "write", lambda descriptor, view: real(descriptor, view[:3]))
    with OutputFile(tmp_path / "x") as file:
        assert file.write(b"0123456789") == 10
    assert (tmp_path / "x").read_bytes() == b"0123456789"


def test_a_full_disk_is_said_in_words_and_stays(tmp_path):
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, old[1]))
    try:
        file = OutputFile(tmp_path / "x")
        with pytest.raises(SinkError, match="cannot write x: the file would be larger"):
            file.write(b"0" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    with pytest.raises(SinkError, match="would be larger"):
        file.write(b"0")
    file.discard()
    assert file.closed


def test_an_existing_file_is_never_opened(tmp_path):
    (tmp_path / "x").write_text("kept")
    with pytest.raises(SinkError, match="cannot create x: file exists"):
        OutputFile(tmp_path / "x")
    assert (tmp_path / "x").read_text() == "kept"


def test_a_failing_fsync_is_a_failure(tmp_path, monkeypatch):
    file = OutputFile(tmp_path / "x")
    monkeypatch.setattr(file_module.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(5, "planted")))
    with pytest.raises(SinkError, match="the device failed"):
        file.close()
    assert file.failure is not None


def test_discard_stops_the_writer_once(tmp_path):
    calls = []
    file = OutputFile(tmp_path / "x")
    file.on_discard = lambda: calls.append(file.discard())
    file.discard()
    file.discard()
    assert calls == [None]
    assert file.closed
