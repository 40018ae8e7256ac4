"""`dq suggest`: what a report recommends, as a patch of the spec or as a new version of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dq.drafting.amend import Amended


@click.command("suggest")
@click.argument("report", metavar="REPORT")
@click.option("--spec", metavar="FILE", help="The spec that the report is about.")
@click.option("--apply", "apply_", is_flag=True, help="Write a new version of the spec beside it.")
@click.option("--only", multiple=True, metavar="NAME", help="Take only this recommendation, or kind; several times.")
@click.option("--out", metavar="FILE", help="The new version's file; by default its version is put into the name.")
def command(report: str, spec: str | None, apply_: bool, only: tuple[str, ...], out: str | None) -> int:
    """Print what REPORT, the `report.json` of a run, recommends: YAML to paste, with the evidence as comments.

    With --apply a new version of the spec is written beside the old one, which stays as it is.  Comments and layout
    are kept, and the version is raised as `dq diff` asks for.  What the spec does not take is named, and the command
    ends with 1.
    """
    from dq import plugins
    from dq.drafting.amend import patch_of
    from dq.report.model import load_report

    plugins.load()
    loaded = load_report(report)
    items = _chosen(loaded["recommendations"], only)
    if not apply_ and out is not None:
        raise click.UsageError("--out is for --apply.")
    if apply_ and spec is None:
        raise click.UsageError("--apply needs the spec: --spec FILE.")
    if spec is not None:
        _warn_of_another(spec, str(loaded["spec"]["fingerprint"]))
    if apply_ and spec is not None:
        return _apply(Path(spec), items, out, datetime.fromisoformat(loaded["now"]))
    click.echo(patch_of(items), nl=False)
    return 0


def _chosen(items: list[dict[str, Any]], only: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the recommendations that are asked for, by id or by kind."""
    names = {name for item in items for name in (item["id"], item["kind"])}
    for name in only:
        if name not in names:
            raise click.UsageError(f"the report has no recommendation {name!r}")
    return [item for item in items if not only or {item["id"], item["kind"]} & set(only)]


def _warn_of_another(spec: str, fingerprint: str) -> None:
    """Say so if the spec is not the one that the report was made by."""
    import dq

    if dq.load(spec).fingerprint != fingerprint:
        click.echo(f"dq: {spec} is not the spec of this report, or was changed since", err=True)


def _apply(path: Path, items: list[dict[str, Any]], out: str | None, now: datetime) -> int:
    """Write the new version and say what became of each recommendation."""
    from dq.drafting.amend import amend, with_version
    from dq.sinks.single import write_file
    from dq.spec.loader import load

    document = load(path)
    amended = amend(document.text, path, items)
    _tell(amended)
    if not amended.applied:
        click.echo("nothing was changed, and no file is written", err=True)
        return 1 if amended.refused else 0
    version = _next_version(path, amended.text, now)
    target = path.with_name(_name(path.name, version)) if out is None else Path(out)
    write_file(target, with_version(amended.text, version).encode(), mode=0o644)
    click.echo(f"written to {target} as version {version}", err=True)
    return 1 if amended.refused else 0


def _next_version(path: Path, text: str, now: datetime) -> str:
    """Return the least version that says what the new text changes in meaning, as `dq diff` judges it."""
    from dq.comparison.compare import compare
    from dq.comparison.versions import least
    from dq.plan.compiler import load, load_text

    old = load(path)
    return compare(old, load_text(text, path.name, path.parent), now).needed or least(old.version, "patch")


def _tell(amended: Amended) -> None:
    for name in amended.applied:
        click.echo(f"applied {name}", err=True)
    for refusal in amended.refused:
        click.echo(f"not applied {refusal.id}: {refusal.why}", err=True)


def _name(name: str, version: str) -> str:
    """Return the file name of another version: `orders.dq.yaml` becomes `orders-1.3.0.dq.yaml`."""
    for suffix in (".dq.yaml", ".yaml", ".yml"):
        if name.endswith(suffix):
            return f"{name.removesuffix(suffix)}-{version}{suffix}"
    return f"{name}-{version}"
