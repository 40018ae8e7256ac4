"""The spill: what is too much for the memory comes back in order, a small piece at a time."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dq.engines.spill import PIECES, Spill
from dq.errors import SinkError

ROWS = 1000


def frames(count: int) -> list[pl.DataFrame]:
    return [pl.DataFrame({"n": range(ROWS * number, ROWS * (number + 1))}) for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 40, 41])
def test_frames_come_back_in_order(tmp_path: Path, count: int) -> None:
    memory = 8 * ROWS * 16  # sixteen frames, two a piece
    with Spill(memory, tmp_path) as spill:
        for frame in frames(count):
            spill.add(frame)
        for _ in range(2):
            found = list(spill.frames())
            if count:
                assert_frame_equal(pl.concat(found), pl.concat(frames(count)))
        written = list(tmp_path.rglob("*.arrow"))
        assert bool(written) == (count > 16)
        if written:
            assert max(frame.height for frame in found) <= 3 * ROWS, "a piece and the frame that filled it"
            kept = sum(frame.height for frame in found[len(written) :])
            assert kept * 8 <= memory // PIECES, "no more than a piece waits in memory"
    assert not list(tmp_path.iterdir())


def test_some_columns_come_back_in_the_order_asked_for_from_disk_and_from_memory(tmp_path: Path) -> None:
    whole = [frame.with_columns(m=-pl.col("n"), o=pl.col("n") * 2) for frame in frames(20)]
    with Spill(8 * ROWS * 3 * 16, tmp_path) as spill:
        for frame in whole:
            spill.add(frame)
        assert list(tmp_path.rglob("*.arrow"))
        assert_frame_equal(pl.concat(spill.frames(["o", "n"])), pl.concat(whole).select("o", "n"))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with Spill(0, tmp_path / "absent") as spill, pytest.raises(SinkError, match="cannot spill to disk"):
        spill.add(frames(1)[0])


def test_a_frame_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    with Spill(-1, tmp_path) as spill:
        spill.add(frames(1)[0].clear())
        assert [frame.columns for frame in spill.frames()] == [["n"]]
