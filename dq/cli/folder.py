"""What `dq run` and `dq check` do where SPEC is a folder of specs."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dq.cli import show
from dq.cli.options import Request, spooled

if TYPE_CHECKING:
    from collections.abc import Callable

    from dq.plan_folder import FolderResult


def is_folder(request: Request) -> bool:
    """Whether the spec is a folder.  UsageError for --unmatched where it is none."""
    folder = Path(request.spec).is_dir()
    if request.unmatched is not None and not folder:
        raise click.UsageError("--unmatched is for a folder of specs.")
    return folder


def run(request: Request, out: str | None, **options: Any) -> int:
    """Send the records to the specs that take them, and run or, without `out`, judge; return the exit code.

    `options` are those of `PlanFolder.run` that only a run has.
    """
    from dq.plan_folder import load_folder

    _refuse_options(request)
    folder = load_folder(request.spec)
    with spooled(request.sources) as paths:
        total = folder.bytes_to_read(paths, request.input_format)
        with show.progress(total, quiet=request.quiet) as advance:
            judge: Callable[..., FolderResult] = folder.check
            if out is not None:
                judge = partial(folder.run, out=out, command=sys.argv, **options)
            result = judge(
                paths,
                now=request.now,
                fail_on=request.fail_on,
                profile=request.profile,
                state=request.state,
                against=request.against,
                train=request.train,
                waivers=request.waivers,
                baseline=_folder_of(request.baseline),
                memory=request.memory,
                unmatched=request.unmatched or "0",
                source_format=request.input_format,
                progress=advance,
            )
    return _show(result, request)


def _folder_of(baseline: str | None) -> str | None:
    """Return the output folder of a baseline, which may be named by the report in it."""
    return str(Path(baseline).parent) if baseline is not None and Path(baseline).is_file() else baseline


def _refuse_options(request: Request) -> None:
    """Refuse what only the run of one spec can tell."""
    if request.timings:
        raise click.UsageError("--timings is for one spec, not for a folder of them.")
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
