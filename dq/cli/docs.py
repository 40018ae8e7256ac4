"""`dq docs`: a static site of the specs of a folder and their latest reports."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("docs")
@click.argument("folder", metavar="DIR")
@click.option("--out", metavar="SITE", default="dq-site", show_default=True, help="The folder to write.")
@click.option("--reports", multiple=True, metavar="DIR", help="Another folder with reports; several times.")
@click.option("--replace", "overwrite", is_flag=True, help="Replace an existing site.")
def command(folder: str, out: str, reports: tuple[str, ...], overwrite: bool) -> int:
    """Make a static site of the specs below DIR: an index with search, a page for each spec, and its latest report.

    Reports are each `report.json` at any depth. The pages load nothing, need no server, and are complete without a
    script.
    """
    from dq import plugins
    from dq.report.site.pages import pages
    from dq.report.site.registry import read_registry
    from dq.report.wording import several
    from dq.sinks.folder import OutputFolder

    plugins.load()
    registry = read_registry(Path(folder), [Path(each) for each in reports])
    with OutputFolder(out, replace=overwrite) as site:
        for name, data in pages(registry).items():
            site.write(name, data)
        site.commit()
    specs, reports_read = several(len(registry.entries), "spec"), several(len(registry.runs), "report")
    refused = sum(entry.plan is None for entry in registry.entries)
    told = f", {refused} of them refused" if refused else ""
    click.echo(f"{specs}{told}, {reports_read}; written to {out}", err=True)
    return 0
