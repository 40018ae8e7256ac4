"""`dq diff`: what a new version of a spec changes in meaning."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from dq.cli.options import Moment


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--fail-on", type=click.Choice(["breaking", "any"]), help="Fail where something breaks, or changes.")
@click.option("--now", type=Moment(), help="The moment that `now` means; the present one by default.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="text: for people, on stderr; markdown and json on stdout.",
)
def command(old: str, new: str, fail_on: str | None, now: datetime | None, form: str) -> int:
    """Tell what changed in meaning from OLD to NEW, whom it breaks, and which version it needs.

    Each narrowing comes with a record that OLD accepts and NEW does not.  The exit code is 1 where the version of NEW
    does not say what the changes need, or where --fail-on is met.
    """
    from dq.api import load
    from dq.comparison import render
    from dq.comparison.compare import compare

    comparison = compare(load(old).compiled, load(new).compiled, now or datetime.now(UTC))
    if form == "json":
        click.echo(render.as_json(comparison, {}))
    else:
        lines = render.as_markdown(comparison) if form == "markdown" else render.as_text(comparison)
        click.echo("\n".join(lines), err=form == "text")
    breaks = fail_on == "breaking" and comparison.part == "major"
    return 1 if breaks or (fail_on == "any" and comparison.changes) or not comparison.says_so else 0
