"""`dq explain`: explain a diagnostic code."""

from __future__ import annotations

import textwrap

import click

from dq.catalog import CATALOG
from dq.diagnostics import did_you_mean

WIDTH = 88


def _wrapped(explanation: str) -> str:
    """Return an explanation with its prose cut into lines; examples keep theirs."""
    blocks = explanation.strip().split("\n\n")
    return "\n\n".join(block if block.startswith(" ") else textwrap.fill(block, WIDTH) for block in blocks)


@click.command("explain")
@click.argument("code", metavar="CODE")
def command(code: str) -> int:
    """Explain CODE: what it means, why it is refused, and what to write instead."""
    row = CATALOG.get(code.upper())
    if row is None:
        near = did_you_mean(code.upper(), CATALOG)
        hint = f" Did you mean {near}?" if near else ""
        raise click.UsageError(f"There is no code {code!r}.{hint} `dq list codes` shows all.")
    click.echo(f"{row.code}: {row.title}\n\n{_wrapped(row.explanation)}")
    return 0
