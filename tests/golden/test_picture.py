"""The picture of the README shows what the newcomer's example prints."""

from __future__ import annotations

import html
import importlib.util
import io
import re
from pathlib import Path

import pytest
from rich.console import Console

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def picture():
    spec = importlib.util.spec_from_file_location("picture", ROOT / "docs" / "picture.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines_of(svg):
    """Return the words of each line of a picture."""
    found: dict[float, list[str]] = {}
    for match in re.finditer(r'<text class="dq-r\d+" x="[\d.]+" y="([\d.]+)"[^>]*>(.*?)</text>', svg):
        found.setdefault(float(match[1]), []).extend(html.unescape(match[2]).split())
    return [words for _, words in sorted(found.items()) if words]


def test_picture_shows_the_summary(picture):
    import dq
    from dq.report.terminal import summary

    folder = ROOT / "examples" / "newcomer"
    report = dq.load(folder / "orders.dq.yaml").run(folder / "orders.csv", now=picture.NOW).report
    console = Console(width=88, file=io.StringIO(), highlight=False)
    console.print(f"$ {picture.COMMAND}", markup=False)
    console.print(summary(dict(report.data), "dq-out"))
    printed = [line.split() for line in console.file.getvalue().splitlines() if line.split()]
    shown = lines_of((ROOT / "docs" / "summary.svg").read_text(encoding="utf-8"))
    assert shown == printed, "draw it anew: python docs/picture.py"


def test_picture_fetches_nothing(picture):
    svg = (ROOT / "docs" / "summary.svg").read_text(encoding="utf-8")
    assert "url(" not in svg.replace("url(#", "")
    assert "@font-face" not in svg
    assert "<script" not in svg
