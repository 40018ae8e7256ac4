"""`dq try`: what becomes of one record, step by step."""  # noqa: N999 - it is called by its verb, and never named

from __future__ import annotations

import sys

import click
import orjson

from dq.cli.options import Moment


@click.command("try")
@click.argument("spec", metavar="SPEC")
@click.argument("record", metavar="RECORD")
@click.option("--source", metavar="NAME", help="The source of the spec by whose paths and marks the record is read.")
@click.option("--state", metavar="FILE", help="What fitted steps learnt; needed where the spec has any.")
@click.option("--now", type=Moment(), help="The moment that `now` means; the present one by default.")
@click.option("--show-pii", is_flag=True, help="Show values of personal data, which are covered otherwise.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people or programs.")
def command(
    spec: str, record: str, source: str | None, state: str | None, now: object, *, show_pii: bool, form: str
) -> int:
    """Show what becomes of RECORD by SPEC: each cleaning step, the cast, each check, the door, the canonical record.

    RECORD is one JSON object, or - for standard input.  The exit code is 1 if the record is refused.
    """
    from datetime import UTC, datetime

    from dq.api import load, load_state
    from dq.engines.trial import Trial
    from dq.plan.demands import need_nothing_of_others
    from dq.report.trial import way

    plan = load(spec).compiled
    given = load_state(state) if state is not None else None
    need_nothing_of_others(plan, given)
    text = sys.stdin.buffer.read().strip() if record == "-" else record
    trial = Trial(plan, given.thaw(plan) if given is not None else {}, source, show_pii)
    told = trial.of(text, now if isinstance(now, datetime) else datetime.now(UTC))
    if form == "json":
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()
    else:
        click.echo(way(told))
    return 1 if told["door"] == "quarantined" else 0
