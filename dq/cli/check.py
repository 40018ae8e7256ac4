"""`dq check`: judge sources by a spec and write nothing."""

from __future__ import annotations

from datetime import datetime

import click

from dq.cli import show
from dq.cli.options import judging, spooled


@click.command("check")
@judging
def command(
    spec: str,
    sources: tuple[str, ...],
    now: datetime | None,
    fail_on: str | None,
    input_format: str | None,
    form: str,
    quiet: bool,
    timings: bool,
) -> int:
    """Judge SOURCE... by SPEC and write nothing: the summary, and the exit code of the gate."""
    from dq.api import load

    plan = load(spec)
    with spooled(sources) as paths:
        inputs = plan.inputs(paths, input_format)
        scans = 2 if plan.compiled.levels else 1
        with show.progress(scans * sum(item.size for item in inputs), quiet=quiet) as advance:
            result = plan.judge(inputs, now=now, fail_on=fail_on, progress=advance)
    show.report(result.report.data, form, quiet=quiet)
    if timings:
        show.timings(result.seconds)
    return 1 if result.report.verdict == "fail" else 0
