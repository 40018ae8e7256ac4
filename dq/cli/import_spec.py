"""`dq import`: make a spec from another language."""

from __future__ import annotations

from pathlib import Path

import click

from dq.cli.export import deliver
from dq.cli.options import TEXT_OR_JSON, destination

# Those of dq.exchange, named here so that help imports nothing.
SOURCES = ("dbt", "great-expectations", "iglu", "jsonschema", "odcs", "tableschema")


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("--from", "language", type=click.Choice(SOURCES), help="The language; seen by the content if not given.")
@destination
@TEXT_OR_JSON
def command(file: str, language: str | None, out: str | None, form: str, *, overwrite: bool) -> int:
    """Make a spec from FILE, which is in another language, and list what is not carried over.

    The spec lints clean. The list stands in it as comments and goes to stderr; with --format json all is one JSON
    object.
    """
    from dq.exchange import import_spec

    imported = import_spec(file, language)
    heading = f"not carried over from {Path(file).name}"
    deliver(imported.text, imported.losses, out, form, heading, overwrite=overwrite)
    return 0
