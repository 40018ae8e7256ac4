"""`dq init`: a new project in a folder."""

from __future__ import annotations

import shlex
from pathlib import Path

import click


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".")
def command(folder: str) -> int:
    """Write a new project into DIR (here, if not given): a spec, tiny data, a README, a file for CI.

    It passes at once, and three commands are printed to go on with.  Nothing is overwritten.
    """
    from dq.drafting.new_project import COMMANDS, create

    made = create(Path(folder))
    click.echo(f"written to {folder}: {', '.join(made)}\n", err=True)
    click.echo("Go on with:\n", err=True)
    if Path(folder) != Path():
        click.echo(f"  cd {shlex.quote(folder)}")
    width = max(len(words) for words, _ in COMMANDS)
    for words, what in COMMANDS:
        click.echo(f"  {words.ljust(width)}  # {what}")
    return 0
