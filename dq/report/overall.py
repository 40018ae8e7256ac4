"""The report of a run over a folder of specs: one line for each spec, and what none of them took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dq.report.build import FORMAT
from dq.version import VERSION

if TYPE_CHECKING:
    from collections import Counter
    from datetime import datetime

    from dq.sources.base import Account

DOORS = ("accepted", "quarantined", "deduplicated", "filtered")
ORDER = ("pass", "warn", "fail")


def overall(
    reports: Sequence[Mapping[str, Any]],
    read: int,
    refused: Counter[str],
    accounts: Sequence[tuple[str, Account]],
    now: datetime,
    tolerated: Fraction,
) -> dict[str, Any]:
    """Return the report as JSON values.

    `reports` are those of the specs, `refused` counts the records that went to none of them by the code of the reason,
    of which `tolerated` is the share that does not fail the whole.
    """
    unmatched = sum(refused.values())
    because = [f"{_name(report)}: {text}" for report in reports for text in report["because"]]
    verdicts = [str(report["verdict"]) for report in reports]
    if unmatched:
        within = unmatched <= tolerated * read
        verdicts.append("warn" if within else "fail")
        because.append(f"unmatched: {unmatched:,} of {read:,} records went to no spec")
    return {
        "dq": VERSION,
        "format": FORMAT,
        "now": now.isoformat().replace("+00:00", "Z"),
        "verdict": max(verdicts, key=ORDER.index, default="pass"),
        "because": because,
        "records": {
            "read": read,
            **{door: sum(report["records"][door] for report in reports) for door in DOORS},
            "unmatched": unmatched,
        },
        "unmatched": {code: refused[code] for code in sorted(refused)},
        "tolerated": float(tolerated),
        "sources": [
            {"name": name, "sha256": account.sha256, "records": account.records, "unreadable": account.unreadable}
            for name, account in accounts
        ],
        "specs": [_one(report) for report in reports],
    }


def lines(report: Mapping[str, Any]) -> list[str]:
    """Return the summary for people, line by line."""
    table = [(*_cells(spec), f"{spec['event']} {spec['version']}") for spec in report["specs"]]
    header = ("verdict", *(door for door in ("read", *DOORS)), "spec")
    widths = [max(len(row[column]) for row in [header, *table]) for column in range(len(header))]
    shown = ["  ".join(_padded(row, widths)).rstrip() for row in [header, *table]]
    counts = report["records"]
    total = ", ".join(f"{counts[door]:,} {door}" for door in (*DOORS, "unmatched"))
    codes = [f"  {code}: {count:,}" for code, count in report["unmatched"].items()]
    because = ["", *report["because"]] if report["because"] else []
    return [f"{report['verdict'].upper()}  {counts['read']:,} records: {total}", *codes, "", *shown, *because]


def _cells(spec: Mapping[str, Any]) -> tuple[str, ...]:
    return (spec["verdict"], *(f"{spec['records'][door]:,}" for door in ("read", *DOORS)))


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the cells of a row as wide as their columns; the outer ones are words, and the others numbers."""
    outer = {0, len(row) - 1}
    pairs = enumerate(zip(row, widths, strict=True))
    return [cell.ljust(width) if place in outer else cell.rjust(width) for place, (cell, width) in pairs]


def _one(report: Mapping[str, Any]) -> dict[str, Any]:
    spec = report["spec"]
    counts = {door: report["records"][door] for door in ("read", *DOORS)}
    watched = {name: report[name] for name in ("drift_windows",) if name in report}  # by a stream alone
    folder = f"{spec['event']}/{spec['version']}"
    return {**spec, "folder": folder, "verdict": report["verdict"], "records": counts, **watched}


def _name(report: Mapping[str, Any]) -> str:
    return f"{report['spec']['event']} {report['spec']['version']}"
