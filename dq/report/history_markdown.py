"""A history as Markdown, in columns that are aligned, so that it can be read on a terminal as it is."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len

from dq.report.history import History, Measured, Promise
from dq.report.wording import measure, percent, plain, several

RUNS = 12
"""So many runs are listed, the newest last."""
WORDS = {"pass": "passed", "warn": "passed with warnings", "fail": "failed"}


def render(histories: list[History]) -> bytes:
    """Return the histories, one section an event."""
    return "\n".join(line for history in histories for line in _section(history)).encode()


def sentence(history: History) -> str:
    """Return how many runs there are, how they ended, and since when they fail, if they do."""
    counts = [f"{history.counted(v):,} {word}" for v, word in WORDS.items() if history.counted(v)]
    text = f"{several(len(history.runs), 'run')}: {', '.join(counts)}."
    if history.since is None:
        return text
    return f"{text} Failing since {moment(history.since.now)}."


def moment(now: str) -> str:
    """Return a moment of a report as people write it."""
    return now.replace("T", " ").replace("Z", " UTC")


def _section(history: History) -> list[str]:
    lines = [f"# {_name(history.event, 80)}", "", sentence(history), "", *_runs(history), ""]
    if history.promises:
        rows = [_promise(history, promise) for promise in history.promises]
        lines += [
            "## What did not hold, since when",
            "",
            *_table(("promise", "now", "since", "broken", "share"), rows),
            "",
        ]
    if history.drift:
        rows = [_measured(measured) for measured in history.drift]
        lines += ["## Drift", "", *_table(("field", "measure", "limit", "first", "last", "most"), rows), ""]
    return lines


def _runs(history: History) -> list[str]:
    """Return the table of the newest runs."""
    rows: list[tuple[str, ...]] = []
    for run in history.runs[-RUNS:]:
        records = run.report["records"]
        refused = f"{records['quarantined']:,} ({percent(run.refused)})"
        version = _name(run.report["spec"]["version"], 20)
        rows.append((moment(run.now), run.verdict, f"{records['read']:,}", refused, version, _name(run.name)))
    more = len(history.runs) - len(rows)
    told = [f"{several(more, 'earlier run')} not shown", ""] if more else []
    return [*told, *_table(("now", "verdict", "read", "refused", "spec", "report"), rows)]


def _promise(history: History, promise: Promise) -> tuple[str, ...]:
    asked = sum(verdict is not None for verdict in promise.verdicts)
    state = "broken" if promise.is_broken else "holds again"
    last = promise.shares[promise.broke[-1]]
    return (
        _name(promise.id),
        state,
        moment(history.runs[promise.began].now),
        f"{len(promise.broke):,} of {asked:,}",
        "" if last is None else percent(last),
    )


def _measured(measured: Measured) -> tuple[str, ...]:
    known = [value for value in measured.values if value is not None]
    found = (known[0], known[-1], max(known)) if known else ()
    limit = f"{measured.side} {measure(measured.limit)}"
    return (_name(measured.field), measured.measure, limit, *(f"{value:.4g}" for value in found))


def _name(value: Any, limit: int = 60) -> str:
    """Return a text of a report as code; the two marks that would end the code or its cell become others."""
    text = plain(value, limit).replace("`", "'").replace("|", "¦")
    return f"`{text}`" if text.strip() else ""


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """Return a table whose columns are as wide as their widest cell."""
    full = [tuple(row) + ("",) * (len(header) - len(row)) for row in rows]
    widths = [max(cell_len(row[column]) for row in (header, *full)) for column in range(len(header))]
    ruler = tuple("-" * width for width in widths)
    return [_line(row, widths) for row in (header, ruler, *full)]


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    return (
        "| " + " | ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)) + " |"
    )
