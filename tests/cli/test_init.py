"""`dq init`: a newcomer has a passing and a failing run at once."""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml

from dq.cli.main import run
from dq.drafting.new_project import FILES


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def dq(warm):
    """Return what runs a printed command as a shell would."""

    def called(words, folder):
        command = words.split("#")[0].split()
        assert command[0] == "dq"
        return subprocess.run(warm.command(*command), cwd=folder, capture_output=True, check=False)

    return called


def test_the_three_printed_commands_run_in_an_empty_folder(place, capsys, dq):
    assert run(["init"]) == 0
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert len(printed) == 3
    assert [dq(line, place).returncode for line in printed] == [0, 1, 0]
    assert b"country.accepted_values" in dq(printed[1], place).stderr


def test_another_folder_is_made_and_the_commands_lead_there(place, capsys, dq):
    assert run(["init", "my orders"]) == 0
    first, *commands = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert first == "cd 'my orders'"
    assert dq(commands[0], place / "my orders").returncode == 0


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_overwritten_and_then_nothing_is_written(place, capsys, name):
    (place / name).parent.mkdir(parents=True, exist_ok=True)
    (place / name).write_text("mine")
    assert run(["init"]) == 2
    assert name in capsys.readouterr().err
    assert (place / name).read_text() == "mine"
    assert [path for path in place.rglob("*") if path.is_file()] == [place / name]


def test_what_ci_and_the_readme_run_runs(place, dq):
    assert run(["init"]) == 0
    workflow = yaml.safe_load((place / ".github/workflows/data.yml").read_text())
    steps = [step["run"] for step in workflow["jobs"]["dq"]["steps"] if "run" in step]
    commands = [step for step in steps if step.startswith("dq ")]
    assert len(commands) == 3
    assert [dq(words, place).returncode for words in commands] == [0, 0, 0]
    block = re.search(r"```sh\n(.*?)```", (place / "README.md").read_text(), re.DOTALL)[1]
    assert [dq(words, place).returncode for words in block.splitlines()] == [0, 1, 0]


def test_every_check_of_the_spec_has_an_example(place, capsys):
    assert run(["init"]) == 0
    assert run(["test", "orders.dq.yaml"]) == 0
    captured = capsys.readouterr()
    assert "8 of 8" in captured.out + captured.err


def test_a_folder_that_cannot_be_made_is_an_error_of_output(place, capsys):
    (place / "file").write_text("")
    assert run(["init", "file/inside"]) == 3
    assert "cannot be made" in capsys.readouterr().err
