"""`dq report`: make a page for people, or a machine's format, from a `report.json`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dq.cli.options import RENDERINGS


@click.command("report")
@click.argument("report", metavar="REPORT")
@click.option(
    "--format", "form", type=click.Choice(RENDERINGS), default="html", show_default=True, help="What to make."
)
@click.option("--out", metavar="FILE", help="The file to write; without it the result goes to stdout.")
@click.option("--replace", "overwrite", is_flag=True, help="Replace an existing file.")
def command(report: str, form: str, out: str | None, overwrite: bool) -> int:
    """Make another form of REPORT, the `report.json` of a run, from what stands in it and nothing else.

    html is a page for people: one file that loads nothing from elsewhere, byte for byte the `report.html` of the run.
    """
    from dq.report.model import load_report
    from dq.sinks.single import write_file

    data = load_report(report).render(form)
    if out is not None:
        write_file(Path(out), data, overwrite=overwrite, mode=0o644)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    return 0
