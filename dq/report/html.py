"""`report.html`: the report for people, one self-contained file made from the values of `report.json` alone.

The page loads nothing: its style sheet, its script and its pictures stand in it, and a content-security policy names
the two by their sums and forbids everything else, so that nothing that data brings could run or be fetched.  Every
value passes through Jinja's escaping; the script only sorts, searches, folds and copies what is there already.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq.report import wording
from dq.report.findings import Paths
from dq.report.page import checks, drawing, drift, fields, overview

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("page") / "templates"
URGENT = 3
"""So many recommendations stand on the first screen."""
FAULTS = 4
"""So many checks with faults, and so many promises of the batch that do not hold, stand on the first screen."""


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return the page of a report, given as JSON values; the same values give the same bytes, wherever files are."""
    del paths
    style, script = _part("style.css"), _part("script.js")
    policy = (
        "default-src 'none'; img-src data:; "
        f"style-src '{_sum(style)}'; script-src '{_sum(script)}'; base-uri 'none'; form-action 'none'"
    )
    page = _environment().get_template("page.html.j2")
    return page.render(policy=policy, style=style, script=script, **_view(report)).encode()


def _view(report: dict[str, Any]) -> dict[str, Any]:
    """Return everything that the templates show."""
    listed = checks.rows(report)
    return {
        "report": report,
        "word": overview.WORDS[report["verdict"]],
        "tone": overview.TONES[report["verdict"]],
        "sentence": overview.sentence(report),
        "answers": overview.answers(report),
        "flow": drawing.flow(report["records"]),
        "urgent": report["recommendations"][:URGENT],
        "later": report["recommendations"][URGENT:],
        "checks": listed,
        "unmet": overview.unmet(report)[:FAULTS],
        "faults": [row for row in listed if row.check["failed"]][:FAULTS],
        "dimensions": checks.dimensions(report),
        "fields": fields.rows(report),
        "drift": drift.rows(report),
        "cleaning": [step for step in report["cleaning"] if step["changed"]],
        "idle": [step for step in report["cleaning"] if not step["changed"]],
        "anchors": {name: f"field-{number}" for number, name in enumerate(report["fields"], 1)},
    }


@cache
def _environment() -> Environment:
    """Return the templates' environment: everything is escaped, and a name that is not there is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("plain", "lines", "percent", "limit_percent", "count", "several", "shown", "measure", "size", "place"):
        environment.filters[name] = getattr(wording, name)
    environment.globals |= {"bar": drawing.bar, "tones": overview.TONES}
    return environment


def _part(name: str) -> Any:
    """Return a file of the page as text that is not to be escaped: it is ours."""
    from markupsafe import Markup

    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704


def _sum(text: str) -> str:
    """Return the source expression by which a policy allows exactly this text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
