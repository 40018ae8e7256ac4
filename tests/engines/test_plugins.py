"""Kinds from outside: a toy check and a toy step load, run, report and are listed, with no edit in dq."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import dq
from dq.checks.base import CHECKS, Check
from dq.dtypes.types import Family
from dq.params import Params as BaseParams
from dq.params import Whole
from dq.steps.base import TEXT_STEPS, TextStep

ROOT = Path(__file__).parents[2]
SPEC = """\
dq: 1
event: toy
version: 1.0.0
fields:
  word: {type: string, clean: [{turn: 1}], checks: [{vowels: {least: 2}, mostly: 50%}]}
"""


class Vowels(Check):
    """There are so many vowels."""

    kind = "vowels"
    dimension = "conformity"
    families = frozenset({Family.TEXT})
    title = "The text has so many vowels."
    example = "vowels: 2"

    class Params(BaseParams):
        """How many."""

        shorthand = "least"
        least: Whole

    def expected(self):
        return f"at least {self.params.least} vowels"

    def expression(self, value, now):
        return value.str.count_matches("[aeiou]") >= self.params.least

    def pandera(self, pa, now):
        least = self.params.least
        return pa.Check(lambda data: data.lazyframe.select(pl.col(data.key).str.count_matches("[aeiou]") >= least))


class Turn(TextStep):
    """Turns text round."""

    kind = "turn"
    title = "turn text round"
    example = "turn: 1"
    example_values = (("ab", "ba"),)

    class Params(BaseParams):
        """How often."""

        shorthand = "times"
        times: Whole = 1

    def expression(self, text):
        return text.str.reverse() if self.params.times % 2 else text


def register() -> None:
    """What the entry point names."""
    CHECKS.register(Vowels)
    TEXT_STEPS.register(Turn)


@pytest.fixture
def toys() -> Iterator[None]:
    register()
    yield
    CHECKS.remove("vowels")
    TEXT_STEPS.remove("turn")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spec.dq.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "in.csv").write_text("word\noei\nxyz\neve\n", encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("toys")
def test_registered_kinds_run_and_report(folder: Path) -> None:
    result = dq.load(folder / "spec.dq.yaml").run(folder / "in.csv")
    assert result.accepted["word"].to_list() == ["ieo", "eve"]
    reasons = json.loads(result.quarantined["reasons"][0])
    assert [(r["check"], r["code"], r["value"], r["message"]) for r in reasons] == [
        ("word.vowels", "vowels", "zyx", "at least 2 vowels")
    ]
    [check] = [c for c in result.report["checks"] if c["id"] == "word.vowels"]
    assert (check["passed"], check["failed"], check["verdict"], check["dimension"]) == (2, 1, "pass", "conformity")
    assert result.report["cleaning"] == [{"step": "word.turn", "field": "word", "changed": 2, "accepted": 1}]


@pytest.mark.usefixtures("toys")
def test_parameters_of_registered_kinds_are_judged_like_all(folder: Path) -> None:
    (folder / "spec.dq.yaml").write_text(SPEC.replace("least: 2", "leest: 2"), encoding="utf-8")
    with pytest.raises(dq.SpecError, match=r"DQ305.*leest.*did you mean 'least'"):
        dq.load(folder / "spec.dq.yaml")


def test_kinds_that_nobody_registered_are_refused(folder: Path) -> None:
    with pytest.raises(dq.SpecError) as error:
        dq.load(folder / "spec.dq.yaml")
    assert {diagnostic.code for diagnostic in error.value.diagnostics} == {"DQ301", "DQ302"}


def install(folder: Path, value: str) -> Path:
    """Write a package with an entry point, as an installer leaves it; return the folder for `sys.path`."""
    site = folder / "site"
    info = site / "toys-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "toys.py").write_text(Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toys\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[dq.plugins]\ntoys = {value}\n", encoding="utf-8")
    return site


def run(folder: Path, site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(site)])}
    command = [sys.executable, "-m", "dq", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_an_entry_point_brings_kinds(folder: Path) -> None:
    site = install(folder, "toys:register")
    listed = run(folder, site, "list", "checks")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert any(
        line.split() == ["vowels", "The", "text", "has", "so", "many", "vowels."] for line in listed.stdout.splitlines()
    )
    assert "turn text round" in run(folder, site, "list", "steps").stdout
    assert run(folder, site, "lint", "spec.dq.yaml").returncode == 0
    done = run(folder, site, "run", "spec.dq.yaml", "in.csv", "--out", "out")
    assert done.returncode == 0, done.stderr
    report = json.loads((folder / "out" / "report.json").read_bytes())
    assert report["records"]["accepted"] == 2


def test_an_entry_point_that_fails_is_named(folder: Path) -> None:
    site = install(folder, "toys:absent")
    done = run(folder, site, "run", "spec.dq.yaml", "in.csv", "--out", "out")
    assert done.returncode == 2
    assert "the plugin toys (toys:absent) failed" in done.stderr
    assert "Traceback" not in done.stderr
