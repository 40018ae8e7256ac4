"""`dq report`: the page again, from the report alone, and refusals of what is no report."""

from __future__ import annotations

import json
import stat

import pytest

from dq.cli.main import run

SPEC = "dq: 1\nevent: e\nversion: 1.0.0\nfields:\n  a: {type: integer, checks: [{maximum: 5}]}\n"


@pytest.fixture
def out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.dq.yaml").write_text(SPEC)
    (tmp_path / "in.csv").write_text("a\n1\n9\nx\n")
    assert run(["run", "spec.dq.yaml", "in.csv", "--out", "out", "-q"]) == 1
    return tmp_path / "out"


def test_a_run_writes_the_page_that_the_report_gives(out, capfdbinary):
    page = (out / "report.html").read_bytes()
    assert run(["report", "out/report.json", "--format", "html"]) == 0
    assert capfdbinary.readouterr().out == page
    assert run(["report", "out/report.json", "--out", "page.html"]) == 0
    assert (out.parent / "page.html").read_bytes() == page
    assert "report.html" in json.loads((out / "manifest.json").read_bytes())


def test_a_page_is_for_everybody_who_may_see_the_report(out):
    assert stat.S_IMODE((out / "report.html").stat().st_mode) == stat.S_IMODE((out / "report.json").stat().st_mode)


def test_an_existing_file_is_kept_unless_it_may_be_replaced(out, capsys):
    (out.parent / "page.html").write_text("mine")
    assert run(["report", "out/report.json", "--out", "page.html"]) == 3
    assert (out.parent / "page.html").read_text() == "mine"
    assert run(["report", "out/report.json", "--out", "page.html", "--replace"]) == 0
    assert (out.parent / "page.html").read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda report: report.update(format=2), "format"),
        (lambda report: report["records"].update(read="many"), "records.read"),
        (lambda report: report["checks"][1].pop("id"), "checks[1]"),
        (lambda report: report.update(more=1), "its whole"),
    ],
)
def test_what_is_no_report_is_refused_with_its_place(out, capsys, change, place):
    report = json.loads((out / "report.json").read_bytes())
    change(report)
    (out.parent / "other.json").write_text(json.dumps(report))
    assert run(["report", "other.json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"look at {place}" in said.err


def test_what_cannot_be_read_is_another_matter(out, capsys):
    (out.parent / "text.json").write_text("report")
    assert run(["report", "text.json"]) == 2
    assert "it is not JSON" in capsys.readouterr().err
    assert run(["report", "absent.json"]) == 3
    assert "cannot be read" in capsys.readouterr().err
