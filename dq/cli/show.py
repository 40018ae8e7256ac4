"""What verbs print: the summary, the progress bar, the machine formats."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dq.cli.options import Request
    from dq.results import Result

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


def result(done: Result, request: Request, where: str | None = None) -> int:
    """Print what a run gave, as it was asked for, and return the exit code of its gate."""
    report = dict(done.report.data)
    if request.form == "json":
        sys.stdout.buffer.write(done.report.json())
        sys.stdout.buffer.flush()
    elif not request.quiet:
        print_summary(report, where)
    if request.timings:
        timings(done.seconds)
    return 1 if done.report.verdict == "fail" else 0


def print_summary(report: dict[str, Any], where: str | None) -> None:
    """Print the summary for people to stderr."""
    from rich.console import Console

    from dq.report.terminal import summary

    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    console.print(summary(report, where))


def timings(seconds: Mapping[str, float]) -> None:
    """Print where the time went, by stage, to stderr."""
    total = sum(seconds.values())
    for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        click.echo(f"{stage:12s} {spent:9.3f} s  {spent / total if total else 0:6.1%}", err=True)
