"""Rows of a chunk that are kept."""

from __future__ import annotations

import subprocess
import sys

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dq.plan.rows import own_texts

KEEP = """
import gc, sys
from pathlib import Path
import polars as pl
from dq.plan.rows import own_texts

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

kept = []
keep = own_texts if sys.argv[1] == "own" else lambda frame: frame
before = resident()
for chunk in range(20):
    texts = pl.select(pl.format("a text that is too long to stand in its view {}", pl.int_range(200_000))).to_series()
    kept.append(keep(texts.to_frame("text").filter(pl.int_range(200_000, eager=True) % 100 == chunk)))
    del texts
gc.collect()
print(resident() - before)
"""


def test_the_frame_is_the_same() -> None:
    frame = pl.DataFrame({"a": ["one", None, ""], "b": [1, None, 3], "c": [["x"], None, []]})
    assert_frame_equal(own_texts(frame), frame)
    assert_frame_equal(own_texts(frame.clear()), frame.clear())


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_few_rows_do_not_keep_the_texts_of_their_chunk() -> None:
    shared, own = (
        int(subprocess.run([sys.executable, "-c", KEEP, how], capture_output=True, check=True, text=True).stdout)
        for how in ("shared", "own")
    )
    texts = 20 * 200_000 * len("a text that is too long to stand in its view 100000")
    assert shared > texts, "Polars lets go of the texts by itself now: own_texts is not needed any more"
    assert own < texts / 2
