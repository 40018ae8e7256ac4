"""The output folder is complete under its name, or absent."""

import errno
import hashlib
import os
import stat
from pathlib import Path

import orjson
import pytest

from dq.errors import InternalError, LockedError, SinkError
from dq.sinks import folder as folder_module
from dq.sinks import rename
from dq.sinks.folder import OutputFolder
from dq.sinks.manifest import verify


def fill(folder: OutputFolder, text: bytes = b"a\n1\n") -> None:
    """Write a small but complete output."""
    with folder.create("accepted.csv") as file:
        file.write(text)
        file.rows = 1
    folder.write("report.json", b"{}\n")
    folder.write("run.json", b'{"seconds": 1}\n')


def publish(path: Path, text: bytes = b"a\n1\n", *, replace: bool = False) -> None:
    with OutputFolder(path, replace=replace) as folder:
        fill(folder, text)
        folder.commit()


def names(path: Path) -> list[str]:
    return sorted(item.name for item in path.iterdir())


def test_a_commit_publishes_files_and_manifest_and_nothing_else(tmp_path):
    publish(tmp_path / "out")
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["accepted.csv", "manifest.json", "report.json", "run.json"]
    assert verify(tmp_path / "out") == []
    manifest = orjson.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert list(manifest) == ["accepted.csv", "report.json"]
    assert manifest["accepted.csv"] == {"rows": 1, "sha256": hashlib.sha256(b"a\n1\n").hexdigest(), "size": 4}
    assert manifest["report.json"]["rows"] is None


def test_the_manifest_is_canonical(tmp_path):
    publish(tmp_path / "one")
    publish(tmp_path / "two")
    assert (tmp_path / "one/manifest.json").read_bytes() == (tmp_path / "two/manifest.json").read_bytes()


@pytest.mark.parametrize(("umask", "folder_mode", "public"), [(0o022, 0o755, 0o644), (0o077, 0o700, 0o600)])
def test_data_is_private_and_the_umask_is_obeyed(tmp_path, umask, folder_mode, public):
    old = os.umask(umask)
    try:
        with OutputFolder(tmp_path / "out") as folder:
            fill(folder)
            folder.create("accepted.index.parquet").close()
            inside = tmp_path / ".out.dq-partial"
            assert stat.S_IMODE(inside.stat().st_mode) == 0o700
            folder.commit()
    finally:
        os.umask(old)
    modes = {item.name: stat.S_IMODE(item.stat().st_mode) for item in (tmp_path / "out").iterdir()}
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == folder_mode
    assert modes.pop("accepted.csv") == 0o600
    assert modes.pop("accepted.index.parquet") == 0o600
    assert set(modes.values()) == {public}


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, None])
def test_without_a_commit_nothing_is_left(tmp_path, error):
    def work():
        with OutputFolder(tmp_path / "out") as folder:
            fill(folder)
            folder.create("quarantine.jsonl").write(b"half")
            if error:
                raise error

    if error:
        with pytest.raises(error):
            work()
    else:
        work()
    assert names(tmp_path) == []


def test_an_existing_target_is_refused_before_any_work(tmp_path):
    publish(tmp_path / "out")
    with pytest.raises(SinkError, match="exists already"), OutputFolder(tmp_path / "out"):
        pytest.fail("the block must not run")
    assert names(tmp_path) == ["out"]
    assert verify(tmp_path / "out") == []


def test_replace_exchanges_old_and_new(tmp_path):
    publish(tmp_path / "out")
    publish(tmp_path / "out", b"a\n2\n", replace=True)
    assert (tmp_path / "out/accepted.csv").read_bytes() == b"a\n2\n"
    assert names(tmp_path) == ["out"]
    assert verify(tmp_path / "out") == []


def test_replace_of_an_absent_target_is_a_plain_run(tmp_path):
    publish(tmp_path / "out", replace=True)
    assert verify(tmp_path / "out") == []


@pytest.mark.parametrize("make", ["folder", "file", "symlink"])
def test_only_output_folders_are_replaced(tmp_path, make):
    target = tmp_path / "out"
    if make == "folder":
        target.mkdir()
        (target / "thesis.txt").write_text("years of work")
    elif make == "file":
        target.write_text("years of work")
    else:
        publish(tmp_path / "real")
        target.symlink_to(tmp_path / "real")
    before = names(tmp_path)
    with pytest.raises(SinkError, match="not an output folder"), OutputFolder(target, replace=True):
        pytest.fail("the block must not run")
    assert names(tmp_path) == before


@pytest.mark.parametrize("path", ["/", "absent/out", ".."])
def test_impossible_targets_are_refused_in_words(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SinkError, match=r"does not exist|not a name"), OutputFolder(path):
        pytest.fail("the block must not run")
    assert names(tmp_path) == []


def test_a_target_that_appears_during_the_run_is_not_overwritten(tmp_path):
    with OutputFolder(tmp_path / "out") as folder:
        fill(folder)
        (tmp_path / "out").mkdir()
        with pytest.raises(SinkError, match="exists already"):
            folder.commit()
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == []


def test_leftovers_of_a_killed_run_are_removed(tmp_path):
    (tmp_path / ".out.dq-partial").mkdir()
    (tmp_path / ".out.dq-partial/accepted.csv").write_text("half")
    (tmp_path / ".out.dq-lock").write_text("")
    (tmp_path / ".other.dq-partial").mkdir()
    publish(tmp_path / "out")
    assert names(tmp_path) == [".other.dq-partial", "out"]


def test_the_second_run_is_locked_out_and_writes_nothing(tmp_path):
    with OutputFolder(tmp_path / "out") as winner:
        fill(winner)
        before = names(tmp_path)
        with pytest.raises(LockedError) as caught, OutputFolder(tmp_path / "out"):
            pytest.fail("the block must not run")
        assert caught.value.exit_code == 75
        assert names(tmp_path) == before
        winner.commit()
    assert verify(tmp_path / "out") == []


def test_a_publication_that_cannot_be_made_durable_is_taken_back(tmp_path, monkeypatch):
    publish(tmp_path / "old")
    real = folder_module._synchronise

    def failing(path: Path) -> None:
        if path == tmp_path:
            raise OSError(errno.EIO, "planted")
        real(path)

    monkeypatch.setattr(folder_module, "_synchronise", failing)
    with pytest.raises(SinkError, match="the device failed"):
        publish(tmp_path / "new")
    with pytest.raises(SinkError, match="the device failed"):
        publish(tmp_path / "old", b"a\n2\n", replace=True)
    assert names(tmp_path) == ["old"]
    assert (tmp_path / "old/accepted.csv").read_bytes() == b"a\n1\n"


class TestWithoutExchange:
    """File systems that cannot exchange two names."""

    @pytest.fixture(autouse=True)
    def _unsupported(self, monkeypatch):
        def refuse(source: Path, target: Path) -> None:
            raise rename.ExchangeUnsupportedError(errno.EINVAL, "planted")

        monkeypatch.setattr(rename, "exchange", refuse)

    def test_two_renames_do_it(self, tmp_path):
        publish(tmp_path / "out")
        publish(tmp_path / "out", b"a\n2\n", replace=True)
        assert (tmp_path / "out/accepted.csv").read_bytes() == b"a\n2\n"
        assert names(tmp_path) == ["out"]

    def test_the_next_run_puts_the_old_folder_back(self, tmp_path):
        publish(tmp_path / "out")
        (tmp_path / "out").rename(tmp_path / ".out.dq-previous")
        with pytest.raises(SinkError, match="exists already"):
            publish(tmp_path / "out")
        assert names(tmp_path) == ["out"]
        assert verify(tmp_path / "out") == []

    def test_a_failing_second_rename_is_undone(self, tmp_path, monkeypatch):
        publish(tmp_path / "out")
        real = rename.move

        def move(source: Path, target: Path) -> None:
            if source.name == ".out.dq-partial":
                raise OSError(errno.ENOSPC, "planted")
            real(source, target)

        monkeypatch.setattr(rename, "move", move)
        with pytest.raises(SinkError, match="the disk is full"):
            publish(tmp_path / "out", b"a\n2\n", replace=True)
        assert names(tmp_path) == ["out"]
        assert (tmp_path / "out/accepted.csv").read_bytes() == b"a\n1\n"

    def test_it_is_taken_back_too(self, tmp_path, monkeypatch):
        publish(tmp_path / "out")
        real = folder_module._synchronise

        def failing(path: Path) -> None:
            if path == tmp_path:
                raise OSError(errno.EIO, "planted")
            real(path)

        monkeypatch.setattr(folder_module, "_synchronise", failing)
        with pytest.raises(SinkError):
            publish(tmp_path / "out", b"a\n2\n", replace=True)
        assert (tmp_path / "out/accepted.csv").read_bytes() == b"a\n1\n"
        assert names(tmp_path) == ["out"]


def test_renaming_accepted_to_held(tmp_path):
    with OutputFolder(tmp_path / "out") as folder:
        fill(folder)
        folder.rename("accepted.csv", "held.csv")
        folder.commit()
    assert names(tmp_path / "out") == ["held.csv", "manifest.json", "report.json", "run.json"]
    assert verify(tmp_path / "out") == []


@pytest.mark.parametrize("name", ["", "a/b", ".x", "manifest.json", "report.json", ".."])
def test_bad_names_are_our_bug(tmp_path, name):
    with OutputFolder(tmp_path / "out") as folder:
        fill(folder)
        with pytest.raises(InternalError):
            folder.create(name)


def test_an_unfinished_or_unknown_file_is_not_published(tmp_path):
    for defect in ("unfinished", "unknown"):
        with OutputFolder(tmp_path / "out") as folder:
            fill(folder)
            if defect == "unfinished":
                folder.create("removed.jsonl")
            else:
                (tmp_path / ".out.dq-partial/stranger").write_text("x")
            with pytest.raises(InternalError, match=rf"{defect} \['"):
                folder.commit()
        assert names(tmp_path) == []


def test_a_closed_folder_takes_nothing(tmp_path):
    folder = OutputFolder(tmp_path / "out")
    with pytest.raises(InternalError):
        folder.create("accepted.csv")
    with pytest.raises(InternalError):
        folder.commit()
    folder.abort()
