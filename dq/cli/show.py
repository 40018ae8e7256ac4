"""What verbs print: the summary, the progress bar, the machine formats."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

PATIENCE = 2.0  # seconds before a progress bar appears


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Yield a function that is told the bytes read; a bar appears on a terminal after two seconds."""
    if quiet or not sys.stderr.isatty() or total <= 0:
        yield lambda _bytes: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    bar = Progress(
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("read", total=total)
    start, shown = time.monotonic(), False

    def advance(count: int) -> None:
        nonlocal shown
        bar.advance(task, count)
        if not shown and time.monotonic() - start > PATIENCE:
            shown = True
            bar.start()

    try:
        yield advance
    finally:
        if shown:
            bar.stop()


def report(data: Mapping[str, Any], form: str, *, quiet: bool, where: str | None = None) -> None:
    """Print a report: the summary to stderr, or its JSON to stdout."""
    if form == "json":
        from dq.report.build import dump

        sys.stdout.buffer.write(dump(dict(data)))
        sys.stdout.buffer.flush()
    if quiet or form == "json":
        return
    from rich.console import Console

    from dq.report.terminal import summary

    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    console.print(summary(dict(data), where))


def timings(seconds: Mapping[str, float]) -> None:
    """Print where the time went, by stage, to stderr."""
    total = sum(seconds.values())
    for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        click.echo(f"{stage:12s} {spent:9.3f} s  {spent / total if total else 0:6.1%}", err=True)
