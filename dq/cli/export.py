"""`dq export`: say a spec in another language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dq.cli.options import TEXT_OR_JSON

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
@click.option("-o", "--output", metavar="FILE", help="Write to this file, which is replaced; else to stdout.")
@TEXT_OR_JSON
def command(spec: str, language: str, output: str | None, form: str) -> int:
    """Say SPEC in another language, and list what that language does not say.

    The text goes to stdout or a file, the list to stderr. With --format json both are one JSON object.
    """
    from dq.api import load

    exported = load(spec).export(language)
    deliver(exported.text, exported.losses, output, form, f"not said in {language}")
    return 0


def deliver(text: str, losses: Sequence[Loss], output: str | None, form: str, heading: str) -> None:
    """Write a text to a file or stdout, and the losses to stderr, or all of it as one JSON object to stdout."""
    from dq.exchange.documents import to_json
    from dq.sinks.single import write_file

    if output is not None:
        write_file(Path(output), text.encode(), overwrite=True, mode=0o644)
    if form == "json":
        listed = [{"at": loss.at, "what": loss.what} for loss in losses]
        click.echo(to_json({"losses": listed} | ({"text": text} if output is None else {})), nl=False)
        return
    if output is None:
        click.echo(text, nl=False)
    if losses:
        click.echo(f"{heading}:", err=True)
    for loss in losses:
        click.echo(f"  {loss}", err=True)
