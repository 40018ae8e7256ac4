"""`dq export` and `dq import`: where the text and the losses go."""

from __future__ import annotations

import json

import pytest

from dq.cli.export import LANGUAGES
from dq.cli.main import run
from dq.exchange import WRITERS, load

SPEC = "dq: 1\nevent: e\nversion: 1.0.0\nfields:\n  a: {type: integer, clean: [strip], checks: [{maximum: 5}]}\n"


@pytest.fixture(autouse=True)
def spec(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.dq.yaml").write_text(SPEC)
    return tmp_path


def test_the_command_names_every_language():
    load()
    assert sorted(writer.kind for writer in WRITERS) == sorted(LANGUAGES)


def test_the_text_goes_to_stdout_and_the_losses_to_stderr(capsys):
    assert run(["export", "spec.dq.yaml", "--to", "jsonschema"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["properties"]["a"]["maximum"] == 5
    assert "fields.a.clean: cleaning: strip" in said.err


def test_a_file_is_written_and_the_losses_are_one_json_object(spec, capsys):
    assert run(["export", "spec.dq.yaml", "--to", "jsonschema", "-o", "a.json", "--format", "json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"losses": [{"at": "fields.a.clean", "what": "cleaning: strip"}]}
    assert said.err == ""
    assert "maximum" in (spec / "a.json").read_text()


def test_a_language_that_does_not_exist_is_refused(capsys):
    assert run(["export", "spec.dq.yaml", "--to", "xml"]) == 2
    assert "xml" in capsys.readouterr().err
