"""The summary for people: what came in, where it went, what is wrong, what to do next.  One screen.

Data can reach it only through `plain`, which shows control characters instead of sending them, so that no
value moves the cursor or forges a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from dq.report.recommend import worst_checks

if TYPE_CHECKING:
    from rich.console import RenderableType

STYLES = {"pass": "green", "warn": "yellow", "fail": "red", "not_evaluated": "yellow", "tolerated": "cyan"}
DOORS = (("accepted", "green"), ("quarantined", "red"), ("deduplicated", "blue"), ("filtered", "cyan"))
WIDTH = 24
ROWS = 8


def plain(value: Any, limit: int = 40) -> str:
    """Return a value as one line of printable text, cut to `limit` characters."""
    if isinstance(value, dict):
        text = ", ".join(f"{key}={item}" for key, item in value.items())
    else:
        text = str(value)
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def summary(report: dict[str, Any], where: str | None = None) -> RenderableType:
    """Return the summary of a report as a rich renderable; `where` names the output folder."""
    parts: list[RenderableType] = [_headline(report), Text(), _flow(report)]
    checks = worst_checks(report, ROWS)
    if checks:
        parts += [Text(), _checks(checks)]
    changed = [step for step in report["cleaning"] if step["changed"]]
    if changed:
        parts += [Text(), _cleaning(changed)]
    parts += _because(report)
    parts += _next(report)
    if where is not None:
        parts += [Text(), Text.assemble(("written to ", "dim"), plain(where, 200))]
    return Group(*parts)


def _headline(report: dict[str, Any]) -> Text:
    verdict = report["verdict"]
    words = {"pass": "PASS", "warn": "PASS, with warnings", "fail": "FAIL"}[verdict]
    spec = report["spec"]
    return Text.assemble(
        (words, f"bold {STYLES[verdict]}"),
        f"  {plain(spec['event'])} {plain(spec['version'])}",
        (f"  {spec['fingerprint'][:12]}", "dim"),
    )


def _flow(report: dict[str, Any]) -> Table:
    records = report["records"]
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    table.add_column()
    table.add_row("read", f"{records['read']:,}", "", "")
    for door, style in DOORS:
        count = records[door]
        part = count / records["read"] if records["read"] else 0.0
        bar = "█" * round(part * WIDTH) or ("▏" if count else "")
        table.add_row(Text(door, style=style), f"{count:,}", percent(part), Text(bar, style=style))
    return table


def percent(part: float) -> str:
    """Return a share in per cent that never rounds something to nothing, or less than all to all."""
    if 0 < part < 0.0001:  # noqa: PLR2004
        return "<0.01%"
    if 0.9999 < part < 1:  # noqa: PLR2004
        return ">99.99%"
    return f"{part:.2%}"


def _checks(checks: list[dict[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_edge=False, header_style="dim")
    table.add_column("check", overflow="fold", ratio=3)
    table.add_column("failed", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("for example", overflow="ellipsis", no_wrap=True, ratio=4)
    for check in checks:
        failed = check["failed"] + check["blocked"]
        part = failed / max(1, check["evaluated"] + check["blocked"])
        name = Text(plain(check["id"], 60), style=STYLES[check["verdict"]])
        table.add_row(name, f"{failed:,}", percent(part), Text(_example(check)))
    return table


def _example(check: dict[str, Any]) -> str:
    """Return where the first failing record is, and what stood there."""
    if not check["examples"]:
        return ""
    example = check["examples"][0]
    place = f"line {example['line']:,}" if example["line"] is not None else f"record {example['record']:,}"
    code = f"{example['code']} " if "code" in example else ""
    value = "" if example["value"] is None else f": {plain(example['value'])}"
    return f"{code}{plain(example['source'], 30)} {place}{value}"


def _cleaning(changed: list[dict[str, Any]]) -> Text:
    steps = sorted(changed, key=lambda step: (-step["changed"], step["step"]))
    shown = ", ".join(f"{plain(step['step'])} {step['changed']:,}" for step in steps[:4])
    more = f" and {len(steps) - 4} more" if len(steps) > 4 else ""  # noqa: PLR2004
    return Text.assemble(("cells changed: ", "dim"), shown + more)


def _because(report: dict[str, Any]) -> list[RenderableType]:
    shown = report["because"][:5]
    if not shown:
        return []
    lines: list[RenderableType] = [Text()]
    style = STYLES[report["verdict"]]
    lines += [Text.assemble(("! ", style), plain(reason, 200)) for reason in shown]
    if len(report["because"]) > len(shown):
        lines.append(Text(f"  and {len(report['because']) - len(shown)} more in the report", style="dim"))
    return lines


def _next(report: dict[str, Any]) -> list[RenderableType]:
    items = report["recommendations"][:3]
    if not items:
        return []
    return [Text(), *(Text.assemble(("→ ", "bold"), plain(item["text"], 200)) for item in items)]
