"""`dq run`: clean and judge sources by a spec, and write the results."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from dq.cli import folder, show
from dq.cli.options import Request, judging, read_key, spooled


@click.command("run")
@judging
@click.option("--out", metavar="DIR", help="The output folder; it must not exist. Required but for a dry run.")
@click.option("--replace", "overwrite", is_flag=True, help="Exchange an existing output folder for the new one.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show which cells each step would change.")
@click.option("--index", is_flag=True, help="Write which record each accepted row was made from.")
@click.option("--ledger", is_flag=True, help="Write every change of an accepted cell, and the index.")
@click.option("--ledger-key", metavar="FILE", help="Hash values of pii fields in the ledger with this key.")
@click.option("--mask-key", metavar="FILE", help="Hash fields with `mask: hash` under the key in this file.")
def command(
    request: Request,
    out: str | None,
    overwrite: bool,
    dry_run: bool,
    index: bool,
    ledger: bool,
    ledger_key: str | None,
    mask_key: str | None,
) -> int:
    """Clean and judge SOURCE... by SPEC, and write accepted, quarantined and removed records and the report.

    A SOURCE is a file, a glob, a folder, `-` for standard input, or NAME=PATH to bind it to a source of the
    spec.  The output folder is complete, with a manifest, or absent.  If the batch fails its gate, the rows
    are called held.*, and the exit code is 1.

    Where SPEC is a folder of specs, each record goes to the spec that takes it, which writes its outputs to
    event/version in the output folder; records that no spec takes are in unmatched.jsonl.

    A dry run does everything but write: it shows, step by step, how many cells would change, with examples of
    before and after (none of pii fields), and through which doors the records would go.
    """
    if dry_run:
        if folder.is_folder(request):
            raise click.UsageError("A dry run is for one spec, not for a folder of them.")
        if out or overwrite or index or ledger or ledger_key or mask_key:
            raise click.UsageError("A dry run writes nothing: leave out --out, --replace, the ledger and all keys.")
        if any(form != "json" or path is not None for form, path in request.forms):
            raise click.UsageError("A dry run has no report: its changes are printed as text or by --format json.")
        return _preview(request)
    if out is None:
        raise click.UsageError("Missing option '--out'.")
    keys = {
        "ledger_key": None if ledger_key is None else read_key(ledger_key),
        "mask_key": None if mask_key is None else read_key(mask_key),
    }
    if folder.is_folder(request):
        return folder.run(request, out, replace=overwrite, index=index, ledger=ledger, **keys)
    from dq.api import make_settings
    from dq.engines.ledger import Tracing

    tracing = Tracing(index, ledger, keys["ledger_key"])
    plan = request.plan()
    given = request.conditions(plan)
    if keys["mask_key"] is not None:
        plan = plan.with_mask_key(keys["mask_key"])
    with spooled(request.sources) as paths:
        inputs = plan.inputs(paths, request.input_format)
        with show.progress(plan.bytes_to_read(inputs), quiet=request.quiet) as advance:
            settings = make_settings(request.now, advance, request.memory)
            result = plan.run_to_folder(
                inputs,
                out,
                settings,
                given,
                overwrite=overwrite,
                command=sys.argv,
                tracing=tracing,
            )
    return show.result(result, request, where=out if result.folder else None)


def _preview(request: Request) -> int:
    """Judge, and show what each step would change."""
    from dq.api import make_settings
    from dq.engines.preview import Preview

    plan = request.plan()
    given = request.conditions(plan)
    preview = Preview(plan.compiled)
    with spooled(request.sources) as paths:
        inputs = plan.inputs(paths, request.input_format)
        with show.progress(plan.bytes_to_read(inputs), quiet=request.quiet) as advance:
            result = plan.judge(inputs, make_settings(request.now, advance, request.memory), given, recorders=[preview])
    alone = ("json", None) in request.forms
    code = show.result(result, replace(request, quiet=request.quiet or alone, forms=()))
    show.print_preview(preview.json(result.report.data), request)
    return code
