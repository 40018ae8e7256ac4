"""Personal data and values of undeclared fields stand in data files only, and those are for their owner's eyes."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import dq
from dq.cli import main

CANARY = "Cana-ry"
DATA = {"accepted.csv", "held.csv", "quarantine.jsonl", "removed.jsonl"}
SPEC = """\
dq: 1
event: e
version: 1.0.0
unknown_fields: UNKNOWN
fields:
  name:
    type: string
    pii: true
    required: true
    clean: [strip, {map: {nobody: someone}, otherwise: keep}]
    checks: [{accepted_values: [Allowed]}, {pattern: "d$", severity: warning}, unique]
    expect: [{missing: {max: 0%}}]
  born: {type: date, pii: true, checks: [{before: "1000-01-01", on_fail: keep}]}
  phone: {type: integer, pii: true, impute: {constant: 5}, checks: [{maximum: 10, on_fail: set_null}]}
  code: {type: string, pii: true, checks: [{max_length: 1}]}
  kind: {type: string, pii: true, clean: [{map: {k: k}, otherwise: refuse}]}
  n: {type: integer}
  greeting: {type: string, derive: "lower(name)", checks: [{max_length: 1, severity: warning}]}
  initial: {type: boolean, derive: "starts_with(name, 'A')"}
filter:
  - {keep: "n > 0 or n is null"}
checks:
  - {assert: "n > 0 and length(name) < MOST"}
  - {unique: [name, phone]}
dedupe: {key: [code, n], prefer: valid}
output: {format: csv}
expect: [{row_count: {min: EXPECTED}}]
"""
HEADER = "name,born,phone,code,kind,n,more\n"
ROWS = """\
Cana-ry-1,,7,c,k,1,Cana-ry-unknown
Cana-ry-1,,7,c,k,1,
Cana-ry-2,3001-02-03,Cana-ry-3,Cana-ry-4,k,5,Cana-ry-unknown
Cana-ry-filtered,Cana-ry-date,,,k,-1,
Cana-ry-5,,991199,,Cana-ry-kind,2,
Cana-ry-ragged,1
"Cana-ry-quote"s,,1,,k,1,
Cana-ry-bare",,1,,k,1,
Cana-ry-1,,7,,k,12,
"""


@dataclass(frozen=True)
class Done:
    """How a command ended, and everything it said."""

    returncode: int
    said: bytes


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")

    def command(*arguments: str) -> Done:
        code = main.run(list(arguments))
        said = capfd.readouterr()
        return Done(code, (said.out + said.err).encode())

    return command


def write(folder: Path, rows: str = ROWS, unknown: str = "quarantine", expected: int = 1, most: int = 5) -> None:
    spec = SPEC.replace("UNKNOWN", unknown).replace("EXPECTED", str(expected)).replace("MOST", str(most))
    (folder / "spec.dq.yaml").write_text(spec, encoding="utf-8")
    (folder / "in.csv").write_text(HEADER + rows, encoding="utf-8")
    names = HEADER.strip().split(",")
    records = [dict(zip(names, row.split(","), strict=False)) for row in rows.splitlines()]
    (folder / "in.jsonl").write_text(
        "".join(json.dumps(record) + "\n" for record in records)
        + f'{{"name": "{CANARY}-duplicate", "name": 1}}\n{{"name": "{CANARY}-cut\n{{"name": NaN, "more": "{CANARY}-nan"}}\n["{CANARY}-list"]\n',
        encoding="utf-8",
    )


def secrets(text: bytes) -> list[bytes]:
    """Return what should not be there, in any case, and the pieces that would identify it."""
    lowered = text.lower()
    words = (CANARY, "3001-02-03", "991199")
    return [word.encode() for word in words if word.lower().encode() in lowered]


@pytest.mark.parametrize(("form", "unknown"), [("csv", "quarantine"), ("jsonl", "quarantine"), ("csv", "ignore")])
def test_a_run_shows_no_canary(tmp_path: Path, run: Run, form: str, unknown: str) -> None:
    write(tmp_path, unknown=unknown)
    for verb in (["run", "--out", "out"], ["run", "--out", "out", "--replace", "--format", "json"], ["check"]):
        done = run(verb[0], "spec.dq.yaml", f"in.{form}", *verb[1:])
        assert done.returncode == 1, done.said
        assert b"name.accepted_values" in done.said
        assert secrets(done.said) == []
    files = {path.name: path for path in (tmp_path / "out").iterdir()}
    for name in set(files) - DATA:
        assert secrets(files[name].read_bytes()) == [], name
    for name in set(files) & DATA:
        assert stat.S_IMODE(files[name].stat().st_mode) == 0o600, name
    quarantine = files["quarantine.jsonl"].read_bytes()
    assert all(word in quarantine for word in (b"Cana-ry-4", b"3001-02-03", b"991199", b"Cana-ry-kind"))
    assert b"Cana-ry-filtered" in files["removed.jsonl"].read_bytes()


def test_accepted_rows_of_personal_data_are_private_and_the_report_of_them_is_silent(tmp_path: Path, run: Run) -> None:
    write(tmp_path, rows="Allowed,0900-03-04,7,,k,1,\n", unknown="ignore", most=50)
    done = run("run", "spec.dq.yaml", "in.csv", "--out", "out")
    assert done.returncode == 0, done.said
    accepted = tmp_path / "out" / "accepted.csv"
    assert "Allowed,0900-03-04" in accepted.read_text(encoding="utf-8")
    assert stat.S_IMODE(accepted.stat().st_mode) == 0o600
    report = (tmp_path / "out" / "report.json").read_bytes()
    assert b"0900" not in report
    fields = json.loads(report)["fields"]
    for name in ("name", "born", "phone", "greeting", "initial"):
        for side in ("before", "after"):
            if fields[name][side] is not None:
                assert not {"top", "min", "max", "mean", "quantiles"} & set(fields[name][side]), (name, side)


def test_lint_shows_no_more_than_the_spec(tmp_path: Path, run: Run) -> None:
    write(tmp_path)
    done = run("lint", "spec.dq.yaml")
    assert done.returncode == 0
    assert secrets(done.said) == []


def test_the_error_of_a_failed_gate_holds_no_value(tmp_path: Path) -> None:
    write(tmp_path, expected=1000)
    result = dq.load(tmp_path / "spec.dq.yaml").run(tmp_path / "in.csv")
    with pytest.raises(dq.GateError) as error:
        result.raise_for_verdict()
    assert secrets(str(error.value).encode()) == []
    assert secrets(repr(error.value).encode()) == []


@pytest.mark.parametrize("rows", ["\n".join([f"{CANARY},"] * 3), f'"{CANARY}\n', "\x00", f"{CANARY}" * 100_000])
def test_what_cannot_be_read_is_not_repeated(tmp_path: Path, run: Run, rows: str) -> None:
    write(tmp_path, rows=rows)
    done = run("run", "spec.dq.yaml", "in.csv", "--out", "out")
    assert done.returncode == 1
    assert b"unreadable" in done.said
    report = (tmp_path / "out" / "report.json").read_bytes()
    assert secrets(done.said) == []
    assert secrets(report) == []
