"""What `dq run` and `dq check` do where SPEC is a folder of specs."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dq.cli import show
from dq.cli.options import Request, spooled

if TYPE_CHECKING:
    from dq.plan_folder import FolderResult


def is_folder(request: Request) -> bool:
    """Whether the spec is a folder.  UsageError for --unmatched where it is none."""
    folder = Path(request.spec).is_dir()
    if request.unmatched is not None and not folder:
        raise click.UsageError("--unmatched is for a folder of specs.")
    return folder


def run(request: Request, out: str | None, *, overwrite: bool = False) -> int:
    """Send the records to the specs that take them, and run or, without `out`, judge; return the exit code."""
    from dq.plan_folder import load_folder

    _refuse_options(request)
    folder = load_folder(request.spec)
    with spooled(request.sources) as paths:
        total = folder.bytes_to_read(paths, request.input_format)
        with show.progress(total, quiet=request.quiet) as advance:
            judge = folder.check if out is None else partial(folder.run, out=out, replace=overwrite, command=sys.argv)
            result = judge(
                paths,
                now=request.now,
                fail_on=request.fail_on,
                unmatched=request.unmatched or "0",
                source_format=request.input_format,
                progress=advance,
            )
    return _show(result, request)


def _refuse_options(request: Request) -> None:
    """Refuse the options that are for one spec."""
    given = {
        "--state": request.state is not None,
        "--against": bool(request.against),
        "--train": bool(request.train),
        "--profile": request.profile is not None,
        "--waivers": request.waivers is not None,
        "--baseline": request.baseline is not None,
        "--memory": request.memory is not None,
        "--timings": request.timings,
    }
    named = [option for option, stated in given.items() if stated]
    if named:
        raise click.UsageError(f"{named[0]} is for one spec, not for a folder of them.")
    if any(form not in {"text", "json"} for form, _ in request.forms):
        raise click.UsageError("The report of a folder of specs is printed as text or json; each spec writes its own.")


def _show(result: FolderResult, request: Request) -> int:
    """Print the summary and the report as they were asked for, and return the exit code of the gate."""
    from dq.report.overall import lines
    from dq.report.wording import plain
    from dq.sinks.single import write_file

    names = [form for form, path in request.forms if path is None]
    if not request.quiet and ("text" in names or not names):
        for line in lines(result.report.data):
            click.echo(plain(line, len(line)), err=True)
        if result.folder is not None:
            click.echo(f"\nwritten to {result.folder}", err=True)
    for path in [path for form, path in request.forms if form == "json"]:
        if path is None:
            click.echo(result.report.json().decode(), nl=False)
        else:
            write_file(Path(path), result.report.json(), overwrite=True, mode=0o644)
    return 1 if result.report.verdict == "fail" else 0
