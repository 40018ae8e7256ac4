from __future__ import annotations

import pytest

from dq.spec.paths import is_url, resolve


@pytest.mark.parametrize(
    ("relative", "words"),
    [
        ("", "empty"),
        ("/etc/passwd", "absolute"),
        ("../x.csv", "'..'"),
        ("a/../../x.csv", "'..'"),
        ("a/..", "'..'"),
        ("file:///etc/passwd", "URL"),
        ("http://a/b", "URL"),
        ("s3://bucket/key", "URL"),
        ("data:text/csv,a", "URL"),
        ("//host/share", "URL"),
        ("\\\\host\\share", "URL"),
        ("C:/x.csv", "drive"),
        ("a\\b.csv", "separated by /"),
        ("a\0b", "NUL"),
        (".", "folder itself"),
    ],
)
def test_refused(tmp_path, relative, words):
    with pytest.raises(ValueError, match=words):
        resolve(tmp_path, relative)


@pytest.mark.parametrize("relative", ["a.csv", "sub/a[1].csv", "имя файла.csv", "./a.csv", "..a", "~root"])
def test_accepted(tmp_path, relative):
    path = resolve(tmp_path, relative)
    assert path.is_relative_to(tmp_path)
    assert path == tmp_path / relative


def test_symbolic_links_are_refused_at_every_component(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.csv").touch()
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True)
    (root / "folder").symlink_to(outside)
    (root / "real" / "file.csv").symlink_to(outside / "x.csv")
    (root / "broken").symlink_to(root / "absent")
    for relative in ("folder/x.csv", "real/file.csv", "broken", "folder"):
        with pytest.raises(ValueError, match="symbolic link"):
            resolve(root, relative)
    assert resolve(root, "real/other.csv") == root / "real" / "other.csv"


def test_a_root_behind_a_link_is_fine(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert resolve(tmp_path / "link", "a.csv") == tmp_path / "link" / "a.csv"


def test_names_that_are_too_long_are_refused_in_words(tmp_path):
    with pytest.raises(ValueError, match="looked up"):
        resolve(tmp_path, "x" * 5000)


def test_urls():
    assert [is_url(text) for text in ("https://a", "a.csv", "12:30", "x:y", "urn:a")] == [
        True,
        False,
        False,
        False,
        True,
    ]
