"""`dq infer`: draft a spec from data."""

from __future__ import annotations

from pathlib import Path

import click

from dq.cli import show
from dq.cli.options import FORMATS, destination, give, spooled

_PASSES = 3  # over the bytes: one for the draft, two at most to see whether the source passes it


@click.command("infer")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@destination
@click.option("--input-format", type=click.Choice(FORMATS), help="The format, where name and bytes do not tell it.")
@click.option("--encoding", metavar="NAME", help="The encoding, where it is known.")
@click.option(
    "--sample", type=click.IntRange(min=1), default=200_000, show_default=True, help="How many records are looked at."
)
@click.option("--no-check", is_flag=True, help="Do not run the draft over its own source.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing for people.")
def command(
    sources: tuple[str, ...],
    out: str | None,
    input_format: str | None,
    encoding: str | None,
    sample: int,
    *,
    overwrite: bool,
    no_check: bool,
    quiet: bool,
) -> int:
    """Draft a spec from SOURCE..., each line with what speaks for it, and say what of the source does not pass it.

    A SOURCE is a file, a glob, a folder, or `-` for standard input; several are of one shape.
    """
    from dq import plugins
    from dq.drafting.draft import infer

    plugins.load()
    with spooled(sources) as paths:
        size = sum(Path(path).stat().st_size for path in paths if Path(path).is_file())
        with show.progress(_PASSES * size, quiet=quiet) as advance:
            draft = infer(
                paths,
                source_format=input_format,
                encoding=encoding,
                sample=sample,
                check=not no_check,
                progress=advance,
            )
    give(draft.text.encode(), out, overwrite=overwrite)
    if not quiet:
        click.echo(draft.words(), err=True)
    return 0
