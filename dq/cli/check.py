"""`dq check`: judge sources by a spec and write nothing."""

from __future__ import annotations

import click

from dq.cli import show
from dq.cli.options import Request, judging, spooled


@click.command("check")
@judging
def command(request: Request) -> int:
    """Judge SOURCE... by SPEC and write nothing: the summary, and the exit code of the gate."""
    from dq.api import load, load_state

    plan = load(request.spec)
    given = load_state(request.state) if request.state is not None else None
    with spooled(request.sources) as paths:
        inputs = plan.inputs(paths, request.input_format)
        with show.progress(plan.bytes_to_read(inputs), quiet=request.quiet) as advance:
            result = plan.judge(
                inputs,
                now=request.now,
                fail_on=request.fail_on,
                state=given,
                against=request.against,
                train=request.train,
                progress=advance,
            )
    return show.result(result, request)
