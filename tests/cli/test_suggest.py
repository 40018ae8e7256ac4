"""`dq suggest`: a patch on stdout, or a new version of the spec beside the old one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import yaml

from dq.cli.main import run
from dq.comparison.compare import compare
from dq.plan.compiler import lint, load

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  a: {type: integer}   # kept
  b: {type: boolean}
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.dq.yaml").write_text(SPEC)
    (tmp_path / "in.csv").write_text("a,b\n1,true\n-,да\nnone,нет\n")
    assert run(["run", "spec.dq.yaml", "in.csv", "--out", "out", "-q"]) == 1
    return tmp_path


def test_the_patch_is_yaml_on_stdout(work, capsys):
    assert run(["suggest", "out/report.json"]) == 0
    patch = yaml.load(capsys.readouterr().out, yaml.BaseLoader)
    assert patch["fields"]["a"]["missing"] == ["", "-", "none"]
    assert "да" in patch["fields"]["b"]["words"]["true"]


def test_a_new_version_stands_beside_the_old_one_and_frees_the_records(work, capsys):
    assert run(["suggest", "out/report.json", "--apply", "--spec", "spec.dq.yaml"]) == 0
    assert "applied missing_words.a.type" in capsys.readouterr().err
    assert (work / "spec.dq.yaml").read_text() == SPEC
    [new] = work.glob("spec-*.dq.yaml")
    assert lint(new) == []
    assert compare(load(work / "spec.dq.yaml"), load(new), NOW).says_so
    assert '{type: integer, missing: ["", "-", none]}   # kept' in new.read_text()
    assert run(["run", new.name, "in.csv", "--out", "again", "-q"]) == 0
    assert json.loads((work / "again" / "report.json").read_bytes())["records"]["accepted"] == 3
    assert run(["suggest", "out/report.json", "--apply", "--spec", "spec.dq.yaml"]) == 3
    assert "exists already" in capsys.readouterr().err


def test_one_may_choose(work, capsys):
    out = ["--apply", "--spec", "spec.dq.yaml", "--out", "mine.dq.yaml"]
    assert run(["suggest", "out/report.json", "--only", "boolean_words", *out]) == 0
    assert "missing" not in (work / "mine.dq.yaml").read_text()
    assert run(["suggest", "out/report.json", "--only", "else"]) == 2
    assert "no recommendation 'else'" in capsys.readouterr().err


def test_what_the_spec_does_not_take_is_said(work, capsys):
    (work / "spec.dq.yaml").write_text(SPEC.replace("  b: {type: boolean}\n", ""))
    assert run(["suggest", "out/report.json", "--apply", "--spec", "spec.dq.yaml"]) == 1
    said = capsys.readouterr().err
    assert "spec.dq.yaml is not the spec of this report" in said
    assert "not applied boolean_words.b.type: " in said
    assert "applied missing_words.a.type" in said
    assert lint(next(work.glob("spec-*.dq.yaml"))) == []


@pytest.mark.parametrize("args", [["--apply"], ["--out", "x"]])
def test_wrong_usage(work, args):
    assert run(["suggest", "out/report.json", *args]) == 2
