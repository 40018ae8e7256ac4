"""`dq report`: make a page for people, or a machine's format, from a `report.json`, or the history of many."""

from __future__ import annotations

import click

from dq.cli.options import RENDERINGS, destination, give

HISTORIES = ("html", "markdown")


@click.command("report")
@click.argument("report", metavar="REPORT", required=False)
@click.option("--format", "form", type=click.Choice(RENDERINGS), help="What to make; html by default.")
@click.option(
    "--history",
    metavar="DIR",
    help="Put the reports of a folder side by side: verdicts, refusals and drift over time, and what fails since when.",
)
@click.option(
    "--mlflow",
    "store",
    is_flag=False,
    flag_value="mlruns",
    metavar="[URI]",
    help="Log verdict, counts and the report to an MLflow store: a folder or a URI; the folder mlruns by default.",
)
@destination
def command(
    report: str | None, form: str | None, history: str | None, store: str | None, out: str | None, overwrite: bool
) -> int:
    """Make another form of REPORT, the `report.json` of a run, from what stands in it and nothing else.

    html is a page for people: one file that loads nothing from elsewhere, byte for byte the `report.html` of the run.
    A history goes to stdout as Markdown, and to a file as a page, unless --format says otherwise. With --mlflow nothing
    is printed unless --format or --out ask for it.
    """
    if (report is None) == (history is None):
        raise click.UsageError("Name one REPORT, or a folder of reports with --history.")
    if history is not None and store is not None:
        raise click.UsageError("A history is not logged: name one REPORT with --mlflow.")
    if history is not None:
        give(_history(history, form or ("markdown" if out is None else "html")), out, overwrite=overwrite)
    else:
        _report(str(report), form, store, out, overwrite=overwrite)
    return 0


def _report(path: str, form: str | None, store: str | None, out: str | None, *, overwrite: bool) -> None:
    """Log a report, where that is asked, and give it in the form that is asked for."""
    from dq.report.model import load_report

    report = load_report(path)
    if store is not None:
        from dq.report.tracking import log

        click.echo(f"logged as run {log(report, store)} to {store}", err=True)
    if store is None or form is not None or out is not None:
        give(report.render(form or "html"), out, overwrite=overwrite)


def _history(folder: str, form: str) -> bytes:
    """Return the histories of the reports in a folder as a page or as Markdown."""
    from dq.report import history_html, history_markdown
    from dq.report.history import read_histories

    if form not in HISTORIES:
        raise click.UsageError(f"A history is made as {' or '.join(HISTORIES)}, not as {form}.")
    histories = read_histories(folder)
    return history_html.render(histories) if form == "html" else history_markdown.render(histories)
