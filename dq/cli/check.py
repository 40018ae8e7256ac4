"""`dq check`: judge sources by a spec and write nothing."""

from __future__ import annotations

import click

from dq.cli import folder, show
from dq.cli.options import Request, judging, spooled


@click.command("check")
@judging
def command(request: Request) -> int:
    """Judge SOURCE... by SPEC and write nothing: the summary, and the exit code of the gate.

    Where SPEC is a folder of specs, each record is judged by the spec that takes it.
    """
    from dq.api import make_settings

    if folder.is_folder(request):
        return folder.run(request, None)
    plan = request.plan()
    given = request.conditions(plan)
    with spooled(request.sources) as paths:
        inputs = plan.inputs(paths, request.input_format)
        with show.progress(plan.bytes_to_read(inputs), quiet=request.quiet) as advance:
            result = plan.judge(inputs, make_settings(request.now, advance, request.memory), given)
    return show.result(result, request)
