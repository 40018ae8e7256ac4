"""Awkward CSV and text from public corpora, through whole runs: read right, or refused for the right reason."""

from __future__ import annotations

import csv
import io
import json

import pytest

from .runs import Run

pytestmark = pytest.mark.shared

SPEC = """\
dq: 1
event: row
version: 1.0.0
missing: []
sources:
  file: {{format: {format}{options}}}
fields:
{fields}
output: {{format: jsonl}}
gate: {{quarantined: 100%}}
"""


def run_over(tmp_path, path, fields, *, form="csv", options=""):
    """Run a spec of nothing but text fields over a file."""
    lines = "\n".join(f"  {json.dumps(name)}: {{type: string}}" for name in fields)
    spec = tmp_path / "row.dq.yaml"
    spec.write_text(SPEC.format(format=form, options=options, fields=lines), encoding="utf-8")
    return Run(spec, [f"file={path}"], tmp_path / "out")


def values(run):
    return [list(row.values()) for row in run.accepted()]


def fields_of(count):
    return [f"c{number}" for number in range(count)]


SPECTRUM = (
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf",
    "quotes_and_newlines", "simple", "simple_crlf", "utf8",
)  # fmt: skip


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum_is_read_right(shared, tmp_path, name):
    folder = shared / "data" / "corpora" / "csv_spectrum"
    expected = json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8"))
    data = (folder / "csvs" / f"{name}.csv").read_bytes()
    path = tmp_path / f"{name}.csv"
    # The copies of the corpus have lost the carriage returns that the names and the expectations speak of.
    path.write_bytes(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") if name.endswith("_crlf") else data)
    run = run_over(tmp_path, path, expected[0])
    assert run.accepted() == expected
    run.assert_conserved(len(expected))


def test_csv_spectrum_quotes_inside_a_field(shared, tmp_path):
    """The corpus expects another telephone number than its own file has, so the file is the judge.

    Its coordinates hold a quote inside an unquoted field: refused, unless the source says that quotes are data.
    """
    path = shared / "data" / "corpora" / "csv_spectrum" / "csvs" / "location_coordinates.csv"
    names, row = (line.split(",") for line in path.read_text(encoding="utf-8").splitlines())
    safe = [name.replace(" ", "_") for name in names]
    header = f", header: [{', '.join(safe)}], skip_rows: 1"
    refused = run_over(tmp_path, path, safe, options=header)
    assert [record["reasons"][0]["code"] for record in refused.quarantine] == ["unreadable.bare_quote"]
    (tmp_path / "data").mkdir()
    trusting = run_over(tmp_path / "data", path, safe, options=header + ", bare_quotes: data")
    assert values(trusting) == [row]
    assert row[0] == "2095257564"


def csv_test_data(shared):
    return shared / "data" / "corpora" / "csv_test_data"


GOOD = (
    "empty-field", "empty-one-column", "leading-space", "one-column", "quotes-empty", "quotes-with-comma",
    "quotes-with-escaped-quote", "quotes-with-newline", "quotes-with-space", "simple-crlf", "simple-lf",
    "trailing-newline", "trailing-newline-one-field", "trailing-space", "utf8", "all-empty",
)  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_csv_test_data_without_header_is_read_right(shared, tmp_path, name):
    folder = csv_test_data(shared)
    expected = json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8"))
    names = fields_of(len(expected[0]))
    run = run_over(tmp_path, folder / "csv" / f"{name}.csv", names, options=f", header: [{', '.join(names)}]")
    assert values(run) == expected
    run.assert_conserved(len(expected))


@pytest.mark.parametrize("name", ["header-simple", "header-no-rows"])
def test_csv_test_data_with_header_is_read_right(shared, tmp_path, name):
    folder = csv_test_data(shared)
    run = run_over(tmp_path, folder / "csv" / f"{name}.csv", ["foo", "bar", "baz"])
    assert run.accepted() == json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8"))


BAD = {
    "bad-header-less-fields": ["unreadable.ragged"],
    "bad-header-more-fields": ["unreadable.ragged"],
    "bad-missing-quote": ["unreadable.quote"],
    "bad-quotes-with-unescaped-quote": ["unreadable.quote"],
    "bad-unescaped-quote": ["unreadable.bare_quote"],
}


@pytest.mark.parametrize("name", BAD)
def test_csv_test_data_bad_records_are_refused_for_their_reason(shared, tmp_path, name):
    run = run_over(tmp_path, csv_test_data(shared) / "csv" / f"{name}.csv", ["foo", "bar", "baz"])
    assert [record["reasons"][0]["code"] for record in run.quarantine] == BAD[name]
    run.assert_conserved(1)


@pytest.mark.parametrize("name", ["bad-header-no-header", "bad-header-wrong-header"])
def test_csv_test_data_bad_headers_refuse_the_source(shared, tmp_path, name):
    lines = "  foo: {type: string, required: true}\n  bar: {type: string}\n  baz: {type: string}"
    spec = tmp_path / "row.dq.yaml"
    spec.write_text(SPEC.format(format="csv", options="", fields=lines), encoding="utf-8")
    run = Run(spec, [f"file={csv_test_data(shared) / 'csv' / f'{name}.csv'}"], tmp_path / "out")
    assert (run.code, run.report["verdict"]) == (1, "fail")
    refused = run.report["sources"][0]["refused"]
    assert refused["code"].startswith("source.")
    assert run.report["because"][0].startswith(f"{name}.csv was refused as a whole")


def test_every_file_of_the_corpora_is_tried(shared):
    spectrum = {path.stem for path in (shared / "data" / "corpora" / "csv_spectrum" / "csvs").iterdir()}
    assert spectrum == {*SPECTRUM, "location_coordinates"}
    tried = {*GOOD, *BAD, "header-simple", "header-no-rows", "bad-header-no-header", "bad-header-wrong-header"}
    assert {path.stem for path in (csv_test_data(shared) / "csv").iterdir()} == tried


@pytest.fixture(scope="module")
def naughty(shared):
    return json.loads((shared / "data" / "corpora" / "naughty_strings.json").read_text(encoding="utf-8"))


def write_csv(path, strings):
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["n", "text"])
    writer.writerows(enumerate(strings))
    path.write_bytes(text.getvalue().encode("utf-8"))


def write_jsonl(path, strings):
    lines = [json.dumps({"n": str(n), "text": string}, ensure_ascii=False) for n, string in enumerate(strings)]
    path.write_bytes(("\n".join(lines) + "\n").encode("utf-8"))


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file)]


def read_jsonl(path):
    return [json.loads(line)["text"] for line in path.read_bytes().decode("utf-8").split("\n") if line]


@pytest.mark.parametrize("into", ["csv", "jsonl"])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_naughty_strings_survive_a_round_trip(naughty, tmp_path, form, into):
    first = tmp_path / f"naughty.{form}"
    (write_csv if form == "csv" else write_jsonl)(first, naughty)
    multiline = ", multiline: trust" if form == "csv" else ""
    spec = tmp_path / "row.dq.yaml"
    text = SPEC.format(format=form, options=multiline, fields="  n: {type: string}\n  text: {type: string}")
    spec.write_text(text.replace("output: {format: jsonl}", f"output: {{format: {into}}}"), encoding="utf-8")
    run = Run(spec, [f"file={first}"], tmp_path / "out")
    run.assert_conserved(len(naughty))
    assert run.report["records"]["accepted"] == len(naughty)
    written = tmp_path / "out" / f"accepted.{into}"
    assert (read_csv if into == "csv" else read_jsonl)(written) == naughty
