"""`dq lint`: find every mistake in specs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dq.diagnostics import Diagnostic


@click.command("lint")
@click.argument("specs", nargs=-1, metavar="SPEC...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="text: for people, on stderr; json and github: for programs, on stdout.",
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the language, for editors, and nothing else.")
@click.option("--waivers-schema", is_flag=True, help="Print the JSON Schema of files of waivers, and nothing else.")
@click.option("--waivers", metavar="FILE", help="Judge this file of waivers, too; for one spec.")
def command(specs: tuple[str, ...], form: str, *, schema: bool, waivers_schema: bool, waivers: str | None) -> int:
    """Find every mistake in SPEC... at once, each with its place, a code and what was probably meant.

    A folder stands for the *.dq.yaml files in it.  `dq explain CODE` tells more about a code.
    """
    from dq import plugins
    from dq.cli.options import spec_files
    from dq.diagnostics import Severity
    from dq.plan.compiler import lint

    plugins.load()
    if bool(specs) + schema + waivers_schema != 1:
        raise click.UsageError("Give the specs to lint, or --schema or --waivers-schema alone.")
    if schema or waivers_schema:
        return _schema(waivers=waivers_schema)
    paths = [path for spec in specs for path in spec_files(spec)]
    if waivers is not None and len(paths) != 1:
        raise click.UsageError("Waivers belong to one spec: give it alone.")
    found = list(dict.fromkeys(diagnostic for path in paths for diagnostic in lint(path, waivers)))
    PRINTERS[form](found)
    if any(diagnostic.severity is Severity.ERROR for diagnostic in found):
        return 2
    if form == "text":
        click.echo(f"{len(paths)} spec{'s' if len(paths) != 1 else ''}: no mistake found", err=True)
    return 0


def _schema(*, waivers: bool) -> int:
    from dq.plan.language import language_json, waivers_json

    click.echo(waivers_json() if waivers else language_json(), nl=False)
    return 0


def _text(found: list[Diagnostic]) -> None:
    from dq.catalog.render import render

    if found:
        texts = {name: _source(name) for name in sorted({d.span.file for d in found})}
        click.echo(render(found, texts), err=True)
        click.echo(
            f"{len(found)} mistake{'s' if len(found) != 1 else ''}; `dq explain {found[0].code}` tells more", err=True
        )


def _source(name: str) -> str:
    try:
        return Path(name).read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return ""


def _json(found: list[Diagnostic]) -> None:
    listed = [
        {
            "file": d.span.file,
            "line": d.span.line,
            "column": d.span.column,
            "end_line": d.span.end_line,
            "end_column": d.span.end_column,
            "code": d.code,
            "severity": d.severity.value,
            "message": d.message,
            "suggestion": d.suggestion,
        }
        for d in found
    ]
    click.echo(json.dumps(listed, ensure_ascii=False, indent=2))


def _github(found: list[Diagnostic]) -> None:
    """Print workflow commands; percent signs and line ends of messages are escaped, so that none can be forged."""
    for d in found:
        place = f"file={_property(d.span.file)},line={d.span.line},col={d.span.column}"
        hint = f" ({d.hint})" if d.hint else ""
        click.echo(f"::{d.severity.value} {place},title={d.code}::{_data(d.message + hint)}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


PRINTERS = {"text": _text, "json": _json, "github": _github}
