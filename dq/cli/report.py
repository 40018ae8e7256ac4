"""`dq report`: make a page for people, or a machine's format, from a `report.json`, or the history of many."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dq.cli.options import RENDERINGS

HISTORIES = ("html", "markdown")


@click.command("report")
@click.argument("report", metavar="REPORT", required=False)
@click.option("--format", "form", type=click.Choice(RENDERINGS), help="What to make; html by default.")
@click.option(
    "--history",
    metavar="DIR",
    help="Put the reports of a folder side by side: verdicts, refusals and drift over time, and what fails since when.",
)
@click.option("--out", metavar="FILE", help="The file to write; without it the result goes to stdout.")
@click.option("--replace", "overwrite", is_flag=True, help="Replace an existing file.")
def command(report: str | None, form: str | None, history: str | None, out: str | None, overwrite: bool) -> int:
    """Make another form of REPORT, the `report.json` of a run, from what stands in it and nothing else.

    html is a page for people: one file that loads nothing from elsewhere, byte for byte the `report.html` of the run.
    A history goes to stdout as Markdown, and to a file as a page, unless --format says otherwise.
    """
    if (report is None) == (history is None):
        raise click.UsageError("Name one REPORT, or a folder of reports with --history.")
    if history is not None:
        _give(_history(history, form or ("markdown" if out is None else "html")), out, overwrite=overwrite)
    else:
        from dq.report.model import load_report

        _give(load_report(str(report)).render(form or "html"), out, overwrite=overwrite)
    return 0


def _history(folder: str, form: str) -> bytes:
    """Return the histories of the reports in a folder as a page or as Markdown."""
    from dq.report import history_html, history_markdown
    from dq.report.history import read_histories

    if form not in HISTORIES:
        raise click.UsageError(f"A history is made as {' or '.join(HISTORIES)}, not as {form}.")
    histories = read_histories(folder)
    return history_html.render(histories) if form == "html" else history_markdown.render(histories)


def _give(data: bytes, out: str | None, *, overwrite: bool) -> None:
    """Write a file, or to stdout."""
    from dq.sinks.single import write_file

    if out is not None:
        write_file(Path(out), data, overwrite=overwrite, mode=0o644)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
