"""A file that is followed: rotation, truncation, and going on where another one stopped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dq.errors import SourceError
from dq.sources.following import FollowedFile
from dq.sources.intake import Piece, PipeIntake, Place


def pieces(file: FollowedFile, wait: float = 0.03) -> list[Piece]:
    """Return everything that is there by now."""
    found = []
    while (piece := file.read(wait)) is not None:
        found.append(piece)
    return found


def data(file: FollowedFile) -> bytes:
    return b"".join(piece.data for piece in pieces(file))


def test_what_is_appended_is_given_out(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = FollowedFile(path)
    assert pieces(file) == [], "it need not be there yet"
    path.write_bytes(b"a\n")
    [first] = pieces(file)
    assert (first.data, first.begins and first.begins.inode) == (b"a\n", path.stat().st_ino)
    with path.open("ab") as log:
        log.write(b"b\n")
    [second] = pieces(file)
    assert (second.data, second.begins) == (b"b\n", None)


def test_a_rotated_file_is_read_to_its_end_first(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"a\n")
    file = FollowedFile(path)
    assert data(file) == b"a\n"
    path.rename(tmp_path / "log.1")
    path.touch()
    with (tmp_path / "log.1").open("ab") as log:
        log.write(b"late\n")  # whoever writes has not yet noticed
    assert data(file) == b"late\n"
    path.write_bytes(b"new\n")
    [piece] = pieces(file)
    assert (piece.data, piece.begins and piece.begins.inode) == (b"new\n", path.stat().st_ino)


def test_several_rotations_in_between_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"1\n")
    file = FollowedFile(path)
    assert data(file) == b"1\n"
    path.rename(tmp_path / "log.2")
    (tmp_path / "log.1").write_bytes(b"2\n")
    path.write_bytes(b"3\n")
    for age, name in enumerate(("log", "log.1", "log.2")):
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    assert data(file) == b"2\n3\n"


def test_a_truncated_file_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first\n")
    file = FollowedFile(path)
    pieces(file)
    path.write_bytes(b"x\n")
    [piece] = pieces(file)
    assert piece.data == b"x\n"
    assert piece.begins is not None


def test_it_goes_on_where_another_stopped_even_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"a\nb\n")
    file = FollowedFile(path)
    pieces(file)
    place = file.place(2, 2, 2)
    path.rename(tmp_path / "log.1")
    path.write_bytes(b"c\n")
    os.utime(tmp_path / "log.1", (1, 1))
    again = FollowedFile(path, place)
    found = pieces(again)
    assert [piece.data for piece in found] == [b"b\n", b"c\n"]
    assert found[0].begins == place


@pytest.mark.parametrize("first", [b"", b"\xef\xbb\xbf"], ids=["empty", "a mark alone"])
def test_a_file_is_found_again_that_was_rotated_before_anything_of_it_was_read(tmp_path: Path, first: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(first)
    file = FollowedFile(path)
    places = [file.place(0, 1, 1)]
    assert file.read(0) is None
    places.append(file.place(0, 1, 1))
    with path.open("ab") as log:
        log.write(b"a\n")
    path.rename(tmp_path / "log.1")
    path.write_bytes(b"b\n")
    os.utime(tmp_path / "log.1", (1, 1))
    for place in places:
        assert [piece.data for piece in pieces(FollowedFile(path, place))] == [b"a\n", b"b\n"]


def test_another_file_with_the_same_inode_is_not_taken_for_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"a\nb\n")
    file = FollowedFile(path)
    pieces(file)
    place = file.place(2, 2, 2)
    path.write_bytes(b"other\n")
    with pytest.raises(SourceError, match="records may be missing"):
        FollowedFile(path, place)


def test_until_end_ends(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"\xef\xbb\xbfa\n")
    file = FollowedFile(path, until_end=True)
    [piece] = pieces(file)
    assert (piece.data, piece.begins and piece.begins.offset) == (b"a\n", 3)
    assert file.ended
    with pytest.raises(SourceError, match="no such file"):
        FollowedFile(tmp_path / "absent", until_end=True).read(0)


def test_a_pipe_gives_out_what_was_read_when_it_is_stopped() -> None:
    reading, writing = os.pipe()
    intake = PipeIntake(reading)
    assert intake.read(0.01) is None
    os.write(writing, b"\xef\xbb\xbfa\nb\n")
    piece = intake.read(5)
    assert piece == Piece(b"a\nb\n", Place(offset=3))
    os.write(writing, b"c\n")
    os.close(writing)
    rest = b""
    while not intake.ended:
        rest += piece.data if (piece := intake.read(1)) is not None else b""
    assert rest == b"c\n"
    os.close(reading)
