"""`dq plan`: print the passes of a spec's plan."""

from __future__ import annotations

import click


@click.command("plan")
@click.argument("spec", metavar="SPEC")
def command(spec: str) -> int:
    """Print the passes of SPEC: its steps in order, its barriers, what each scan reads, and its fingerprint."""
    from dq.api import load

    click.echo(load(spec).explain())
    return 0
