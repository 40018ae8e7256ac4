"""One fixture per code: a spec that has the mistake, and what is said of it.

`DQ102.dq.yaml` is linted and compared with `DQ102.txt`, with the waivers in `DQ102.waivers.yaml` if there are any.  Set DQ_WRITE_GOLDEN=1 to write the text anew, and read
the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dq.catalog import CATALOG
from dq.catalog.render import render
from dq.errors import SpecError
from dq.plan.compiler import lint, load
from dq.plan.streaming import need_for_stream

FOLDER = Path(__file__).parent
ELSEWHERE = {"DQ106": "a megabyte is no fixture", "DQ325": "depends on what is installed"}  # have tests of their own
FIXTURES = sorted(FOLDER.glob("DQ[0-9][0-9][0-9]*.dq.yaml"))


def rendered(fixture: Path, monkeypatch) -> tuple[list[str], str]:
    monkeypatch.chdir(fixture.parent)
    path = Path(fixture.name)
    waivers = Path(fixture.name.replace(".dq.yaml", ".waivers.yaml"))
    diagnostics = lint(path, waivers if waivers.exists() else None) or in_a_stream(path)
    texts = {}
    for diagnostic in diagnostics:
        name = diagnostic.span.file
        texts[name] = Path(name).read_bytes().decode("utf-8", "replace")
    return [diagnostic.code for diagnostic in diagnostics], render(diagnostics, texts)


def in_a_stream(path: Path) -> list:
    """Return what a stream refuses of a sound spec."""
    with pytest.raises(SpecError) as refused:
        need_for_stream(load(path), has_state=False, alone=False)
    return list(refused.value.diagnostics)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.split(".")[0])
def test_fixture_says_what_was_agreed(fixture, monkeypatch):
    codes, text = rendered(fixture, monkeypatch)
    code = fixture.name[:5]
    assert code in codes, text
    golden = fixture.with_name(fixture.name.replace(".dq.yaml", ".txt"))
    if os.environ.get("DQ_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_too_large_a_file_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "DQ106.dq.yaml"
    path.write_text("dq: 1\n" + "# padding\n" * 110_000)
    codes, text = rendered(path, monkeypatch)
    assert codes == ["DQ106"]
    assert text == "DQ106.dq.yaml:1:1: error DQ106: the spec is larger than 1 MiB\n1 | dq: 1\n  | ^\n"


def test_every_code_has_a_fixture():
    covered = {fixture.name[:5] for fixture in FIXTURES} | ELSEWHERE.keys()
    assert sorted(set(CATALOG) - covered) == []
    assert sorted(covered - set(CATALOG) - ELSEWHERE.keys()) == []


def test_every_fixture_text_has_its_spec():
    specs = {fixture.name.removesuffix(".dq.yaml") for fixture in FIXTURES}
    assert {text.stem for text in FOLDER.glob("DQ*.txt")} == specs
