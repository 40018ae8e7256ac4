"""The map of the house shows the house: its levels, its files, its differences from the first design."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from .pages import ROOT, blocks

PAGE = ROOT / "docs" / "architecture.md"


def drawn(text: str) -> list[set[str]]:
    """Return the rooms of each level of the drawing; what stands behind two blanks or more is a remark."""
    drawing = next(block.text for block in blocks("architecture.md", text) if block.tag == "text")
    levels = []
    for number, line in enumerate(drawing.splitlines()):
        found = re.match(rf"{number}  ((?:\S+(?: \(.*?\))?(?:  ?|$))+?)(?: {{3,}}.*)?$", line)
        assert found, line
        names = re.sub(r"\(.*?\)", "", found[1]).replace("|", " ").split()
        levels.append({"" if name == "dq" else name for name in names})
    return levels


def held() -> list[set[str]]:
    """Return the levels that the test of imports holds."""
    tree = ast.parse((ROOT / "tests" / "test_imports.py").read_text(encoding="utf-8"))
    value = next(n.value for n in tree.body if isinstance(n, ast.AnnAssign) and ast.unparse(n.target) == "LEVELS")
    assert isinstance(value, ast.Tuple)
    return [set(ast.literal_eval(call.args[0])) for call in value.elts if isinstance(call, ast.Call)]


def test_the_drawing_is_the_one_that_is_held():
    assert drawn(PAGE.read_text(encoding="utf-8")) == held()


def strangers(text: str) -> list[str]:
    """Return the Python files and folders that a text names and that are not there."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    names = re.findall(r"`((?:[a-z_]+/)*[a-z_]+(?:\.py|/))`", prose)
    files = {p.relative_to(ROOT / "dq").as_posix() for p in (ROOT / "dq").rglob("*.py")}
    known = files | {f"{parent.as_posix()}/" for f in files for parent in Path(f).parents}

    def there(name: str) -> bool:
        return any(k == name or k.endswith(f"/{name}") for k in known) or (ROOT / name).exists()

    return [name for name in names if not there(name)]


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md", "docs/plugins.md"])
def test_the_files_that_it_names_are_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert ".py`" in text
    assert strangers(text) == []


def test_a_file_that_is_gone_is_noticed():
    assert strangers("see `plan/entry.py`, `plan/exit.py` and `sinks/`, `sinkholes/`") == ["plan/exit.py", "sinkholes/"]
