"""`dq infer`: where the draft goes, what is said, exit codes."""

from __future__ import annotations

import io
import sys

import pytest

from dq.cli.main import run

DATA = "id,city\n" + "".join(f"{number},{'Bonn' if number % 2 else 'Ulm'}\n" for number in range(40))


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.csv").write_text(DATA)
    return tmp_path


def test_the_draft_goes_to_stdout_and_what_is_said_of_it_to_stderr(place, capfd):
    assert run(["infer", "orders.csv"]) == 0
    captured = capfd.readouterr()
    assert captured.out.startswith("# Drafted by dq infer from orders.csv: 40 records, all of them looked at.\n")
    assert captured.err == (
        "40 records, all of them looked at.\nRun over its own source: pass. all 40 records accepted.\n"
    )


def test_a_draft_lints_and_its_own_source_passes_it(place, capfd):
    assert run(["infer", "orders.csv", "-o", "orders.dq.yaml", "-q"]) == 0
    assert capfd.readouterr() == ("", "")
    assert run(["lint", "orders.dq.yaml"]) == 0
    assert run(["check", "orders.dq.yaml", "orders.csv"]) == 0


def test_a_file_is_not_overwritten_unless_it_is_said(place, capfd):
    (place / "mine.yaml").write_text("mine")
    assert run(["infer", "orders.csv", "-o", "mine.yaml"]) == 3
    assert (place / "mine.yaml").read_text() == "mine"
    assert run(["infer", "orders.csv", "-o", "mine.yaml", "--replace"]) == 0
    assert "event: orders" in (place / "mine.yaml").read_text()


def test_standard_input(place, capfd, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(DATA.encode())))
    assert run(["infer", "-"]) == 0
    captured = capfd.readouterr()
    assert "format: csv" in captured.out
    assert "all 40 records accepted" in captured.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["absent.csv"], 3, "absent.csv"),
        (["empty.csv"], 2, "the file is empty"),
        (["nothing/*.csv"], 3, "no file matches"),
        (["orders.csv", "--encoding", "klingon"], 2, "klingon"),
        (["orders.csv", "--sample", "0"], 2, "0 is not in the range"),
    ],
)
def test_what_cannot_be_drafted_is_said_in_words(place, capfd, words, code, said):
    (place / "empty.csv").write_text("")
    assert run(["infer", *words]) == code
    assert said in capfd.readouterr().err
