"""`verify` sees every way in which a folder may differ from its manifest."""

import hashlib

import orjson
import pytest

from dq.errors import SinkError
from dq.sinks.manifest import read, render, verify


@pytest.fixture
def folder(tmp_path):
    entries = {}
    for name, data in {"accepted.csv": b"a\n1\n", "report.json": b"{}\n"}.items():
        (tmp_path / name).write_bytes(data)
        entries[name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "rows": None}
    (tmp_path / "manifest.json").write_bytes(render(entries))
    (tmp_path / "run.json").write_bytes(b"{}")
    return tmp_path


def test_a_complete_folder_has_no_problems(folder):
    assert verify(folder) == []


def _flip(folder):
    (folder / "accepted.csv").write_bytes(b"a\n2\n")


def _grow(folder):
    (folder / "accepted.csv").write_bytes(b"a\n1\n1\n")


def _lose(folder):
    (folder / "accepted.csv").unlink()


def _add(folder):
    (folder / "accepted.csv.bak").touch()


def _link(folder):
    (folder / "accepted.csv").rename(folder.parent / "elsewhere")
    (folder / "accepted.csv").symlink_to(folder.parent / "elsewhere")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_flip, "accepted.csv has other content than was written"),
        (_grow, "accepted.csv has 6 bytes, not 4"),
        (_lose, "accepted.csv is missing"),
        (_add, "accepted.csv.bak is not in the manifest"),
        (_link, "accepted.csv is not a regular file"),
    ],
)
def test_damage_is_said_in_a_sentence(folder, damage, sentence):
    damage(folder)
    assert verify(folder) == [sentence]


def test_a_folder_without_manifest_is_not_complete(folder):
    (folder / "manifest.json").unlink()
    assert "not a complete output folder" in verify(folder)[0]
    assert verify(folder / "absent")


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"a": 1}', b'{"a": {"sha256": "x"}}'])
def test_a_broken_manifest_is_refused(folder, text):
    (folder / "manifest.json").write_bytes(text)
    with pytest.raises(SinkError):
        read(folder)


def test_the_bytes_do_not_depend_on_the_order_of_files():
    one = {"sha256": "x", "size": 1, "rows": 2}
    assert render({"b": one, "a": one}) == render({"a": one, "b": one})
    assert orjson.loads(render({"a": one})) == {"a": one}
