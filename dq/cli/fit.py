"""`dq fit`: learn what the fitted steps need and what drift compares with, and write it as a state."""

from __future__ import annotations

from datetime import datetime

import click

from dq.cli import show
from dq.cli.options import FORMATS, MEMORY, Moment, spooled


@click.command("fit")
@click.argument("spec", metavar="SPEC")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--out", required=True, metavar="FILE", help="The state to write, for example state.json.")
@click.option("--replace", "overwrite", is_flag=True, help="Replace an existing file.")
@click.option("--now", type=Moment(), help="The moment that `now` means; the start of the run by default.")
@click.option("--input-format", type=click.Choice(FORMATS), help="The format of inputs whose name does not tell it.")
@MEMORY
@click.option("-q", "--quiet", is_flag=True, help="Print nothing for people.")
def command(
    spec: str,
    sources: tuple[str, ...],
    out: str,
    overwrite: bool,
    now: datetime | None,
    input_format: str | None,
    memory: int | None,
    quiet: bool,
) -> int:
    """Learn from SOURCE... what the fitted steps of SPEC need, and write it to a file that `dq run --state` applies.

    Of a field of which SPEC expects no drift, the reference profile is learnt too, from the rows that are accepted.
    Nothing is judged and no record is written.  The state holds values of the data; its mode is 0600.
    """
    from dq.api import load, make_settings, save_state

    plan = load(spec)
    with spooled(sources) as paths:
        inputs = plan.inputs(paths, input_format)
        with show.progress(plan.bytes_to_learn(inputs), quiet=quiet) as advance:
            state = plan.learn(inputs, make_settings(now, advance, memory))
    save_state(state, out, overwrite=overwrite)
    if not quiet:
        learnt = f"{len(state.steps)} steps"
        if state.references:
            learnt += f" and {len(state.references)} reference profiles"
        click.echo(f"learnt {learnt} from {state.records:,} records; written to {out}", err=True)
    return 0
