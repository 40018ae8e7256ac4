"""`dq diff`: what a new version of a spec changes in meaning."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from dq.cli.options import FORMATS, Moment


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--fail-on", type=click.Choice(["breaking", "any"]), help="Fail where something breaks, or changes.")
@click.option(
    "--data", multiple=True, metavar="SOURCE", help="Count the records of these files that change their door or values."
)
@click.option("--input-format", type=click.Choice(FORMATS), help="The format of inputs whose name does not tell it.")
@click.option("--now", type=Moment(), help="The moment that `now` means; the present one by default.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="text: for people, on stderr; markdown and json on stdout.",
)
def command(
    old: str,
    new: str,
    fail_on: str | None,
    data: tuple[str, ...],
    input_format: str | None,
    now: datetime | None,
    form: str,
) -> int:
    """Tell what changed in meaning from OLD to NEW, whom it breaks, and which version it needs.

    Each narrowing comes with a record that OLD accepts and NEW does not.  The exit code is 1 where the version of NEW
    does not say what the changes need, or where --fail-on is met.
    """
    from dq.api import load
    from dq.comparison import render
    from dq.comparison.compare import compare
    from dq.comparison.stored import compare_stored, in_words

    plans = load(old).compiled, load(new).compiled
    moment = now or datetime.now(UTC)
    comparison = compare(*plans, moment)
    found = compare_stored(*plans, data, input_format, moment) if data else None
    if form == "json":
        click.echo(render.as_json(comparison, {} if found is None else {"data": found}))
    else:
        lines = [*(render.as_markdown(comparison) if form == "markdown" else render.as_text(comparison))]
        told = [] if found is None else ["", *in_words(found)]
        click.echo("\n".join([*lines, *told]), err=form == "text")
    breaks = fail_on == "breaking" and comparison.part == "major"
    return 1 if breaks or (fail_on == "any" and comparison.changes) or not comparison.says_so else 0
