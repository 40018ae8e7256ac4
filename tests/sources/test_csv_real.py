"""Real files: what other people wrote, and what they expect."""

from __future__ import annotations

import csv as standard
import io
import json

import pytest

from dq.sources.base import Dialect
from dq.sources.csv import CsvReader

pytestmark = pytest.mark.shared

SPECTRUM = [
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf",
    "quotes_and_newlines", "simple", "simple_crlf", "utf8",
]  # fmt: skip


def read(data, names=None, header=True, **changes):
    fields = {name: name for name in names or ()}
    dialect = Dialect(name="", format="csv", fields=fields, header=header, **changes)
    reader = CsvReader(dialect, lambda: io.BytesIO(data), block_size=50_000)
    chunks = list(reader.chunks())
    bad = [(item.record, item.code) for chunk in chunks for item in chunk.unreadable]
    return reader.account, [row for chunk in chunks for row in chunk.cells.rows()], bad


def names_of(data, **changes):
    return read(data, **changes)[0].header


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum(shared, name):
    folder = shared / "data/corpora/csv_spectrum"
    data = (folder / "csvs" / f"{name}.csv").read_bytes()
    if name.endswith("_crlf"):  # the copy at hand has lost the line ends that it is named after
        data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    names = names_of(data)
    _, rows, bad = read(data, names)
    found = [dict(zip(names, row, strict=True)) for row in rows]
    wanted = json.loads((folder / "json" / f"{name}.json").read_text())
    assert (found, bad) == (wanted, [])


def test_csv_spectrum_with_bare_quotes(shared):
    # Its own expectation has another telephone number, and is not a list.
    folder = shared / "data/corpora/csv_spectrum"
    data = (folder / "csvs/location_coordinates.csv").read_bytes()
    wanted = json.loads((folder / "json/location_coordinates.json").read_text())
    names = names_of(data)
    assert read(data, names)[1:] == ([], [(1, "unreadable.bare_quote")])
    _, rows, bad = read(data, names, bare_quotes="data")
    assert (rows, bad) == ([("2095257564", *list(wanted.values())[1:])], [])


def expected_files(shared):
    return sorted((shared / "data/corpora/csv_test_data/json").glob("*.json"))


def test_csv_test_data(shared):
    files = expected_files(shared)
    assert len(files) > 15
    for path in files:
        data = (path.parents[1] / "csv" / f"{path.stem}.csv").read_bytes()
        wanted = json.loads(path.read_text())
        if path.stem.startswith("header"):
            names = names_of(data)
            _, rows, bad = read(data, names)
            assert ([dict(zip(names, row, strict=True)) for row in rows], bad) == (wanted, []), path.stem
            continue
        count = len(wanted[0]) if wanted else 1
        names = tuple(str(number) for number in range(1, count + 1))
        _, rows, bad = read(data, names, header=False)
        ragged = [number for number, row in enumerate(wanted, 1) if len(row) != count]
        assert ([list(row) for row in rows], bad) == (
            [row for row in wanted if len(row) == count],
            [(number, "unreadable.ragged") for number in ragged],
        ), path.stem


BAD = {
    "bad-header-less-fields": (True, ["unreadable.ragged"]),
    "bad-header-more-fields": (True, ["unreadable.ragged"]),
    "bad-missing-quote": (False, ["unreadable.quote"]),
    "bad-quotes-with-unescaped-quote": (False, ["unreadable.quote"]),
    "bad-unescaped-quote": (False, ["unreadable.bare_quote"]),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_csv_test_data_that_is_bad(shared, name):
    data = (shared / "data/corpora/csv_test_data/csv" / f"{name}.csv").read_bytes()
    header, codes = BAD[name]
    count = data.splitlines()[0].count(b",") + 1
    names = names_of(data) if header else tuple(f"c{index}" for index in range(count))
    _, _, bad = read(data, names, header=True if header else names)
    assert {code for _, code in bad} == set(codes), bad


@pytest.mark.parametrize(
    "path", ["repair/beers/dirty.csv", "repair/beers/clean.csv", "taxi/yellow_2019-01.csv", "russian/city.csv"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_well_formed_files_are_read_as_pythons_reader_does(shared, path, encoding):
    text = (shared / "data" / path).read_bytes().decode("utf-8-sig")
    if encoding == "cp1251":
        text = text.encode("cp1251", "replace").decode("cp1251")
    names, *wanted = standard.reader(io.StringIO(text, newline=""))
    account, rows, bad = read(text.encode(encoding), names, encoding=encoding)
    assert not bad
    assert account.header == tuple(names)
    assert rows == [tuple(row) for row in wanted if row]
