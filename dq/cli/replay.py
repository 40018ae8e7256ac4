"""`dq replay`: judge refused records again, from their raw text."""

from __future__ import annotations

import sys

import click

from dq.cli import show
from dq.cli.options import Rendering, Request, one_on_stdout, read_key


@click.command("replay")
@click.argument("quarantine", metavar="QUARANTINE")
@click.option("--spec", required=True, metavar="SPEC", help="The spec that judges now.")
@click.option("--out", metavar="DIR", help="Write an output folder; without it nothing is written.")
@click.option("--replace", "overwrite", is_flag=True, help="Exchange an existing output folder for the new one.")
@click.option("--state", metavar="FILE", help="What the steps that learn apply; a spec that learns needs it.")
@click.option("--against", multiple=True, metavar="DIR", help="Compare keys with the accepted rows of this folder.")
@click.option("--profile", metavar="NAME", help="Judge by this profile of the gate of the spec.")
@click.option("--waivers", metavar="FILE", help="The failures that are put up with, by whom and until when.")
@click.option("--fail-on", type=click.Choice(["error", "warning"]), help="Tighten the gate of the spec.")
@click.option("--mask-key", metavar="FILE", help="Hash fields with `mask: hash` under the key in this file.")
@click.option(
    "--format",
    "forms",
    type=Rendering(),
    multiple=True,
    callback=one_on_stdout,
    metavar="FORMAT[=FILE]",
    help="Print the report in another form, or write it to a file, as `dq run` does.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing for people.")
def command(
    quarantine: str,
    spec: str,
    out: str | None,
    overwrite: bool,
    state: str | None,
    against: tuple[str, ...],
    profile: str | None,
    waivers: str | None,
    fail_on: str | None,
    mask_key: str | None,
    forms: tuple[tuple[str, str | None], ...],
    quiet: bool,
) -> int:
    """Judge the records of QUARANTINE, a quarantine.jsonl or removed.jsonl, again, and say which pass now.

    Each record is read from its raw text by the source of the same name, judged alone, as of the moment at which it
    was judged before. Uniqueness, deduplication and expectations are not asked, but for keys with --against.
    """
    from dq.api import load, load_state

    plan = load(spec)
    if mask_key is not None:
        plan = plan.with_mask_key(read_key(mask_key))
    given = load_state(state) if state is not None else None
    request = Request(
        spec=spec,
        sources=(quarantine,),
        now=None,
        fail_on=fail_on,
        profile=profile,
        unmatched=None,
        waivers=waivers,
        baseline=None,
        input_format=None,
        state=state,
        against=against,
        train=(),
        memory=None,
        forms=forms,
        quiet=quiet,
        timings=False,
    )
    result = plan.replay(
        quarantine,
        out=out,
        replace=overwrite,
        state=given,
        fail_on=fail_on,
        profile=profile,
        waivers=waivers,
        against=against,
        command=sys.argv,
    )
    code = show.result(result, request, where=out if result.folder else None)
    if not quiet and all(path is not None for _, path in forms):
        show.print_replay(result.report["replay"])
    return code
