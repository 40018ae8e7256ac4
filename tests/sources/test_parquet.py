"""Parquet files."""

import hashlib

import numpy as np
import polars as pl
import pytest

from dq.errors import SourceError
from dq.sources.base import Dialect
from dq.sources.parquet import ParquetReader


def dialect(fields, **options):
    return Dialect(name="s", format="parquet", fields=fields, **options)


@pytest.fixture
def file(tmp_path):
    """Return the path of a file whose name is a glob that matches another file."""
    pl.DataFrame({"n": [9]}).write_parquet(tmp_path / "a1.parquet")
    path = tmp_path / "a[1].parquet"
    pl.DataFrame({"n": range(1000), "t": [f"v{i}" for i in range(1000)]}).write_parquet(path, row_group_size=64)
    return path


@pytest.mark.parametrize("chunk_records", [1, 100, 5000])
def test_rows_come_in_order(file, chunk_records):
    reader = ParquetReader(dialect({"n": "n", "t": "t"}), file, chunk_records=max(chunk_records, 7))
    chunks = list(reader.chunks())
    assert [text for chunk in chunks for text in chunk.cells["t"]] == [f"v{i}" for i in range(1000)]
    assert np.concatenate([chunk.record for chunk in chunks]).tolist() == list(range(1, 1001))
    assert chunks[0].raws.raw(np.array([1])) == [b'{"n":1,"t":"v1"}']
    assert reader.account.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (reader.account.records, reader.account.bytes) == (1000, file.stat().st_size)


def test_an_absent_required_column_refuses_the_source(file):
    reader = ParquetReader(dialect({"z": "z"}, required=frozenset({"z"})), file)
    assert list(reader.chunks()) == []
    assert reader.account.refused is not None
    assert reader.account.bytes == file.stat().st_size


@pytest.mark.parametrize("harm", ["cut", "empty", "garbage", "footer", "pages"])
def test_a_corrupt_file_is_a_source_error(file, harm):
    data = bytearray(file.read_bytes())
    match harm:
        case "cut":
            data = data[: len(data) // 2]
        case "empty":
            data.clear()
        case "garbage":
            data[:] = b"x" * 500
        case "footer":
            data[-200:-8] = bytes(byte ^ 0x55 for byte in data[-200:-8])
        case "pages":
            data[4:600] = b"\xff" * 596
    file.write_bytes(data)
    with pytest.raises(SourceError, match=r"a\[1\]\.parquet: it cannot be read as Parquet"):
        list(ParquetReader(dialect({"n": "n", "t": "t"}), file).chunks())


def test_an_absent_file_is_a_source_error(tmp_path):
    with pytest.raises(SourceError, match="No such file"):
        list(ParquetReader(dialect({"n": "n"}), tmp_path / "none.parquet").chunks())


def test_a_panic_is_a_source_error_and_an_interrupt_is_not(file):
    class PanicException(BaseException):
        """Stands in for pyo3's."""

    reader = ParquetReader(dialect({"n": "n"}), file)

    def panic():
        raise PanicException

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(SourceError):
        reader._guard(panic)
    with pytest.raises(KeyboardInterrupt):
        reader._guard(interrupt)
