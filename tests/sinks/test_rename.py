"""Renames to a free name, and exchanges."""

import errno

import pytest

from dq.sinks import rename


def test_move_never_overwrites(tmp_path, monkeypatch):
    (tmp_path / "new").mkdir()
    (tmp_path / "old").mkdir()  # An empty folder is what rename(2) alone would replace.
    for unknown in (False, True):
        if unknown:
            monkeypatch.setattr(rename, "_binding", lambda: None)
        with pytest.raises(FileExistsError):
            rename.move(tmp_path / "new", tmp_path / "old")
        rename.move(tmp_path / "new", tmp_path / "free")
        assert not (tmp_path / "new").exists()
        rename.move(tmp_path / "free", tmp_path / "new")


def test_exchange(tmp_path):
    (tmp_path / "one").write_text("1")
    (tmp_path / "two").write_text("2")
    rename.exchange(tmp_path / "one", tmp_path / "two")
    assert (tmp_path / "one").read_text() == "2"
    assert (tmp_path / "two").read_text() == "1"


def test_exchange_says_when_it_is_unsupported_and_when_it_fails(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError):
        rename.exchange(tmp_path / "one", tmp_path / "two")
    for code in (errno.EINVAL, errno.ENOSYS):
        monkeypatch.setattr(rename, "_renameat2", lambda *_, code=code: code)
        with pytest.raises(rename.ExchangeUnsupportedError):
            rename.exchange(tmp_path / "one", tmp_path / "two")
