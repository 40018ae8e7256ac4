"""Exit codes: 0 passed, 1 the data failed, 2 wrong usage or spec, 3 the outside world, 75 another run holds the lock."""

from __future__ import annotations

from pathlib import Path

import pytest

from dq.cli import main
from dq.errors import InternalError
from dq.plan.departure import Departure
from dq.sinks.folder import OutputFolder

SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  a: {type: integer, checks: [{maximum: 5}, {minimum: 0, severity: warning}]}
"""
FILES = {
    "spec.dq.yaml": SPEC,
    "wrong.dq.yaml": SPEC.replace("maximum", "maximun"),
    "good.csv": "a\n1\n",
    "warned.csv": "a\n-1\n",
    "bad.csv": "a\n9\n",
    "ragged.csv": "a,b\n1,2,3\n",
}
HEAD = '{"source":"bad.csv","header":["a"],"dialect":{"name":"(csv)","format":"csv"},"sha256":""}\n'
RECORD = (
    '{"source":"bad.csv","record":1,"line":2,"offset":2,"length":2,"raw":"9","reasons":[{"check":"a.maximum"}],'
    '"spec":{},"now":"2026-11-01T00:00:00Z"}\n'
)
CASES = [
    (0, "run spec.dq.yaml good.csv --out out"),
    (0, "run spec.dq.yaml warned.csv --out out"),
    (0, "check spec.dq.yaml good.csv"),
    (0, "lint spec.dq.yaml"),
    (0, "plan spec.dq.yaml"),
    (0, "explain DQ301"),
    (0, "list checks"),
    (0, "run spec.dq.yaml good.csv --dry-run"),
    (0, "replay none/quarantine.jsonl --spec spec.dq.yaml --out out"),
    (1, "run spec.dq.yaml bad.csv --dry-run --format json"),
    (1, "replay some/quarantine.jsonl --spec spec.dq.yaml"),
    (1, "run spec.dq.yaml bad.csv --out out"),
    (1, "run spec.dq.yaml ragged.csv --out out"),
    (1, "run spec.dq.yaml warned.csv --out out --fail-on warning"),
    (1, "check spec.dq.yaml bad.csv"),
    (1, "check spec.dq.yaml good.csv bad.csv"),
    (2, "run wrong.dq.yaml good.csv --out out"),
    (2, "check wrong.dq.yaml good.csv"),
    (2, "lint wrong.dq.yaml"),
    (2, "lint spec.dq.yaml wrong.dq.yaml"),
    (2, "plan wrong.dq.yaml"),
    (2, "run spec.dq.yaml good.csv"),
    (2, "run spec.dq.yaml good.csv --dry-run --ledger"),
    (2, "run spec.dq.yaml good.csv --out out --ledger-key good.csv"),
    (2, "run spec.dq.yaml good.csv --out out --ledger --ledger-key good.csv"),
    (2, "replay good.csv --spec spec.dq.yaml"),
    (2, "replay some/quarantine.jsonl"),
    (3, "replay absent.jsonl --spec spec.dq.yaml"),
    (3, "run spec.dq.yaml good.csv --out out --ledger --ledger-key absent.key"),
    (2, "run spec.dq.yaml --out out"),
    (2, "run spec.dq.yaml good.csv --out out --fail-on never"),
    (2, "run spec.dq.yaml good.csv --out out --now yesterday"),
    (2, "run spec.dq.yaml good.csv --out out --now 2026-11-01T10:00:00"),
    (2, "run spec.dq.yaml good.weird --out out"),
    (2, "run spec.dq.yaml web=good.csv --out out"),
    (2, "rum spec.dq.yaml good.csv --out out"),
    (2, "list chequers"),
    (3, "run spec.dq.yaml absent.csv --out out"),
    (3, "run spec.dq.yaml *.none --out out"),
    (3, "check spec.dq.yaml absent.csv"),
    (3, "run spec.dq.yaml good.csv --out spec.dq.yaml"),
    (3, "run spec.dq.yaml good.csv --out there"),
    (3, "run spec.dq.yaml good.csv --out absent/folder/out"),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "good.weird").write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "there").mkdir()
    for name in ("none", "some"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "quarantine.jsonl").write_text(HEAD + RECORD * (name == "some"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("code", "command"), CASES)
def test_exit_code(folder: Path, capfd: pytest.CaptureFixture[str], code: int, command: str) -> None:
    before = {path.name for path in folder.iterdir()}
    assert main.run(command.split()) == code
    said = capfd.readouterr()
    assert "Traceback" not in said.err + said.out
    published = "--out out" in command and code in {0, 1}
    assert {path.name for path in folder.iterdir()} - before == ({"out"} if published else set())
    if code > 1:
        assert said.err


def test_75_while_another_run_holds_the_lock(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with OutputFolder(folder / "out"):
        assert main.run(["run", "spec.dq.yaml", "good.csv", "--out", "out"]) == 75
    assert "Traceback" not in capfd.readouterr().err
    assert not (folder / "out").exists()
    assert main.run(["run", "spec.dq.yaml", "good.csv", "--out", "out"]) == 0


def test_3_where_dq_disagrees_with_itself(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def disagree(*_: object) -> None:
        raise InternalError("the splitter and the gate disagree")

    monkeypatch.setattr(Departure, "leave", disagree)
    assert main.run(["run", "spec.dq.yaml", "good.csv", "--out", "out"]) == 3
    assert "disagree" in capfd.readouterr().err
    assert not (folder / "out").exists()


def test_an_aborted_run_publishes_nothing_and_exits_1(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = SPEC.replace("{maximum: 5}", "{maximum: 5, on_fail: abort}")
    (folder / "spec.dq.yaml").write_text(text, encoding="utf-8")
    assert main.run(["run", "spec.dq.yaml", "bad.csv", "--out", "out"]) == 1
    assert "abort" in capfd.readouterr().err
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    "words",
    [
        "check spec.dq.yaml absent{}.csv",
        "check absent{}.dq.yaml good.csv",
        "diff spec.dq.yaml absent{}.dq.yaml",
        "check wrong{}.dq.yaml good.csv",
        "report absent{}.json",
    ],
)
def test_no_name_of_a_file_moves_the_cursor_or_forges_a_line(tmp_path, monkeypatch, capfd, words):
    monkeypatch.chdir(tmp_path)
    hostile = "\x1b]8;;x\x07\u202e\x9b2J\n::error::forged"
    for name, text in FILES.items():
        Path(name.replace("wrong", f"wrong{hostile}")).write_text(text)
    assert main.run([word.format(hostile) for word in words.split()]) in {2, 3}
    said = capfd.readouterr().err
    assert "forged" in said
    assert [char for char in said if not char.isprintable() and char != "\n"] == []
    assert [line for line in said.split("\n") if line.startswith("::")] == []
