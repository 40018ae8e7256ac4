"""`dq run`: clean and judge sources by a spec, and write the results."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from dq.cli import show
from dq.cli.options import judging, spooled


@click.command("run")
@judging
@click.option("--out", required=True, metavar="DIR", help="The output folder; it must not exist.")
@click.option("--replace", "overwrite", is_flag=True, help="Exchange an existing output folder for the new one.")
def command(
    spec: str,
    sources: tuple[str, ...],
    now: datetime | None,
    fail_on: str | None,
    input_format: str | None,
    form: str,
    quiet: bool,
    timings: bool,
    out: str,
    overwrite: bool,
) -> int:
    """Clean and judge SOURCE... by SPEC, and write accepted, quarantined and removed records and the report.

    A SOURCE is a file, a glob, a folder, `-` for standard input, or NAME=PATH to bind it to a source of the
    spec.  The output folder is complete, with a manifest, or absent.  If the batch fails its gate, the rows
    are called held.*, and the exit code is 1.
    """
    from dq.api import load, make_settings

    plan = load(spec)
    with spooled(sources) as paths:
        inputs = plan.inputs(paths, input_format)
        scans = 2 if plan.compiled.levels else 1
        with show.progress(scans * sum(item.size for item in inputs), quiet=quiet) as advance:
            settings = make_settings(now, advance)
            result = plan.run_to_folder(inputs, out, settings, overwrite=overwrite, fail_on=fail_on, command=sys.argv)
    show.report(result.report.data, form, quiet=quiet, where=out if result.folder else None)
    if timings:
        show.timings(result.seconds)
    return 1 if result.report.verdict == "fail" else 0
