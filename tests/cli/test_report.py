"""`dq report`: the page again, from the report alone, and refusals of what is no report."""

from __future__ import annotations

import json
import stat

import pytest

from dq.cli.main import run
from dq.cli.options import RENDERINGS
from dq.report.renderers import RENDERERS

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


def test_several_formats_at_once_go_to_files_and_one_to_stdout(out, capfd):
    asked = [
        "--format",
        "tap",
        "--format",
        "junit=found.xml",
        "--format",
        "sarif=found.sarif",
        "--format",
        "html=p.html",
    ]
    assert run(["check", "spec.dq.yaml", "in.csv", "--now", "2026-11-01T00:00:00Z", *asked]) == 1
    said = capfd.readouterr()
    assert said.out.startswith("TAP version 14\n")
    assert "FAIL" not in said.err
    assert (out.parent / "found.xml").read_text().startswith("<?xml")
    assert json.loads((out.parent / "found.sarif").read_bytes())["version"] == "2.1.0"
    assert (out.parent / "p.html").read_text().startswith("<!DOCTYPE html>")


def test_the_summary_stays_where_formats_go_to_files_only_or_where_it_is_asked_for(out, capfd):
    assert run(["check", "spec.dq.yaml", "in.csv", "--format", "junit=found.xml"]) == 1
    assert "FAIL" in capfd.readouterr().err
    assert run(["check", "spec.dq.yaml", "in.csv", "--format", "json", "--format", "text"]) == 1
    said = capfd.readouterr()
    assert "FAIL" in said.err
    assert json.loads(said.out)["verdict"] == "fail"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["json", "tap"], "the same place"),
        (["json=a", "tap=a"], "the same place"),
        (["jnuit=a.xml"], "Did you mean 'junit'?"),
        (["junit="], "names no file"),
        (["text=a"], "not for a file"),
    ],
)
def test_formats_that_cannot_be_meant_are_refused_before_anything_is_read(out, capsys, asked, words):
    options = [word for form in asked for word in ("--format", form)]
    assert run(["check", "spec.dq.yaml", "absent.csv", *options]) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_what_is_no_file_is_not_replaced(out, capsys):
    assert run(["check", "spec.dq.yaml", "in.csv", "-q", "--format", "junit=out"]) == 3
    assert run(["check", "spec.dq.yaml", "in.csv", "-q", "--format", "junit=/dev/null"]) == 3
    assert "is not a file" in capsys.readouterr().err
    assert not (out.parent / "/dev/null").is_file()


def test_places_are_the_paths_that_were_given(out, capfd, monkeypatch):
    monkeypatch.chdir("/")
    spec, data = out.parent / "spec.dq.yaml", out.parent / "in.csv"
    assert run(["check", str(spec), str(data), "--format", "github"]) == 1
    said = capfd.readouterr().out
    assert f"file={spec},line=5," in said
    assert f" at {data}:3" in said


def test_the_formats_that_help_names_are_those_that_there_are():
    assert tuple(RENDERERS) == RENDERINGS


def test_a_history_goes_to_stdout_as_markdown_and_to_a_file_as_a_page(out, capfd):
    assert run(["report", "--history", "."]) == 0
    assert "1 run: 1 failed. Failing since" in capfd.readouterr().out
    assert run(["report", "--history", ".", "--out", "history.html"]) == 0
    assert (out.parent / "history.html").read_text().startswith("<!DOCTYPE html>")
    assert run(["report", "--history", ".", "--format", "html"]) == 0
    assert capfd.readouterr().out == (out.parent / "history.html").read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "Name one REPORT"),
        (["out/report.json", "--history", "."], "Name one REPORT"),
        (["--history", ".", "--format", "junit"], "not as junit"),
        (["--history", "absent"], "not a folder of reports"),
    ],
)
def test_what_is_asked_of_a_history_must_be_clear(out, capsys, words, told):
    assert run(["report", *words]) == 2
    assert told in " ".join(capsys.readouterr().err.split())
