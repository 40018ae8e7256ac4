"""What verbs print: the summary, the progress bar, the machine formats."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

if TYPE_CHECKING:
    from rich.console import Console

    from dq.cli.options import Request
    from dq.report.model import Report
    from dq.results import Result

PATIENCE = 2.0  # seconds before a progress bar appears


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Yield a function that is told the bytes read; a bar appears on a terminal after two seconds.

    Some systems of continuous integration give their jobs a terminal: what is drawn there fills a log.
    """
    watched = sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")
    if quiet or not watched or total <= 0:
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
    """Print what a run gave, as it was asked for, and return the exit code of its gate.

    The summary is left out where another format goes to stdout, unless it is asked for.
    """
    names = [form for form, path in request.forms if path is None]
    if not request.quiet and ("text" in names or not names):
        print_summary(dict(done.report.data), where)
    renderings(done.report, request)
    if request.timings:
        timings(done.seconds)
    return 1 if done.report.verdict == "fail" else 0


def renderings(report: Report, request: Request) -> None:
    """Write the report in every format that was asked for; to annotations of GitHub belongs the summary of the step."""
    from dq.sinks.single import write_file

    paths = reachable(report, request)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and any(form == "github" for form, _ in request.forms):
        with Path(summary).open("ab") as page:  # The runner shows what its steps append to this file.
            page.write(report.render("markdown", paths))
    for form, path in request.forms:
        if form == "text":
            continue
        data = report.render(form, paths)
        if path is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            write_file(Path(path), data, overwrite=True, mode=0o644)


def reachable(report: Report, request: Request) -> dict[str, str]:
    """Return where the files are that the report names: the sources as they were given, specs beside the spec."""
    given = [source.partition("=")[2] or source for source in request.sources]
    beside = Path(request.spec).parent
    asked = [*report["checks"], *report["expectations"], *report["ml"].get("checks", [])]
    specs = {item["file"]: (beside / item["file"]).as_posix() for item in asked if "file" in item}
    return {Path(path).name: Path(path).as_posix() for path in given} | specs


def print_summary(report: dict[str, Any], where: str | None) -> None:
    """Print the summary for people to stderr."""
    from dq.report.terminal import summary

    _console().print(summary(report, where))


def print_preview(preview: dict[str, Any], request: Request) -> None:
    """Print what a run would change: for people to stderr, as JSON to stdout."""
    if ("json", None) in request.forms:
        sys.stdout.buffer.write(orjson.dumps(preview, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()
    elif not request.quiet:
        from dq.report.preview import changes

        _console().print(changes(preview))


def print_replay(counts: dict[str, Any]) -> None:
    """Print what became of the records of a replay to stderr."""
    from dq.report.replay import replayed

    _console().print(replayed(counts))


def _console() -> Console:
    """Return the terminal that people read; nothing in what is printed is taken for markup."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, emoji=False, markup=False)


def timings(seconds: Mapping[str, float]) -> None:
    """Print how long each stage took, and its share of all of them together, to stderr: some go on beside others."""
    total = sum(seconds.values())
    for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        click.echo(f"{stage:12s} {spent:9.3f} s  {spent / total if total else 0:6.1%}", err=True)
