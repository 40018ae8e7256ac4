"""Every line of dq on the page for those who come from other tools is what it says: it lints where it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dq.plan.compiler import lint

PAGE = Path(__file__).parents[2] / "docs" / "coming_from.md"
ROW = re.compile(r"^\| .+ \| `(?P<line>[^|]+)` \| (?P<under>.+) \|$", re.MULTILINE)
UNDER = re.compile(r"(?:`(?P<list>checks|expect|gate)`|(?P<settings>settings)) of (?:an? `(?P<type>\w+)`|the spec)")
ROWS = [(match["line"], match["under"]) for match in ROW.finditer(PAGE.read_text(encoding="utf-8"))]


def specification(line: str, under: str) -> str:
    """Return a specification in which the line stands where the page says."""
    place = UNDER.fullmatch(under)
    assert place, under
    kind = place["type"] or "number"
    inside = {"checks": f"    checks:\n      - {line}\n", "expect": f"    expect:\n      - {line}\n"}
    own = (f"    {line}\n" if place["settings"] else inside[place["list"]]) if place["type"] else ""
    rest = (
        "" if place["type"] else f"gate:\n  {line}\n" if place["list"] == "gate" else f"{place['list']}:\n  - {line}\n"
    )
    fields = f"  x:\n    type: {kind}\n{own}  y: {{type: number}}\n  at: {{type: datetime}}\n"
    return f"dq: 1\nevent: e\nversion: 1.0.0\nfields:\n{fields}{rest}"


def test_every_tool_is_there():
    text = PAGE.read_text(encoding="utf-8")
    tools = ("Great Expectations", "Soda", "pandera", "Pointblank", "Frictionless", "dbt")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(tools)
    assert len(ROWS) == text.count("\n| ") - 2 * len(tools)  # all rows but heads and rules


@pytest.mark.parametrize(("line", "under"), ROWS)
def test_the_line_lints_where_it_stands(line, under, tmp_path):
    (tmp_path / "regions.csv").write_text("code\na\n")
    path = tmp_path / "e.dq.yaml"
    path.write_text(specification(line, under))
    assert [str(mistake) for mistake in lint(path)] == []


def test_a_line_that_is_wrong_is_found(tmp_path):
    path = tmp_path / "e.dq.yaml"
    path.write_text(specification("minimun: 0", "`checks` of a `number`"))
    assert lint(path)
