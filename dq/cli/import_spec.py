"""`dq import`: make a spec from another language."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dq.cli.export import deliver, listed, tell
from dq.cli.options import TEXT_OR_JSON, destination, give

if TYPE_CHECKING:
    from dq.exchange import ImportedTables

# Those of dq.exchange, named here so that help imports nothing.
SOURCES = ("dbt", "great-expectations", "iglu", "jsonschema", "odcs", "tableschema")


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("--from", "language", type=click.Choice(SOURCES), help="The language; seen by the content if not given.")
@click.option("--table", metavar="NAME", help="The table to read, of a FILE that describes several.")
@destination
@TEXT_OR_JSON
def command(file: str, language: str | None, table: str | None, out: str | None, form: str, *, overwrite: bool) -> int:
    """Make a spec from FILE, which is in another language, and list what is not carried over.

    The spec lints clean. The list stands in it as comments and goes to stderr; with --format json all is one JSON
    object. Where FILE describes several tables, -o names a folder for a spec of each, or --table chooses one.
    """
    from dq.exchange import import_spec, import_tables

    name = Path(file).name
    if table is None:
        tables = import_tables(file, language)
        if len(tables.specs) + len(tables.losses) > 1:
            return _folder(tables, name, out, form, overwrite=overwrite)
    imported = import_spec(file, language, table)
    deliver(imported.text, imported.losses, out, form, f"not carried over from {name}", overwrite=overwrite)
    return 0


def _folder(tables: ImportedTables, name: str, out: str | None, form: str, *, overwrite: bool) -> int:
    """Write a spec of each table into a folder, and list what is not carried over of each."""
    from dq.errors import SinkError
    from dq.exchange.documents import to_json

    if out is None or out.endswith((".yaml", ".yml")):
        known = ", ".join((*tables.specs, *(loss.at.removeprefix("table ") for loss in tables.losses)))
        raise click.UsageError(
            f"{name} describes several tables ({known}): choose one with --table, or name a folder with -o."
        )
    paths = {table: Path(out) / f"{table}.dq.yaml" for table in tables.specs}
    if not overwrite:
        for path in filter(os.path.lexists, paths.values()):
            raise SinkError(f"{path} exists already: choose another folder, or replace it")
    Path(out).mkdir(parents=True, exist_ok=True)
    for table, imported in tables.specs.items():
        give(imported.text.encode(), str(paths[table]), overwrite=overwrite)
    if form == "json":
        of_each = {table: listed(imported.losses) for table, imported in tables.specs.items()}
        click.echo(to_json({"tables": of_each, "losses": listed(tables.losses)}), nl=False)
        return 0
    for table, imported in tables.specs.items():
        tell(imported.losses, f"not carried over from {name} to {paths[table]}")
    tell(tables.losses, f"not read from {name}")
    return 0
