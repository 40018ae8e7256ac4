"""`dq try`: exit codes, forms, standard input, states."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dq.cli.main import cli, run

SPEC = """
dq: 1
event: reading
version: 1.0.0
fields:
  id: {type: string, required: true, clean: [strip]}
  value: {type: integer, impute: median}
"""


@pytest.fixture
def spec(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reading.dq.yaml").write_text(SPEC)
    (tmp_path / "batch.csv").write_text("id,value\na,1\nb,3\nc,3\n")
    return "reading.dq.yaml"


def test_what_learns_needs_a_state(spec, capsys):
    assert run(["try", spec, '{"id": "a"}']) == 2
    assert "one event needs the state of a fit" in capsys.readouterr().err
    assert run(["fit", spec, "batch.csv", "--out", "state.json", "-q"]) == 0
    assert run(["try", spec, '{"id": " a "}', "--state", "state.json"]) == 0
    out = capsys.readouterr().out
    for line in ('  strip                   "a"', "  impute                  no value → 3", "accepted"):
        assert line in out.splitlines()


def test_a_refused_record_ends_with_1_and_says_why(spec):
    Path("plain.dq.yaml").write_text(SPEC.replace(", impute: median", ""))
    done = CliRunner().invoke(cli, ["try", "plain.dq.yaml", "-"], input='{"value": "x"}\n', standalone_mode=False)
    assert done.return_value == 1
    assert "  FAIL      id.required  a value" in done.output.splitlines()
    assert "  value.type: expected an integer; found x" in done.output.splitlines()


def test_json_is_for_programs(spec, capsys):
    assert run(["fit", spec, "batch.csv", "--out", "state.json", "-q"]) == 0
    assert run(["try", spec, '{"id": "a", "value": 4}', "--state", "state.json", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["record"] == {"id": "a", "value": 4}
