"""`dq lint` and `dq explain`, as somebody types them."""

from __future__ import annotations

import json
import re

import pytest

from dq.catalog import CATALOG
from dq.cli.main import run

HEAD = "dq: 1\nevent: order_placed\nversion: 1.0.0\n"
SOUND = HEAD + "fields:\n  amount: {type: number}\n"


@pytest.fixture
def spec(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text: str, name: str = "orders.dq.yaml") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write


def test_a_sound_spec(spec, capsys):
    assert run(["lint", spec(SOUND)]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "1 spec: no mistake found\n"


def test_all_mistakes_of_all_layers_at_once(spec, capsys):
    text = (
        HEAD
        + "fields:\n  amount:\n    type: number\n    requird: true\n    checks: [{betwen: [0, 1]}]\nchecks:\n  - assert: amont > 0\n"
    )
    assert run(["lint", spec(text)]) == 2
    shown = capsys.readouterr().err
    assert re.findall(r"^orders.dq.yaml:(\d+:\d+): error (DQ\d+)", shown, re.MULTILINE) == [
        ("7:5", "DQ201"),
        ("8:15", "DQ301"),
        ("10:13", "DQ402"),
    ]
    assert shown.endswith("3 mistakes; `dq explain DQ201` tells more\n")


def test_what_follows_from_a_mistake_is_not_said(spec, capsys):
    text = HEAD + "fields:\n  amount:\n    typ: number\n    checks: [{minimum: 0}]\n  tax: {type: floot}\n"
    text += "checks:\n  - assert: amount > tax\n  - unique: [amount, tax]\noutput: {fields: [tax]}\n"
    assert run(["lint", spec(text)]) == 2
    shown = capsys.readouterr().err
    assert re.findall(r"error (DQ\d+)", shown) == ["DQ202", "DQ201", "DQ313"]


@pytest.mark.parametrize(
    ("line", "caret"),
    [
        ("  имя: {type: string, requred: true}", "      |                       ^^^^^^^"),
        ('  имя: {type: string, description: "漢字", requred: true}', None),
        ("  имя: {type: string,\tdescription: a\tb, requred: true}", None),
        ("  имя: {type: string, description: 'e\u0301', requred: true}", None),
    ],
)
def test_carets_stand_under_the_word(spec, capsys, line, caret):
    assert run(["lint", spec(HEAD + "fields:\n" + line + "\n")]) == 2
    shown = capsys.readouterr().err.splitlines()
    at = next(i for i, text in enumerate(shown) if "DQ201" in text)
    source, mark = shown[at + 1], shown[at + 2]
    before = mark[: mark.index("^")]
    wide = sum(char in "漢字" for char in source)
    combining = source.count("\u0301")
    assert source[len(before) - wide + combining :].startswith("requred")
    if caret is not None:
        assert mark.startswith(caret[4:])


@pytest.mark.parametrize("name", ["absent.dq.yaml", "nowhere/a.dq.yaml"])
def test_an_absent_spec(spec, capsys, name):
    assert run(["lint", name]) == 2
    assert capsys.readouterr().err == f"dq: cannot read the spec {name}: No such file or directory\n"


def test_a_folder_stands_for_its_specs(spec, tmp_path, capsys):
    spec(SOUND, "a.dq.yaml")
    spec(SOUND.replace("type:", "tpye:"), "b.dq.yaml")
    spec("no spec", "c.yaml")
    assert run(["lint", str(tmp_path)]) == 2
    shown = capsys.readouterr().err
    assert "b.dq.yaml:5:" in shown
    assert "c.yaml" not in shown
    (tmp_path / "empty").mkdir()
    assert run(["lint", "empty"]) == 2
    assert "empty: there is no *.dq.yaml in this folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "folder", "data.csv"], "there is no *.dq.yaml in this folder"),
        (["run", "--out", "out", "folder", "data.csv"], "there is no *.dq.yaml in this folder"),
        (["plan", "folder"], "Is a directory"),
    ],
)
def test_a_folder_without_specs_is_no_spec(spec, tmp_path, capsys, arguments, words):
    (tmp_path / "folder").mkdir()
    (tmp_path / "data.csv").write_text("amount\n1\n")
    assert run(arguments) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


FORGERY = "::error file=x::%0Aforged\\n::warning::\\r\\n::set-output name=a::b\\u2028\\u001b[31m"


@pytest.fixture
def forged(spec):
    text = HEAD + f'fields:\n  a: {{type: string, "{FORGERY}": 1}}\n  "{FORGERY}": {{type: string}}\n'
    text += (
        f'  b:\n    type: "{FORGERY}"\n    clean: ["{FORGERY}"]\n    checks: ["{FORGERY}", {{pattern: "({FORGERY}"}}]\n'
    )
    text += f'checks:\n  - assert: "{FORGERY}"\n  - unique: ["{FORGERY}"]\n'
    return spec(text)


def test_github_commands_cannot_be_forged(forged, capsys):
    assert run(["lint", "--format", "github", forged]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 6
    for line in lines:
        assert re.match(r"::error file=orders\.dq\.yaml,line=\d+,col=\d+,title=DQ\d{3}::", line)
        assert line.isprintable()
        assert "%0A" not in line.replace("%250A", "")


def test_json_says_each_part_by_itself(forged, capsys):
    assert run(["lint", "--format", "json", forged]) == 2
    shown = capsys.readouterr().out
    listed = json.loads(shown)
    assert {item["file"] for item in listed} == {"orders.dq.yaml"}
    assert all(item["message"].isprintable() for item in listed)
    keys = ["file", "line", "column", "end_line", "end_column", "code", "severity", "message", "suggestion"]
    assert all(list(item) == keys for item in listed)


def test_text_moves_no_cursor(forged, capsys):
    assert run(["lint", forged]) == 2
    shown = capsys.readouterr().err
    assert shown.replace("\n", "").isprintable()
    assert not [line for line in shown.splitlines() if line.lstrip().startswith("::")]


def test_json_of_a_sound_spec_is_an_empty_list(spec, capsys):
    assert run(["lint", "--format", "json", spec(SOUND)]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_schema_is_printed(capsys):
    assert run(["lint", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "dq event specification, version 1"
    assert run(["lint"]) == 2
    assert "Give the specs to lint, or --schema or --waivers-schema alone." in capsys.readouterr().err


@pytest.mark.parametrize("code", sorted(CATALOG))
def test_every_code_is_explained(code, capsys):
    assert run(["explain", code.lower()]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{code}: {CATALOG[code].title}\n\n")
    assert "\nWrong:\n" in shown
    assert "\nRight:\n" in shown
    prose = [line for line in shown.splitlines() if not line.startswith(" ")]
    assert max(map(len, prose)) <= 88


def test_an_unknown_code(capsys):
    assert run(["explain", "DQ4O1"]) == 2
    assert "There is no code 'DQ4O1'. Did you mean DQ401?" in capsys.readouterr().err
