"""`dq export`: say a spec in another language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dq.cli.options import TEXT_OR_JSON, destination, give

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq.exchange import Loss

# Those of dq.exchange, named here so that help imports nothing.
LANGUAGES = (
    "iglu",
    "jsonschema",
    "jsonschema-draft7",
    "odcs",
    "pandera-python",
    "pandera-yaml",
    "pydantic",
    "tableschema",
    "typescript",
)


@click.command("export")
@click.argument("spec", metavar="SPEC")
@click.option("--to", "language", required=True, type=click.Choice(LANGUAGES), help="The language to say it in.")
@destination
@TEXT_OR_JSON
def command(spec: str, language: str, out: str | None, form: str, *, overwrite: bool) -> int:
    """Say SPEC in another language, and list what that language does not say.

    The text goes to stdout or a file, the list to stderr. With --format json both are one JSON object.
    """
    from dq.api import load

    exported = load(spec).export(language)
    deliver(exported.text, exported.losses, out, form, f"not said in {language}", overwrite=overwrite)
    return 0


def deliver(text: str, losses: Sequence[Loss], out: str | None, form: str, heading: str, *, overwrite: bool) -> None:
    """Write a text to a file or stdout, and the losses to stderr, or all of it as one JSON object to stdout."""
    from dq.exchange.documents import to_json

    if out is not None or form != "json":
        give(text.encode(), out, overwrite=overwrite)
    if form == "json":
        click.echo(to_json({"losses": listed(losses)} | ({"text": text} if out is None else {})), nl=False)
        return
    tell(losses, heading)


def listed(losses: Sequence[Loss]) -> list[dict[str, str]]:
    """Return losses for programs."""
    return [{"at": loss.at, "what": loss.what} for loss in losses]


def tell(losses: Sequence[Loss], heading: str) -> None:
    """Print losses for people, below a heading, where there are any."""
    if losses:
        click.echo(f"{heading}:", err=True)
    for loss in losses:
        click.echo(f"  {loss}", err=True)
