"""`dq sample`: make valid or invalid records from a spec."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from dq.cli.options import Moment


@click.command("sample")
@click.argument("spec", metavar="SPEC")
@click.option("-n", "count", type=click.IntRange(0), default=10, show_default=True, help="How many records.")
@click.option("--invalid", metavar="CHECK", help="Each record violates the check of this id, and no other.")
@click.option("--seed", type=int, default=0, show_default=True, help="Other seeds give other records.")
@click.option("--now", type=Moment(), help="The moment that `now` means; the present one by default.")
@click.option("--state", metavar="FILE", help="Apply what this state learnt; without it steps that learn do nothing.")
@click.option("--source", metavar="NAME", help="With the columns, paths and marks of this source of the spec.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    show_default=True,
    help="JSON Lines or CSV.",
)
def command(
    spec: str,
    count: int,
    invalid: str | None,
    seed: int,
    now: datetime | None,
    state: str | None,
    source: str | None,
    form: str,
) -> int:
    """Make records from SPEC, on stdout: valid ones, or with --invalid ones that violate exactly one check.

    dq itself confirms every record before it is given out.  The same spec, seed and --now give the same records.  The
    exit code is 1 where fewer records were found than asked for; stderr says why.
    """
    from dq.api import load, load_state
    from dq.sampling.form import form_of
    from dq.sampling.sample import sample

    plan = load(spec).compiled
    given = load_state(state) if state is not None else None
    shape = form_of(plan, form, source)
    made = sample(plan, count, now=now or datetime.now(UTC), seed=seed, invalid=invalid, state=given, form=shape)
    sys.stdout.buffer.write(shape.write(plan, made.records))
    sys.stdout.buffer.flush()
    if made.problem is not None:
        click.echo(f"dq: {made.problem}", err=True)
    return 1 if made.problem is not None else 0
