"""Parquet files: the same bytes however the rows come, and errors of the thread that surface."""

import subprocess
import sys
import threading
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dq.errors import InternalError, SinkError
from dq.sinks.file import OutputFile
from dq.sinks.parquet import ParquetWriter

ROWS = 1700


def sample(rows: int = ROWS) -> pl.DataFrame:
    """A frame with every canonical type, nulls, empty strings and empty lists."""

    def column(make, null_every: int):
        return [None if i % null_every == 0 else make(i) for i in range(rows)]

    return pl.DataFrame(
        {
            "s": column(lambda i: f"значение {i % 97}" * (i % 3), 7),
            "i": column(lambda i: i * 2**40, 5),
            "f": column(lambda i: i * 0.1, 11),
            "d": column(lambda i: Decimal(i) / 100, 3),
            "b": column(lambda i: i % 2 == 0, 13),
            "day": column(lambda i: date(2020, 1, 1) + timedelta(days=i), 4),
            "at": column(lambda i: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=i), 4),
            "clock": column(lambda i: time(i % 24, i % 60), 4),
            "span": column(lambda i: timedelta(microseconds=i), 4),
            "l": column(lambda i: [f"x{j}" for j in range(i % 4)], 6),
            "n": [None] * rows,
        },
        schema={
            "s": pl.String, "i": pl.Int64, "f": pl.Float64, "d": pl.Decimal(12, 2), "b": pl.Boolean, "day": pl.Date,
            "at": pl.Datetime("us", "UTC"), "clock": pl.Time, "span": pl.Duration("us"), "l": pl.List(pl.String),
            "n": pl.String,
        },
    )  # fmt: skip


def write(path, frame: pl.DataFrame, step: int, row_group_rows: int = 500) -> bytes:
    file = OutputFile(path)
    writer = ParquetWriter(file, frame.schema, row_group_rows)
    for offset in range(0, frame.height, step):
        writer.write(frame.slice(offset, step))
    assert writer.close() == frame.height == file.rows
    return path.read_bytes()


def test_the_rows_come_back(tmp_path):
    write(tmp_path / "x", sample(), 300)
    assert_frame_equal(pl.read_parquet(tmp_path / "x"), sample())


def test_the_bytes_do_not_depend_on_the_frames_that_come_in(tmp_path):
    whole = write(tmp_path / "whole", sample(), ROWS)
    for step in (1, 7, 499, 500, 501, 1000):
        assert write(tmp_path / str(step), sample(), step) == whole
    assert write(tmp_path / "groups", sample(), ROWS, 400) != whole


def test_the_bytes_do_not_depend_on_the_number_of_threads(tmp_path):
    """Three writers at once share the threads of Polars with other queries; one thread must do."""
    code = """
import hashlib, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import polars as pl
from test_parquet import OutputFile, ParquetWriter, sample
frame, folder = sample(), Path(sys.argv[2])
writers = [ParquetWriter(OutputFile(folder / f"{i}.parquet"), frame.schema, 500) for i in range(3)]
for offset in range(0, frame.height, 111):
    frame.lazy().group_by("b").agg(pl.col("f").sum()).collect(engine="streaming")
    for writer in writers:
        writer.write(frame.slice(offset, 111))
for writer in writers:
    writer.close()
print({hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())})
"""
    outputs = set()
    for threads in ("1", "2", "4"):
        folder = tmp_path / threads
        folder.mkdir()
        command = [sys.executable, "-c", code, str(__file__).rsplit("/", 1)[0], str(folder)]
        env = {"POLARS_MAX_THREADS": threads, "PYTHONPATH": ":".join(sys.path)}
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env, check=False)
        assert run.returncode == 0, run.stderr
        outputs.add(run.stdout)
    assert len(outputs) == 1
    assert outputs.pop().count(",") == 0


def test_an_empty_output_has_its_schema(tmp_path):
    frame = sample(0)
    first = write(tmp_path / "x", frame, 1)
    read = pl.read_parquet(tmp_path / "x")
    assert read.schema == frame.schema
    assert read.height == 0
    file = OutputFile(tmp_path / "y")
    writer = ParquetWriter(file, frame.schema, 500)
    writer.write(frame)  # A chunk whose records were all refused.
    assert writer.close() == 0
    assert (tmp_path / "y").read_bytes() == first


def test_a_schema_without_columns_is_our_bug(tmp_path):
    with pytest.raises(InternalError):
        ParquetWriter(OutputFile(tmp_path / "x"), pl.Schema())


def test_a_frame_of_another_schema_is_our_bug(tmp_path):
    writer = ParquetWriter(OutputFile(tmp_path / "x"), pl.Schema({"a": pl.Int64}))
    with pytest.raises(InternalError):
        writer.write(pl.DataFrame({"b": [1]}))
    writer.abort()


class FullDisk(OutputFile):
    """A file that fails like a full disk after some bytes."""

    def _write_all(self, view):
        if self.size + len(view) > 2000:
            raise OSError(28, "No space left on device")
        super()._write_all(view)


def test_a_full_disk_surfaces_in_write_or_close(tmp_path):
    writer = ParquetWriter(FullDisk(tmp_path / "x"), sample().schema, 100)

    def work():
        for _ in range(100):
            writer.write(sample())
        writer.close()

    with pytest.raises(SinkError, match="the disk is full"):
        work()
    with pytest.raises(SinkError, match="the disk is full"):
        writer.write(sample())
    with pytest.raises(SinkError, match="the disk is full"):
        writer.close()
    writer.abort()
    assert not any(thread.name.startswith("dq-write-") for thread in threading.enumerate())


@pytest.mark.parametrize("frames", [0, 1, 20])
def test_abort_ends_the_thread_at_any_time(tmp_path, frames):
    file = OutputFile(tmp_path / "x")
    writer = ParquetWriter(file, sample().schema, 100)
    for _ in range(frames):
        writer.write(sample())
    file.discard()
    writer.abort()
    assert file.closed
    assert not any(thread.name.startswith("dq-write-") for thread in threading.enumerate())
