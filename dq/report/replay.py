"""What a replay says to people: of each old reason, how many records pass now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from dq.report.wording import plain

if TYPE_CHECKING:
    from rich.console import RenderableType

REASONS = 12


def replayed(counts: dict[str, Any]) -> RenderableType:
    """Return the counts of a replay as a table, by old reason, and what was not asked."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_edge=False, header_style="dim")
    table.add_column("refused before by", no_wrap=True, overflow="ellipsis")
    for name in ("records", "pass now", "refused", "filtered"):
        table.add_column(name, justify="right", no_wrap=True)
    for reason in counts["reasons"][:REASONS]:
        doors = (reason["records"], reason["accepted"], reason["quarantined"], reason["filtered"])
        table.add_row(Text(plain(reason["check"], 60)), *(f"{count:,}" for count in doors))
    parts: list[RenderableType] = [Text(), table]
    if len(counts["reasons"]) > REASONS:
        parts.append(Text(f"  {len(counts['reasons']) - REASONS:,} more are in the report", style="dim"))
    parts += [Text(), Text(f"{counts['accepted']:,} of {counts['records']:,} records pass now")]
    if counts["not_replayable"]:
        parts.append(Text(f"{counts['not_replayable']:,} cannot be replayed: only their beginning is stored"))
    if counts["not_asked"]:
        parts.append(Text(f"not asked of single records: {plain(', '.join(counts['not_asked']), 200)}", style="dim"))
    return Group(*parts)
