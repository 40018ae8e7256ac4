"""The preview for people: step by step, how many cells would change, and from what to what.

Values reach the terminal only through `plain`, like everywhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from dq.report.wording import plain

if TYPE_CHECKING:
    from rich.console import RenderableType

VALUE = 32
"""Characters of a value that are shown."""


def changes(data: dict[str, Any]) -> RenderableType:
    """Return the steps that would change something, in order, with their examples below them."""
    changing = [step for step in data["steps"] if step["changed"]]
    if not changing:
        return Group(Text(), Text("no step would change a cell", style="dim"))
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_edge=False, header_style="dim")
    table.add_column("step", no_wrap=True, overflow="ellipsis")
    table.add_column("cells", justify="right", no_wrap=True)
    table.add_column("accepted", justify="right", no_wrap=True)
    table.add_column("for example", no_wrap=True, overflow="ellipsis", ratio=1)
    for step in changing:
        first, *others = [_example(example) for example in step["examples"]] or [_absent(step)]
        table.add_row(Text(plain(step["step"], 48)), f"{step['changed']:,}", f"{step['accepted']:,}", first)
        for other in others:
            table.add_row("", "", "", other)
    return Group(Text(), table, Text(), Text("nothing was written: this was a dry run", style="dim"))


def _example(example: dict[str, Any]) -> Text:
    return Text.assemble(_value(example["before"]), (" → ", "dim"), _value(example["after"]))


def _value(text: str | None) -> tuple[str, str]:
    """Return a value in quotes, so that white space is seen; no value is a word of its own."""
    return ("null", "dim") if text is None else (f"“{plain(text, VALUE)}”", "")


def _absent(step: dict[str, Any]) -> Text:
    """Say why there is no example."""
    return Text("personal data" if step["hidden"] else "in no accepted record", style="dim")
