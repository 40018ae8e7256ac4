"""Draw `docs/summary.svg`: the terminal summary of the newcomer's example, for the README.

Run `python docs/picture.py` after a change of the summary or of the example.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

import dq
from dq.report.terminal import summary

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
COMMAND = "dq run examples/newcomer/orders.dq.yaml examples/newcomer/orders.csv --out dq-out"


def draw() -> str:
    """Return the picture: the command and what it prints, 88 columns wide, with the reader's own monospace font."""
    folder = ROOT / "examples" / "newcomer"
    report = dq.load(folder / "orders.dq.yaml").run(folder / "orders.csv", now=NOW).report
    console = Console(record=True, width=88, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(f"[bold]$[/] {COMMAND}")
    console.print()
    console.print(summary(dict(report.data), "dq-out"))
    # A picture that fetches a font from somewhere would tell that somewhere who reads the README.
    template = re.sub(r"\s*@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    picture = console.export_svg(title="dq", code_format=template, unique_id="dq").replace("Fira Code", "ui-monospace")
    return "\n".join(line.rstrip() for line in picture.splitlines()) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "summary.svg").write_text(draw(), encoding="utf-8")
