"""`dq run --dry-run`: what each step would change, and nothing written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from everything import NOW as TEXT_NOW
from everything import write

import dq
from dq.api import make_settings
from dq.cli import main
from dq.engines.base import NoDoors
from dq.engines.batch import BatchRun
from dq.engines.preview import EXAMPLES, Preview
from dq.report.build import build

NOW = datetime.fromisoformat(TEXT_NOW).astimezone(UTC)
SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  a: {type: string, clean: [strip, upper]}
  n: {type: integer, checks: [{maximum: 5, on_fail: set_null}, {minimum: 0}], impute: {constant: 3}}
  who: {type: string, pii: true, clean: [lower]}
"""
DATA = "a,n,who\n x ,1,ANN\n x ,9,Bob\ny,,Cy\n\x1b[2J,2,d\nz,-1,E\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "spec.dq.yaml").write_text(SPEC)
    (tmp_path / "in.csv").write_text(DATA)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_machine_format(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main.run(["run", "spec.dq.yaml", "in.csv", "--dry-run", "--format", "json"]) == 1
    said = capfd.readouterr()
    preview = json.loads(said.out)
    assert said.err == ""
    assert preview["records"]["accepted"] == 4
    steps = {step["step"]: step for step in preview["steps"]}
    assert (steps["a.strip"]["changed"], steps["a.strip"]["accepted"]) == (2, 2)
    assert steps["a.strip"]["examples"] == [{"before": " x ", "after": "x"}]
    assert steps["a.upper"]["examples"] == [
        {"before": "x", "after": "X"}, {"before": "y", "after": "Y"}, {"before": "\x1b[2J", "after": "\x1b[2J"}
    ][:2]  # fmt: skip
    assert steps["n.maximum"]["examples"] == [{"before": "9", "after": None}]
    assert steps["n.impute"]["examples"] == [{"before": None, "after": "3"}]
    assert (steps["who.lower"]["changed"], steps["who.lower"]["hidden"], steps["who.lower"]["examples"]) == (
        4,
        True,
        [],
    )
    assert {path.name for path in folder.iterdir()} == {"spec.dq.yaml", "in.csv"}


def test_for_people(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = SPEC.replace("strip, upper", "strip, lower")  # so that the escape sequence changes and is an example
    (folder / "spec.dq.yaml").write_text(text)
    main.run(["run", "spec.dq.yaml", "in.csv", "--dry-run"])
    said = capfd.readouterr().err
    assert "“ x ” → “x”" in said
    assert "null → “3”" in said
    assert "“\\x1b[2J” → “\\x1b[2j”" in said
    assert "\x1b" not in said
    assert "personal data" in said
    assert not {"ANN", "Bob", "ann", "bob"} & set(said.replace("“", " ").replace("”", " ").split())
    assert {path.name for path in folder.iterdir()} == {"spec.dq.yaml", "in.csv"}


def test_chunks_do_not_show(tmp_path: Path) -> None:
    write(tmp_path, 300)
    plan = dq.load(tmp_path / "spec.yaml")

    def preview(**driven: int) -> object:
        how = replace(make_settings(NOW), **driven)  # type: ignore[arg-type]
        kept = Preview(plan.compiled)
        inputs = plan.inputs([tmp_path / "crm.csv", tmp_path / "web.jsonl.gz"])
        tally = BatchRun(plan.compiled, inputs, how, NoDoors(), recorders=[kept]).run()
        return kept.json(build(plan.compiled, tally, NOW))

    whole = preview()
    assert whole == preview(chunk_records=7, block_size=311)
    assert isinstance(whole, dict)
    assert max(len(step["examples"]) for step in whole["steps"]) == EXAMPLES
